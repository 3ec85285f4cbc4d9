// SPDX-License-Identifier: BSL-1.0
/// @file
/// Numbers, times and foreign text as they stand in a page: the same in every locale, and harmless in HTML.
/// Units and wording are the sections' own.
#pragma once

#include <espalier/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace espalier::html {

/// Text from outside, for between tags and within quoted attributes.
[[nodiscard]] inline std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char const c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t')
            out += "\xEF\xBF\xBD"; // no character of HTML
        else
            out += c;
    }
    return out;
}

/// A finite number with so many digits after the point, for attributes of SVG: "-0.50". Not finite: "0".
[[nodiscard]] inline std::string plain(double v, int digits) {
    if (!std::isfinite(v)) return "0";
    char out[400]; // 309 digits before the point
    auto const end = std::to_chars(out, out + sizeof out, v, std::chars_format::fixed, std::clamp(digits, 0, 60)).ptr;
    std::string text{out, end};
    bool const is_zero = text.find_first_of("123456789") == std::string::npos;
    return is_zero && text.front() == '-' ? text.substr(1) : text;
}

/// A number for readers: a minus sign in place of the hyphen, commas between thousands; "–" where it is not finite.
[[nodiscard]] inline std::string fixed(double v, int digits) {
    if (!std::isfinite(v)) return "–";
    std::string const text  = plain(std::fabs(v), digits);
    std::size_t const whole = std::min(text.find('.'), text.size());
    bool const is_zero      = text.find_first_of("123456789") == std::string::npos;
    std::string out         = v < 0 && !is_zero ? "−" : "";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0) out += ',';
        out += text[i];
    }
    return out;
}

/// The same with a sign before numbers above zero.
[[nodiscard]] inline std::string with_sign(double v, int digits) {
    std::string const text = fixed(v, digits);
    bool const is_zero     = text.find_first_of("123456789") == std::string::npos;
    return v > 0 && !is_zero ? "+" + text : text;
}

/// About so many digits that count: 1234.5678 as "1,235", 0.00123456 as "0.001235", beyond that with a power of ten.
[[nodiscard]] inline std::string significant(double v, int digits = 4) {
    if (v == 0 || !std::isfinite(v)) return fixed(v, 0);
    int const before = static_cast<int>(std::floor(std::log10(std::fabs(v)))) + 1;
    if (before >= -3 && before <= 9) return fixed(v, std::max(0, digits - before));
    char out[40];
    auto const end = std::to_chars(out, out + sizeof out, v, std::chars_format::scientific, digits - 1).ptr;
    return {out, end};
}

/// A count with commas.
[[nodiscard]] inline std::string count(std::int64_t n) {
    return fixed(static_cast<double>(n), 0);
}

/// "1 day", "2 days".
[[nodiscard]] inline std::string count_of(std::int64_t n, std::string_view one, std::string_view many) {
    return joined(count(n), ' ', n == 1 ? one : many);
}

/// A share as "12.3 %", with a no-break space.
[[nodiscard]] inline std::string percent(double share, int digits = 1) {
    return std::isfinite(share) ? fixed(100 * share, digits) + "\u00A0%" : "–";
}
/// A difference as "+12.3 %".
[[nodiscard]] inline std::string signed_percent(double share, int digits = 1) {
    return std::isfinite(share) ? with_sign(100 * share, digits) + "\u00A0%" : "–";
}

/// Seconds as "4.2 s", "12 min 05 s", "3 h 07 min".
[[nodiscard]] inline std::string duration(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e12) return "–";
    if (seconds < 59.95) return fixed(seconds, 1) + "\u00A0s";
    auto const s   = static_cast<std::int64_t>(seconds + 0.5);
    auto const two = [](std::int64_t n) { return joined(n < 10 ? "0" : "", n); };
    return s < 3600 ? joined(s / 60, "\u00A0min ", two(s % 60), "\u00A0s")
                    : joined(count(s / 3600), "\u00A0h ", two(s / 60 % 60), "\u00A0min");
}

} // namespace espalier::html

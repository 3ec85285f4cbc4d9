// SPDX-License-Identifier: BSL-1.0
/// @file
/// Writes the members of one flat JSON object, whatever is in their texts and whatever the locale.
/// No arrays, no objects within, no reading.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace espalier::detail {

/// How many bytes of a text make a character by the rules of UTF-8: 0 where none does.
/// @par Source    The Unicode Standard 15.0, table 3-7
[[nodiscard]] constexpr std::size_t utf8_length(std::string_view text) noexcept {
    auto const byte  = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto const tail  = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
    unsigned const a = byte(0), b = byte(1);
    if (text.empty() || a < 0x80) return text.empty() ? 0 : 1;
    if (a >= 0xc2 && a <= 0xdf) return tail(1) ? 2 : 0;
    if (a >= 0xe0 && a <= 0xef) return tail(1) && tail(2) && (a != 0xe0 || b >= 0xa0) && (a != 0xed || b <= 0x9f) ? 3 : 0;
    if (a >= 0xf0 && a <= 0xf4) return tail(1) && tail(2) && tail(3) && (a != 0xf0 || b >= 0x90) && (a != 0xf4 || b <= 0x8f) ? 4 : 0;
    return 0;
}

/// A text as it stands in JSON, quotes included; a byte that is no UTF-8 becomes U+FFFD.
[[nodiscard]] inline std::string json_quoted(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out         = "\"";
    for (std::size_t i = 0; i < text.size();) {
        auto const c             = static_cast<unsigned char>(text[i]);
        std::size_t const length = utf8_length(text.substr(i));
        if (length == 0) out.append("\xef\xbf\xbd");
        else if (c == '"' || c == '\\') out.append(1, '\\').append(1, text[i]);
        else if (c < 0x20 || c == 0x7f) out.append("\\u00").append(1, digits[c >> 4]).append(1, digits[c & 15]);
        else out.append(text.substr(i, length));
        i += length == 0 ? 1 : length;
    }
    return out.append("\"");
}

/// The members in the order in which they are added: `"rank": 0, "host": "n1"`.
class json_line {
public:
    template <class Integer>
    json_line& number(std::string_view name, Integer value) {
        return add(name, std::to_string(value));
    }
    json_line& text(std::string_view name, std::string_view value) { return add(name, json_quoted(value)); }
    json_line& boolean(std::string_view name, bool value) { return add(name, value ? "true" : "false"); }

    [[nodiscard]] std::string const& members() const noexcept { return members_; }

private:
    json_line& add(std::string_view name, std::string_view value) {
        if (!members_.empty()) members_.append(", ");
        members_.append(json_quoted(name)).append(": ").append(value);
        return *this;
    }

    std::string members_;
};

}  // namespace espalier::detail

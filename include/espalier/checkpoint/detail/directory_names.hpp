// SPDX-License-Identifier: BSL-1.0
/// @file
/// The names that `checkpoint::directory` gives on disk, and what a name that lies there means.
/// Pure functions: no disk is touched.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace espalier::checkpoint::detail {

/// ```
/// step-000000000400            a committed step, its attempt 0
/// step-000000000400.2          its attempt 2, which replaces the lower ones
/// step-000000000400.partial    what was put and not committed
/// <any of these>.removed       waits for its files to be deleted
/// ```
struct step_name {
    enum class kind { committed, partial, removed };
    kind is;
    std::int64_t step;
    int attempt; ///< of a committed step
};

inline constexpr std::string_view step_prefix    = "step-";
inline constexpr std::string_view removed_suffix = ".removed";
inline constexpr std::size_t step_digits         = 12;

/// The folder of an attempt at a step; a step of more than 12 digits has a longer name.
[[nodiscard]] inline std::string committed_name(std::int64_t step, int attempt) {
    std::string const digits = std::to_string(step); // never grouped by a locale, unlike a stream's
    std::string out{step_prefix};
    out.append(step_digits - std::min(step_digits, digits.size()), '0').append(digits);
    if (attempt > 0) out.append(1, '.').append(std::to_string(attempt));
    return out;
}
[[nodiscard]] inline std::string partial_name(std::int64_t step) {
    return committed_name(step, 0).append(".partial");
}
[[nodiscard]] inline std::string removed_name(std::string name) {
    return name.append(removed_suffix);
}

/// The name under which a part is written before it is whole; no part can be named so.
[[nodiscard]] inline std::string aside_name(std::string_view part) {
    return std::string{"."}.append(part).append(".writing");
}

/// A number of decimal digits alone, without sign.
template <class T>
[[nodiscard]] std::optional<T> digits_from(std::string_view text) {
    T value{};
    if (text.empty() || text.front() < '0' || text.front() > '9') return {};
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

/// What a name in the folder stands for; nothing where the place would not have given it.
[[nodiscard]] inline std::optional<step_name> parse_step_name(std::string_view name) {
    if (name.ends_with(removed_suffix)) {
        auto inner = parse_step_name(name.substr(0, name.size() - removed_suffix.size()));
        if (!inner || inner->is == step_name::kind::removed) return {};
        inner->is = step_name::kind::removed;
        return inner;
    }
    if (!name.starts_with(step_prefix)) return {};
    auto const dot  = std::min(name.find('.'), name.size());
    auto const step = digits_from<std::int64_t>(name.substr(step_prefix.size(), dot - step_prefix.size()));
    if (!step) return {};
    if (name == partial_name(*step)) return step_name{step_name::kind::partial, *step, 0};
    int const attempt = dot < name.size() ? digits_from<int>(name.substr(dot + 1)).value_or(0) : 0;
    if (name != committed_name(*step, attempt)) return {}; // leading zeros, too few digits, another suffix
    return step_name{step_name::kind::committed, *step, attempt};
}

/// Whether a part may be named so: 1 to 200 bytes, a file's name on every system that is at hand, not hidden.
[[nodiscard]] inline bool is_part_name(std::string_view name) {
    return !name.empty() && name.size() <= 200 && name.front() != '.' && std::none_of(name.begin(), name.end(), [](char c) {
        auto const u = static_cast<unsigned char>(c);
        return u == '/' || u == '\\' || u < 0x20 || u == 0x7f;
    });
}

} // namespace espalier::checkpoint::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What checkpoint/ throws, and how its messages show a name that came from a file.
/// Settings out of range (how many steps to keep) are `invalid_setting` of core/error.hpp, not here.
#pragma once

#include <espalier/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace espalier::checkpoint {

/// Bytes that cannot be trusted, are not there, or cannot be read or written: a damaged file, an unknown step, a full disk.
class bad_checkpoint : public error {
public:
    using error::error;
};

namespace detail {

inline constexpr char const* page = "policies/checkpoint.md";

/// A name from a file as a message may show it: in quotes, one line of plain ASCII, at most about 60 characters.
[[nodiscard]] inline std::string in_quotes(std::string_view name) {
    constexpr std::size_t most   = 60;
    constexpr char const* digits = "0123456789abcdef";
    std::string out              = "\"";
    for (char const c : name.substr(0, most)) {
        auto const u = static_cast<unsigned char>(c);
        if (u >= 0x20 && u < 0x7f && c != '"' && c != '\\') {
            out += c;
        } else {
            out += {'\\', 'x', digits[u >> 4], digits[u & 15]};
        }
    }
    out += name.size() > most ? "…\"" : "\"";
    return out;
}

}  // namespace detail
}  // namespace espalier::checkpoint

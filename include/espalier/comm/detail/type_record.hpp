// SPDX-License-Identifier: BSL-1.0
/// @file
/// A type as something that ranks can compare and errors can print: one address a type, with its name and size.
#pragma once

#include <cstddef>
#include <string_view>

namespace espalier::detail {

/// The name of T as the compiler spells it.
template <class T>
[[nodiscard]] constexpr std::string_view type_name() noexcept {
    std::string_view const all   = __PRETTY_FUNCTION__;  // "… [with T = float; …]" or "… [T = float]"
    std::size_t const first      = all.find("T = ") + 4;
    return all.substr(first, all.find_first_of(";]", first) - first);
}

/// What is said of a type.
struct type_record {
    std::string_view name;
    std::size_t bytes;
};

/// The record of T; its address stands for T.
template <class T>
inline constexpr type_record record_of{type_name<T>(), sizeof(T)};

}  // namespace espalier::detail

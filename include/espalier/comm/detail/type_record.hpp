// SPDX-License-Identifier: BSL-1.0
/// @file
/// A type as something that ranks can compare and errors can print: one record a type, with its name, size and a digest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace espalier::detail {

/// The name of T as the compiler spells it.
template <class T>
[[nodiscard]] constexpr std::string_view type_name() noexcept {
    std::string_view const all   = __PRETTY_FUNCTION__;  // "… [with T = float; …]" or "… [T = float]"
    std::size_t const first      = all.find("T = ") + 4;
    return all.substr(first, all.find_first_of(";]", first) - first);
}

/// A number that differs where texts or numbers differ: FNV-1a over their bytes or words, from `h` on.
[[nodiscard]] constexpr std::uint64_t digest(std::string_view text, std::uint64_t h = 0xcbf29ce484222325ull) noexcept {
    for (char const c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    return h;
}
[[nodiscard]] constexpr std::uint64_t digest(std::int64_t number, std::uint64_t h) noexcept {
    return (h ^ static_cast<std::uint64_t>(number)) * 0x100000001b3ull;
}

/// What is said of a type.
struct type_record {
    std::string_view name;
    std::size_t bytes;
};

/// The record of T; within one process its address stands for T.
template <class T>
inline constexpr type_record record_of{type_name<T>(), sizeof(T)};

}  // namespace espalier::detail

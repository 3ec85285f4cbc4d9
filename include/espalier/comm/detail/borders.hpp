// SPDX-License-Identifier: BSL-1.0
/// @file
/// What communicators ask of the borders that a caller gives: that they are borders, and a number by which ranks compare them.
#pragma once

#include <espalier/comm/detail/type_record.hpp>
#include <espalier/core/error.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace espalier::detail {

/// Throws unless `borders` has a border before each rank and one after the last, from 0 and never falling.
/// @param entity the communicator that complains
inline void require_borders(char const* entity, std::span<std::int64_t const> borders, int ranks) {
    bool const fits = static_cast<std::int64_t>(borders.size()) == ranks + 1 && borders.front() == 0;
    if (!fits || !std::is_sorted(borders.begin(), borders.end()))
        throw invalid_setting{{entity, joined(ranks + 1, " borders that start at 0 and do not fall"),
                               joined(borders.size(), " borders", fits ? ", one below the one before it" : ""),
                               "Give the first element of each rank's part, and the number of elements as the last border",
                               "policies/communicator.md"}};
}

/// A number that differs where borders differ.
[[nodiscard]] inline std::int64_t digest_of(std::span<std::int64_t const> borders) noexcept {
    std::uint64_t h = digest(std::string_view{});
    for (std::int64_t const b : borders) h = digest(b, h);
    return static_cast<std::int64_t>(h >> 1);
}

}  // namespace espalier::detail

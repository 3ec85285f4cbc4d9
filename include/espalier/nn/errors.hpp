// SPDX-License-Identifier: BSL-1.0
/// @file
/// What layers and losses reject in data that passes through them. Shapes are checked at compile time, not here.
#pragma once

#include <espalier/core/error.hpp>

#include <cstdint>
#include <string>

namespace espalier {

/// A number that stands for one of a few things (token, segment, class, position) is none of them. Thrown on the rank that met it.
class bad_index : public error {
public:
    using error::error;
};

namespace detail {

/// `value` as an index below `count`; −1 where it is none.
template <class T>
[[nodiscard]] std::int64_t index_below(std::int64_t count, T value) noexcept {
    if (!(value >= T{0} && value < static_cast<T>(count))) return -1;  // NaN too
    auto const index = static_cast<std::int64_t>(value);
    return static_cast<T>(index) == value ? index : -1;
}

/// "step 1 of sample 3": row r of a batch is step r / batch of sample r mod batch.
[[nodiscard]] inline std::string row_in_batch(std::int64_t row, std::int64_t batch) { return joined("step ", row / batch, " of sample ", row % batch); }

/// @throws bad_index, always
[[noreturn]] inline void reject_index(char const* entity, char const* what, std::int64_t count, double value, std::string const& place, char const* fix) {
    throw bad_index{{entity, joined(what, " from 0 to ", count - 1), joined(value, " at ", place, " of the batch"), fix, "policies/model.md"}};
}

}  // namespace detail
}  // namespace espalier

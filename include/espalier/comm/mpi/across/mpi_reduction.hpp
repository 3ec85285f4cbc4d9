// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which reductions MPI can take as it is: elements that it knows, combined as `sum`, `maximum` and `minimum` combine them.
/// MPI's order is its own: these serve where the order is `fastest`.
#pragma once

#include <espalier/comm/mpi/across/messages.hpp>
#include <espalier/comm/reductions.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>

#include <mpi.h>

namespace espalier::mpi_detail {

/// Of floating point only sums: MPI's maximum of a NaN and a number may be either, `maximum` gives the NaN.
template <class T, class Op>
inline constexpr bool has_mpi_reduction = std::same_as<Op, sum> && (std::same_as<T, float> || std::same_as<T, double>);
template <class T, class Op>
    requires(std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t>)
inline constexpr bool has_mpi_reduction<T, Op> = std::same_as<Op, sum> || std::same_as<Op, maximum> || std::same_as<Op, minimum>;

template <class T>
[[nodiscard]] MPI_Datatype mpi_type_of() noexcept {
    if constexpr (std::same_as<T, float>) return MPI_FLOAT;
    else if constexpr (std::same_as<T, double>) return MPI_DOUBLE;
    else if constexpr (std::same_as<T, std::int32_t>) return MPI_INT32_T;
    else return MPI_INT64_T;
}
template <class Op>
[[nodiscard]] MPI_Op mpi_operation_of() noexcept {
    if constexpr (std::same_as<Op, sum>) return MPI_SUM;
    else if constexpr (std::same_as<Op, maximum>) return MPI_MAX;
    else return MPI_MIN;
}

/// Posts MPI's own all-reduce of `data` over `ranks`, in place, in pieces that fit its counts.
template <class T, class Op>
void combine_by_mpi(messages& m, MPI_Comm ranks, T* data, std::int64_t n) {
    constexpr std::int64_t most = std::int64_t{1} << 27;
    for (std::int64_t first = 0; first < n; first += most) {
        auto const count = static_cast<int>(std::min(most, n - first));
        m.post([&](MPI_Request* r) { MPI_Iallreduce(MPI_IN_PLACE, data + first, count, mpi_type_of<T>(), mpi_operation_of<Op>(), ranks, r); });
    }
}

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What each collective operation asks of one rank's arguments: an overload an operation, for its blocking and its posted form.
/// The checks themselves are in check_arguments.hpp.
#pragma once

#include <espalier/comm/collective/all_gather.hpp>
#include <espalier/comm/collective/all_reduce.hpp>
#include <espalier/comm/collective/all_to_all.hpp>
#include <espalier/comm/collective/broadcast.hpp>
#include <espalier/comm/collective/gather.hpp>
#include <espalier/comm/collective/reduce.hpp>
#include <espalier/comm/collective/reduce_scatter.hpp>
#include <espalier/comm/collective/scatter.hpp>
#include <espalier/comm/detail/check_arguments.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace espalier::detail {

/// The arguments of rank `rank` of a group of `size`. `require` throws invalid_setting where they are not what the operation needs.
struct arguments_of_rank {
    char const* entity;
    int rank, size;

    template <class T, class Op, class Order>
    void require(collective::all_reduce<T, Op, Order> const& op) const {
        elements(op.n, op.in, op.out);
    }
    template <class T>
    void require(collective::all_reduce_of_lanes<T> const& op) const {
        require_summands(entity, op.in, op.n, op.out);
    }
    template <class T, class Op, class Order>
    void require(collective::reduce<T, Op, Order> const& op) const {
        require_root(entity, op.root, size);
        elements(op.n, op.in, op.is_root ? op.out : op.in);
    }
    template <class T, class Op, class Order>
    void require(collective::reduce_scatter<T, Op, Order> const& op) const {
        require_borders(entity, op.borders, size);
        elements(op.borders.back(), op.in, part_of(op.borders) > 0 ? op.out : op.in);
    }
    template <class T>
    void require(collective::reduce_scatter_of_lanes<T> const& op) const {
        require_borders(entity, op.borders, size);
        require_summands(entity, op.in, op.borders.back(), part_of(op.borders) > 0 ? op.out : nullptr);
    }
    template <class T>
    void require(collective::all_gather<T> const& op) const {
        require_borders(entity, op.borders, size);
        elements(part_of(op.borders), op.in, op.in);
        elements(op.borders.back(), op.out, op.out);
    }
    template <class T>
    void require(collective::gather<T> const& op) const {
        require_root(entity, op.root, size);
        require_borders(entity, op.borders, size);
        elements(part_of(op.borders), op.in, op.in);
        if (op.rank == op.root) elements(op.borders.back(), op.out, op.out);
    }
    template <class T>
    void require(collective::scatter<T> const& op) const {
        require_root(entity, op.root, size);
        require_borders(entity, op.borders, size);
        elements(part_of(op.borders), op.out, op.out);
        if (op.rank == op.root) elements(op.borders.back(), op.in, op.in);
    }
    template <class T>
    void require(collective::all_to_all<T> const& op) const {
        elements(op.n, op.in, op.out);
    }
    template <class T>
    void require(collective::broadcast<T> const& op) const {
        require_root(entity, op.root, size);
        elements(op.n, op.data, op.data);
    }

private:
    template <class T>
    void elements(std::int64_t n, T const* in, T const* out) const {
        require_elements(entity, n, in, out);
    }
    [[nodiscard]] std::int64_t part_of(std::span<std::int64_t const> borders) const noexcept {
        auto const own = static_cast<std::size_t>(rank);
        return borders[own + 1] - borders[own];
    }
};

}  // namespace espalier::detail

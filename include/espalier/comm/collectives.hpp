// SPDX-License-Identifier: BSL-1.0
/// @file
/// The collective operations that a communicator offers, blocking and posted, for communicators that can run an operation object.
/// What an operation does is in comm/collective/, one file each; this is the list, with what callers must know.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/check_operation.hpp>
#include <espalier/comm/collective/all_gather.hpp>
#include <espalier/comm/collective/all_reduce.hpp>
#include <espalier/comm/collective/all_to_all.hpp>
#include <espalier/comm/collective/barrier.hpp>
#include <espalier/comm/collective/broadcast.hpp>
#include <espalier/comm/collective/gather.hpp>
#include <espalier/comm/collective/reduce.hpp>
#include <espalier/comm/collective/reduce_scatter.hpp>
#include <espalier/comm/collective/scatter.hpp>
#include <espalier/core/call_site.hpp>

#include <cstdint>
#include <span>

namespace espalier {

/// Base of a communicator `Self` with `rank()`, `size()`, `perform(operation, call_site)` and `post(operation, call_site)`.
///
/// Every rank of the group calls the same operations in the same order, with the same type, counts, roots and borders; otherwise all of them get
/// `mismatched_collective`. Elements are of any trivially copyable type; `op` is `sum`, `maximum`, `minimum` or a type of one's own with
/// `T operator()(T, T) const`. An argument `ordered` (the default) or `fastest` says in which order operands are combined.
/// `borders` are size() + 1 numbers that start at 0 and do not fall: rank r's part is borders[r] … borders[r + 1] − 1.
///
/// `post_…` begins an operation and gives a request that `wait` ends. Until then the elements, the list of summands and the borders belong to the request:
/// nobody writes what is read or touches what is written. The posted operations of a rank run in the order in which it posts them, apart from the blocking ones.
/// @par Ranks     collective over the group
/// @par Units     counts in elements
/// @par Numerics  `ordered`: along the lane tree over the ranks, the same bits on every communicator and in every run
/// @throws mismatched_collective, on all ranks alike; rank_failed; deadline_passed; invalid_setting
template <class Self>
class collectives {
public:
    /// Waits until every rank of the group has come.
    void barrier(call_site at = call_site::here()) { own().perform(collective::barrier{}, at); }

    /// `out` on every rank becomes the operands of all ranks combined; `in == out` is allowed.
    /// @par Shapes    in, out (n)
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op, Order = {}, call_site at = call_site::here()) {
        own().perform(checked(collective::all_reduce<T, Op, Order>{in, out, n, op}), at);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] auto post_all_reduce(T const* in, T* out, std::int64_t n, Op op, Order = {}, call_site at = call_site::here()) {
        return own().post(checked(collective::all_reduce<T, Op, Order>{in, out, n, op}), at);
    }

    /// `out` on every rank becomes the sum over all lanes, taken along the lane tree; it may be the data of an own summand.
    /// @par Numerics  the same bits for any distribution of the lanes over any number of ranks
    template <class T>
    void all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at = call_site::here()) {
        own().perform(checked(collective::all_reduce_of_lanes<T>{s, out, n}), at);
    }
    template <class T>
    [[nodiscard]] auto post_all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at = call_site::here()) {
        return own().post(checked(collective::all_reduce_of_lanes<T>{s, out, n}), at);
    }

    /// `out` on rank `root` becomes the operands of all ranks combined; `in == out` is allowed there, and elsewhere `out` is not used.
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void reduce(T const* in, T* out, std::int64_t n, Op op, int root, Order = {}, call_site at = call_site::here()) {
        own().perform(checked(collective::reduce<T, Op, Order>{in, out, n, op, root, rank() == root}), at);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] auto post_reduce(T const* in, T* out, std::int64_t n, Op op, int root, Order = {}, call_site at = call_site::here()) {
        return own().post(checked(collective::reduce<T, Op, Order>{in, out, n, op, root, rank() == root}), at);
    }

    /// This rank's part of the combined operands, elements borders[rank] … borders[rank + 1] − 1, at `out`, which may be in + borders[rank].
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, Order = {}, call_site at = call_site::here()) {
        own().perform(checked(collective::reduce_scatter<T, Op, Order>{in, out, borders, op}), at);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] auto post_reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, Order = {}, call_site at = call_site::here()) {
        return own().post(checked(collective::reduce_scatter<T, Op, Order>{in, out, borders, op}), at);
    }

    /// The same of the sum over all lanes; `out` may lie in an own summand.
    /// @par Numerics  the same bits for any distribution of the lanes over any number of ranks
    template <class T>
    void reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        own().perform(checked(collective::reduce_scatter_of_lanes<T>{s, out, borders}), at);
    }
    template <class T>
    [[nodiscard]] auto post_reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        return own().post(checked(collective::reduce_scatter_of_lanes<T>{s, out, borders}), at);
    }

    /// Rank r brings elements borders[r] … borders[r + 1] − 1 at `in`; every rank ends with all at `out`. `in` may be out + borders[rank].
    template <class T>
    void all_gather(T const* in, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        own().perform(checked(collective::all_gather<T>{in, out, borders, rank()}), at);
    }
    template <class T>
    [[nodiscard]] auto post_all_gather(T const* in, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        return own().post(checked(collective::all_gather<T>{in, out, borders, rank()}), at);
    }
    /// In place: rank r brings its part where it belongs in `data`.
    template <class T>
    void all_gather(T* data, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        detail::require_borders(Self::entity, borders, size());
        all_gather(data + borders[static_cast<std::size_t>(rank())], data, borders, at);
    }
    template <class T>
    [[nodiscard]] auto post_all_gather(T* data, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        detail::require_borders(Self::entity, borders, size());
        return post_all_gather(data + borders[static_cast<std::size_t>(rank())], data, borders, at);
    }

    /// Rank r brings elements borders[r] … borders[r + 1] − 1 at `in`; rank `root` ends with all at `out`, which others leave alone.
    template <class T>
    void gather(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        own().perform(checked(collective::gather<T>{in, out, borders, root, rank()}), at);
    }
    template <class T>
    [[nodiscard]] auto post_gather(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        return own().post(checked(collective::gather<T>{in, out, borders, root, rank()}), at);
    }

    /// Rank `root` brings all elements at `in`, which others leave alone; rank r ends with borders[r] … borders[r + 1] − 1 at `out`.
    template <class T>
    void scatter(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        own().perform(checked(collective::scatter<T>{in, out, borders, root, rank()}), at);
    }
    template <class T>
    [[nodiscard]] auto post_scatter(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        return own().post(checked(collective::scatter<T>{in, out, borders, root, rank()}), at);
    }

    /// Elements r · n … (r + 1) · n − 1 of `in` go to rank r; those of rank q for this rank come to out + q · n. `in == out` is allowed.
    /// @par Shapes    in, out (P,n)      P ranks
    template <class T>
    void all_to_all(T const* in, T* out, std::int64_t n, call_site at = call_site::here()) {
        own().perform(checked(collective::all_to_all<T>{in, out, n, size()}), at);
    }
    template <class T>
    [[nodiscard]] auto post_all_to_all(T const* in, T* out, std::int64_t n, call_site at = call_site::here()) {
        return own().post(checked(collective::all_to_all<T>{in, out, n, size()}), at);
    }

    /// Every rank ends with the n elements that rank `root` has at `data`.
    template <class T>
    void broadcast(T* data, std::int64_t n, int root, call_site at = call_site::here()) {
        own().perform(checked(collective::broadcast<T>{data, n, root, rank()}), at);
    }
    template <class T>
    [[nodiscard]] auto post_broadcast(T* data, std::int64_t n, int root, call_site at = call_site::here()) {
        return own().post(checked(collective::broadcast<T>{data, n, root, rank()}), at);
    }

private:
    friend Self;
    collectives()                                  = default;
    collectives(collectives&&) noexcept            = default;
    collectives& operator=(collectives&&) noexcept = default;
    ~collectives()                                 = default;

    [[nodiscard]] Self& own() noexcept { return static_cast<Self&>(*this); }
    [[nodiscard]] int rank() const noexcept { return static_cast<Self const&>(*this).rank(); }
    [[nodiscard]] int size() const noexcept { return static_cast<Self const&>(*this).size(); }
    /// The operation, if this rank's side of it is whole.
    template <class Operation>
    [[nodiscard]] Operation const& checked(Operation const& op) const {
        detail::arguments_of_rank{Self::entity, rank(), size()}.require(op);
        return op;
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The collective operations that a communicator offers, blocking and posted, for communicators that can run an operation object.
/// What an operation does is in comm/collective/, one file each; this is the list, with what callers must know.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/check_arguments.hpp>
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
        check(n, in, out);
        own().perform(collective::all_reduce<T, Op, Order>{in, out, n, op}, at);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] auto post_all_reduce(T const* in, T* out, std::int64_t n, Op op, Order = {}, call_site at = call_site::here()) {
        check(n, in, out);
        return own().post(collective::all_reduce<T, Op, Order>{in, out, n, op}, at);
    }

    /// `out` on every rank becomes the sum over all lanes, taken along the lane tree; it may be the data of an own summand.
    /// @par Numerics  the same bits for any distribution of the lanes over any number of ranks
    template <class T>
    void all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at = call_site::here()) {
        check(s, n, out);
        own().perform(collective::all_reduce_of_lanes<T>{s, out, n}, at);
    }
    template <class T>
    [[nodiscard]] auto post_all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at = call_site::here()) {
        check(s, n, out);
        return own().post(collective::all_reduce_of_lanes<T>{s, out, n}, at);
    }

    /// `out` on rank `root` becomes the operands of all ranks combined; `in == out` is allowed there, and elsewhere `out` is not used.
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void reduce(T const* in, T* out, std::int64_t n, Op op, int root, Order = {}, call_site at = call_site::here()) {
        check_root(root);
        check(n, in, rank() == root ? out : in);
        own().perform(collective::reduce<T, Op, Order>{in, out, n, op, root, rank() == root}, at);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] auto post_reduce(T const* in, T* out, std::int64_t n, Op op, int root, Order = {}, call_site at = call_site::here()) {
        check_root(root);
        check(n, in, rank() == root ? out : in);
        return own().post(collective::reduce<T, Op, Order>{in, out, n, op, root, rank() == root}, at);
    }

    /// This rank's part of the combined operands, elements borders[rank] … borders[rank + 1] − 1, at `out`, which may be in + borders[rank].
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, Order = {}, call_site at = call_site::here()) {
        check_borders(borders);
        check(borders.back(), in, part_of(borders) > 0 ? out : in);
        own().perform(collective::reduce_scatter<T, Op, Order>{in, out, borders, op}, at);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] auto post_reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, Order = {}, call_site at = call_site::here()) {
        check_borders(borders);
        check(borders.back(), in, part_of(borders) > 0 ? out : in);
        return own().post(collective::reduce_scatter<T, Op, Order>{in, out, borders, op}, at);
    }

    /// The same of the sum over all lanes; `out` may lie in an own summand.
    /// @par Numerics  the same bits for any distribution of the lanes over any number of ranks
    template <class T>
    void reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        check_borders(borders);
        check(s, borders.back(), part_of(borders) > 0 ? out : nullptr);
        own().perform(collective::reduce_scatter_of_lanes<T>{s, out, borders}, at);
    }
    template <class T>
    [[nodiscard]] auto post_reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        check_borders(borders);
        check(s, borders.back(), part_of(borders) > 0 ? out : nullptr);
        return own().post(collective::reduce_scatter_of_lanes<T>{s, out, borders}, at);
    }

    /// Rank r brings elements borders[r] … borders[r + 1] − 1 at `in`; every rank ends with all at `out`. `in` may be out + borders[rank].
    template <class T>
    void all_gather(T const* in, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        check_borders(borders);
        check(part_of(borders), in, in);
        check(borders.back(), out, out);
        own().perform(collective::all_gather<T>{in, out, borders, rank()}, at);
    }
    template <class T>
    [[nodiscard]] auto post_all_gather(T const* in, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        check_borders(borders);
        check(part_of(borders), in, in);
        check(borders.back(), out, out);
        return own().post(collective::all_gather<T>{in, out, borders, rank()}, at);
    }
    /// In place: rank r brings its part where it belongs in `data`.
    template <class T>
    void all_gather(T* data, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        check_borders(borders);
        all_gather(data + borders[static_cast<std::size_t>(rank())], data, borders, at);
    }
    template <class T>
    [[nodiscard]] auto post_all_gather(T* data, std::span<std::int64_t const> borders, call_site at = call_site::here()) {
        check_borders(borders);
        return post_all_gather(data + borders[static_cast<std::size_t>(rank())], data, borders, at);
    }

    /// Rank r brings elements borders[r] … borders[r + 1] − 1 at `in`; rank `root` ends with all at `out`, which others leave alone.
    template <class T>
    void gather(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        check_root(root);
        check_borders(borders);
        check(part_of(borders), in, in);
        if (rank() == root) check(borders.back(), out, out);
        own().perform(collective::gather<T>{in, out, borders, root, rank()}, at);
    }
    template <class T>
    [[nodiscard]] auto post_gather(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        check_root(root);
        check_borders(borders);
        check(part_of(borders), in, in);
        if (rank() == root) check(borders.back(), out, out);
        return own().post(collective::gather<T>{in, out, borders, root, rank()}, at);
    }

    /// Rank `root` brings all elements at `in`, which others leave alone; rank r ends with borders[r] … borders[r + 1] − 1 at `out`.
    template <class T>
    void scatter(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        check_root(root);
        check_borders(borders);
        check(part_of(borders), out, out);
        if (rank() == root) check(borders.back(), in, in);
        own().perform(collective::scatter<T>{in, out, borders, root, rank()}, at);
    }
    template <class T>
    [[nodiscard]] auto post_scatter(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site at = call_site::here()) {
        check_root(root);
        check_borders(borders);
        check(part_of(borders), out, out);
        if (rank() == root) check(borders.back(), in, in);
        return own().post(collective::scatter<T>{in, out, borders, root, rank()}, at);
    }

    /// Elements r · n … (r + 1) · n − 1 of `in` go to rank r; those of rank q for this rank come to out + q · n. `in == out` is allowed.
    /// @par Shapes    in, out (P,n)      P ranks
    template <class T>
    void all_to_all(T const* in, T* out, std::int64_t n, call_site at = call_site::here()) {
        check(n, in, out);
        own().perform(collective::all_to_all<T>{in, out, n, size()}, at);
    }
    template <class T>
    [[nodiscard]] auto post_all_to_all(T const* in, T* out, std::int64_t n, call_site at = call_site::here()) {
        check(n, in, out);
        return own().post(collective::all_to_all<T>{in, out, n, size()}, at);
    }

    /// Every rank ends with the n elements that rank `root` has at `data`.
    template <class T>
    void broadcast(T* data, std::int64_t n, int root, call_site at = call_site::here()) {
        check_root(root);
        check(n, data, data);
        own().perform(collective::broadcast<T>{data, n, root, rank()}, at);
    }
    template <class T>
    [[nodiscard]] auto post_broadcast(T* data, std::int64_t n, int root, call_site at = call_site::here()) {
        check_root(root);
        check(n, data, data);
        return own().post(collective::broadcast<T>{data, n, root, rank()}, at);
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
    [[nodiscard]] std::int64_t part_of(std::span<std::int64_t const> borders) const noexcept {
        auto const own = static_cast<std::size_t>(rank());
        return borders[own + 1] - borders[own];
    }
    void check_root(int root) const { detail::require_root(Self::entity, root, size()); }
    void check_borders(std::span<std::int64_t const> borders) const { detail::require_borders(Self::entity, borders, size()); }
    template <class T>
    static void check(std::int64_t n, T const* in, T const* out) {
        detail::require_elements(Self::entity, n, in, out);
    }
    template <class T>
    static void check(ordered_sum<T> const& s, std::int64_t n, T const* out) {
        detail::require_summands(Self::entity, s, n, out);
    }
};

}  // namespace espalier

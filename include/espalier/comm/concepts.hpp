// SPDX-License-Identifier: BSL-1.0
/// @file
/// The communicator policy: a small core that every communicator has, and one capability concept an operation.
/// Algorithms ask for the capabilities that they use and nothing else. What ranks may join together is written in each
/// concept; who provides what stands in the policies' own headers.
#pragma once

#include <espalier/comm/order.hpp>
#include <espalier/comm/reductions.hpp>
#include <espalier/core/call_site.hpp>
#include <espalier/core/lane_tree.hpp>
#include <espalier/memory/buffer.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace espalier {

/// Who carries messages, and in which memory: ranks 0 … size() − 1 of a group, each held by one thread or process.
/// `split` parts the group by colour and orders each part by key, then by rank; it and `barrier` are collective.
/// `allocate` gives the memory from which an arena is cut: owned, aligned, in the communicator's memory space. Every rank of the group calls it, each
/// for as many bytes as it wants: a communicator may place it where its ranks read each other's.
template <class C>
concept Communicator = std::movable<C> && MemorySpace<typename C::memory_space> &&
                       requires(C& c, C const& k, int color, int key, std::size_t bytes) {
                           { k.rank() } -> std::same_as<int>;
                           { k.size() } -> std::same_as<int>;
                           { c.split(color, key) } -> std::same_as<C>;
                           { c.barrier() } -> std::same_as<void>;
                           { c.allocate(bytes) } -> std::same_as<buffer<std::byte, typename C::memory_space>>;
                       };

/// One partial sum that this rank contributes: the sum over the lanes of one node of the lane tree.
template <class T>
struct summand {
    lane_range lanes;
    T const* data;
};

/// What a rank brings to an ordered reduction. The whole sum is over `lanes` leaves; the summands of all ranks are nodes of
/// the tree over 0 … lanes − 1 (see `maximal_subtrees`) and tile it. A rank may have none.
template <class T>
struct ordered_sum {
    int lanes;
    std::span<summand<T> const> mine;
};

/// `all_reduce(s, out, n)`: out on every rank becomes the sum over all lanes, taken along the lane tree.
/// `out` may be the data of one of this rank's own summands.
/// @par Numerics  the same bits for any distribution of the lanes over any number of ranks
template <class C, class T>
concept SupportsOrderedAllReduce =
    Communicator<C> && requires(C& c, ordered_sum<T> const& s, T* out, std::int64_t n) { c.all_reduce(s, out, n); };

/// `reduce_scatter(s, out, borders)`: elements borders[rank] … borders[rank+1] − 1 of the sum over all lanes, at `out`.
/// `borders` has size() + 1 entries that start at 0 and do not fall, equal on all ranks.
/// `out` may be `data + borders[rank]` of one of this rank's own summands.
/// @par Numerics  the same bits for any distribution of the lanes over any number of ranks
template <class C, class T>
concept SupportsOrderedReduceScatter =
    Communicator<C> && requires(C& c, ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders) {
        c.reduce_scatter(s, out, borders);
    };

/// `all_reduce(in, out, n, op)`: out on every rank becomes the operands of all ranks combined; `in == out` is allowed.
/// @tparam Order  none: the call ends with op; or what the call ends with, `ordered_t` (which is what none means) or `fastest_t`
/// @par Numerics  combined along the lane tree over the ranks, unless `fastest`
template <class C, class T, class Op, class... Order>
concept SupportsAllReduce = Communicator<C> && (ReductionOrder<Order> && ...) &&
                            requires(C& c, T const* in, T* out, std::int64_t n, Op op, Order... order) { c.all_reduce(in, out, n, op, order...); };

/// `reduce(in, out, n, op, root)`: the same for rank `root` alone; elsewhere `out` is not touched.
template <class C, class T, class Op, class... Order>
concept SupportsReduce =
    Communicator<C> && (ReductionOrder<Order> && ...) &&
    requires(C& c, T const* in, T* out, std::int64_t n, Op op, int root, Order... order) { c.reduce(in, out, n, op, root, order...); };

/// `reduce_scatter(in, out, borders, op)`: this rank's part of the combined operands at `out`, which may be
/// `in + borders[rank]`.
/// @par Numerics  combined along the lane tree over the ranks, unless `fastest`
template <class C, class T, class Op, class... Order>
concept SupportsReduceScatter =
    Communicator<C> && (ReductionOrder<Order> && ...) &&
    requires(C& c, T const* in, T* out, std::span<std::int64_t const> borders, Op op, Order... order) { c.reduce_scatter(in, out, borders, op, order...); };

/// `all_gather(data, borders)`, in place: rank r brings elements borders[r] … borders[r+1] − 1; all ranks end with all.
template <class C, class T>
concept SupportsAllGather =
    Communicator<C> && requires(C& c, T* data, std::span<std::int64_t const> borders) { c.all_gather(data, borders); };

/// `all_gather(in, out, borders)`: the same from other memory; `in` may be `out + borders[rank]`.
template <class C, class T>
concept SupportsAllGatherElsewhere =
    Communicator<C> && requires(C& c, T const* in, T* out, std::span<std::int64_t const> borders) { c.all_gather(in, out, borders); };

/// `gather(in, out, borders, root)`: the same for rank `root` alone; elsewhere `out` is not touched.
template <class C, class T>
concept SupportsGather = Communicator<C> && requires(C& c, T const* in, T* out, std::span<std::int64_t const> borders, int root) {
    c.gather(in, out, borders, root);
};

/// `scatter(in, out, borders, root)`: rank r ends with elements borders[r] … borders[r+1] − 1 of what `root` has at `in`, where others have nothing.
template <class C, class T>
concept SupportsScatter = Communicator<C> && requires(C& c, T const* in, T* out, std::span<std::int64_t const> borders, int root) {
    c.scatter(in, out, borders, root);
};

/// `all_to_all(in, out, n)`: elements r·n … (r+1)·n − 1 of `in` go to rank r, those of rank q come to out + q·n; `in == out` is allowed.
template <class C, class T>
concept SupportsAllToAll = Communicator<C> && requires(C& c, T const* in, T* out, std::int64_t n) { c.all_to_all(in, out, n); };

/// `broadcast(data, n, root)`: every rank ends with what `root` had.
template <class C, class T>
concept SupportsBroadcast =
    Communicator<C> && requires(C& c, T* data, std::int64_t n, int root) { c.broadcast(data, n, root); };

/// `post_send(to, direction, data, n)` and `post_recv(from, direction, data, n)` give a request; `wait(request)` ends it.
/// A post never waits for the other side; a wait passes when both ends are posted and the elements have arrived. A channel
/// is (source, destination, direction) with at most one post in flight on each side; both sides name the same type and count.
/// Between post and wait the data belong to the request: a sender does not write them, a receiver does not touch them.
template <class C, class T>
concept SupportsSendReceive =
    Communicator<C> && std::movable<typename C::request> &&
    requires(C& c, T const* from, T* into, std::int64_t n, int rank, int direction, typename C::request& r) {
        { c.post_send(rank, direction, from, n) } -> std::same_as<typename C::request>;
        { c.post_recv(rank, direction, into, n) } -> std::same_as<typename C::request>;
        { c.wait(r) } -> std::same_as<void>;
    };

/// `send(to, data, n)` and `receive(from, data, n)` wait for the other side; `send_receive(to, data, n, from, into, m)` is both at once.
template <class C, class T>
concept SupportsBlockingSendReceive = Communicator<C> && requires(C& c, T const* from, T* into, std::int64_t n, int rank) {
    c.send(rank, from, n);
    c.receive(rank, into, n);
    c.send_receive(rank, from, n, rank, into, n);
};

}  // namespace espalier

#include <espalier/comm/posted_concepts.hpp>

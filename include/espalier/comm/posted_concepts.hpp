// SPDX-License-Identifier: BSL-1.0
/// @file
/// The posted forms of collective operations, one capability concept each: `post_…` begins what the blocking form of comm/concepts.hpp does.
/// Posted sends and receives are `SupportsSendReceive`, which needs no group.
#pragma once

#include <espalier/comm/concepts.hpp>

#include <concepts>
#include <cstdint>
#include <span>

namespace espalier {

/// `wait(request)` ends what was posted, whatever it was, and throws what the blocking form throws; a default request has nothing to wait for.
/// Posted operations of a group are posted in one order on all its ranks, and are never mixed up with the group's blocking ones. Until the wait the
/// elements, the list of summands and the borders belong to the request.
template <class C>
concept SupportsWait = Communicator<C> && std::movable<typename C::request> && std::default_initializable<typename C::request> &&
                       requires(C& c, typename C::request& r) {
                           { c.wait(r) } -> std::same_as<void>;
                       };

/// `post_all_reduce(s, out, n)`.
template <class C, class T>
concept SupportsPostedOrderedAllReduce = SupportsWait<C> && requires(C& c, ordered_sum<T> const& s, T* out, std::int64_t n) {
    { c.post_all_reduce(s, out, n) } -> std::same_as<typename C::request>;
};

/// `post_reduce_scatter(s, out, borders)`.
template <class C, class T>
concept SupportsPostedOrderedReduceScatter =
    SupportsWait<C> && requires(C& c, ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders) {
        { c.post_reduce_scatter(s, out, borders) } -> std::same_as<typename C::request>;
    };

/// `post_all_reduce(in, out, n, op)`, and with an order at its end.
template <class C, class T, class Op, class... Order>
concept SupportsPostedAllReduce = SupportsWait<C> && (ReductionOrder<Order> && ...) &&
                                  requires(C& c, T const* in, T* out, std::int64_t n, Op op, Order... order) {
                                      { c.post_all_reduce(in, out, n, op, order...) } -> std::same_as<typename C::request>;
                                  };

/// `post_reduce(in, out, n, op, root)`, and with an order at its end.
template <class C, class T, class Op, class... Order>
concept SupportsPostedReduce = SupportsWait<C> && (ReductionOrder<Order> && ...) &&
                               requires(C& c, T const* in, T* out, std::int64_t n, Op op, int root, Order... order) {
                                   { c.post_reduce(in, out, n, op, root, order...) } -> std::same_as<typename C::request>;
                               };

/// `post_reduce_scatter(in, out, borders, op)`, and with an order at its end.
template <class C, class T, class Op, class... Order>
concept SupportsPostedReduceScatter = SupportsWait<C> && (ReductionOrder<Order> && ...) &&
                                      requires(C& c, T const* in, T* out, std::span<std::int64_t const> borders, Op op, Order... order) {
                                          { c.post_reduce_scatter(in, out, borders, op, order...) } -> std::same_as<typename C::request>;
                                      };

/// `post_all_gather(data, borders)` in place, and `post_all_gather(in, out, borders)`.
template <class C, class T>
concept SupportsPostedAllGather = SupportsWait<C> && requires(C& c, T const* in, T* data, std::span<std::int64_t const> borders) {
    { c.post_all_gather(data, borders) } -> std::same_as<typename C::request>;
    { c.post_all_gather(in, data, borders) } -> std::same_as<typename C::request>;
};

/// `post_gather(in, out, borders, root)`.
template <class C, class T>
concept SupportsPostedGather = SupportsWait<C> && requires(C& c, T const* in, T* out, std::span<std::int64_t const> borders, int root) {
    { c.post_gather(in, out, borders, root) } -> std::same_as<typename C::request>;
};

/// `post_scatter(in, out, borders, root)`.
template <class C, class T>
concept SupportsPostedScatter = SupportsWait<C> && requires(C& c, T const* in, T* out, std::span<std::int64_t const> borders, int root) {
    { c.post_scatter(in, out, borders, root) } -> std::same_as<typename C::request>;
};

/// `post_all_to_all(in, out, n)`.
template <class C, class T>
concept SupportsPostedAllToAll = SupportsWait<C> && requires(C& c, T const* in, T* out, std::int64_t n) {
    { c.post_all_to_all(in, out, n) } -> std::same_as<typename C::request>;
};

/// `post_broadcast(data, n, root)`.
template <class C, class T>
concept SupportsPostedBroadcast = SupportsWait<C> && requires(C& c, T* data, std::int64_t n, int root) {
    { c.post_broadcast(data, n, root) } -> std::same_as<typename C::request>;
};

}  // namespace espalier

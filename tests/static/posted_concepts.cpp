// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concepts of posted operations: types that satisfy each, and near misses. Blocking ones are in comm_concepts.cpp.
#include <espalier/comm/concepts.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

#include <type_traits>

namespace {

using namespace espalier;
using borders_view = std::span<std::int64_t const>;

/// The core and a request that can be waited for.
template <class Self>
struct waits_of {
    using memory_space = host;
    struct request {};
    int rank() const;
    int size() const;
    Self split(int, int);
    void barrier();
    buffer<std::byte, host> allocate(std::size_t);
    void wait(request&);
};
struct waits : waits_of<waits> {};
static_assert(SupportsWait<waits> && !SupportsPostedOrderedAllReduce<waits, float> && !SupportsPostedBroadcast<waits, float>);

struct waits_for_a_copy : waits_of<waits_for_a_copy> {
    void wait(request) = delete;
};
static_assert(!SupportsWait<waits_for_a_copy>);

struct tests_instead_of_waiting : waits_of<tests_instead_of_waiting> {
    bool wait(request&);
};
static_assert(!SupportsWait<tests_instead_of_waiting>);

struct has_no_empty_request : waits_of<has_no_empty_request> {
    struct request {
        explicit request(int);
    };
    void wait(request&);
};
static_assert(!SupportsWait<has_no_empty_request>);

struct has_a_request_that_stays : waits_of<has_a_request_that_stays> {
    struct request {
        request() = default;
        request(request&&) = delete;
    };
    void wait(request&);
};
static_assert(!SupportsWait<has_a_request_that_stays>);

/// Everything, for float and sum. Each near miss gives one post another form.
template <class Self>
struct posts_of : waits_of<Self> {
    using typename waits_of<Self>::request;
    request post_all_reduce(ordered_sum<float> const&, float*, std::int64_t);
    request post_all_reduce(float const*, float*, std::int64_t, sum);
    request post_reduce_scatter(ordered_sum<float> const&, float*, borders_view);
    request post_reduce_scatter(float const*, float*, borders_view, sum);
    request post_reduce(float const*, float*, std::int64_t, sum, int);
    request post_all_gather(float*, borders_view);
    request post_all_gather(float const*, float*, borders_view);
    request post_gather(float const*, float*, borders_view, int);
    request post_scatter(float const*, float*, borders_view, int);
    request post_all_to_all(float const*, float*, std::int64_t);
    request post_broadcast(float*, std::int64_t, int);
};
template <class C, class T, class Op, class... Order>
constexpr int posts = int{SupportsPostedOrderedAllReduce<C, T>} + int{SupportsPostedOrderedReduceScatter<C, T>} +
                      int{SupportsPostedAllReduce<C, T, Op, Order...>} + int{SupportsPostedReduce<C, T, Op, Order...>} +
                      int{SupportsPostedReduceScatter<C, T, Op, Order...>} + int{SupportsPostedAllGather<C, T>} +
                      int{SupportsPostedGather<C, T>} + int{SupportsPostedScatter<C, T>} + int{SupportsPostedAllToAll<C, T>} +
                      int{SupportsPostedBroadcast<C, T>};
struct posts_all : posts_of<posts_all> {};
static_assert(posts<posts_all, float, sum> == 10 && posts<posts_all, double, sum> == 0);
static_assert(posts<posts_all, float, sum, fastest_t> == 7 && posts<posts_all, float, maximum> == 7);

struct waits_at_the_post : posts_of<waits_at_the_post> {
    void post_all_reduce(ordered_sum<float> const&, float*, std::int64_t);
    void post_reduce_scatter(ordered_sum<float> const&, float*, borders_view);
};
static_assert(!SupportsPostedOrderedAllReduce<waits_at_the_post, float> && !SupportsPostedAllReduce<waits_at_the_post, float, sum>);
static_assert(!SupportsPostedOrderedReduceScatter<waits_at_the_post, float> && !SupportsPostedReduceScatter<waits_at_the_post, float, sum>);
static_assert(posts<waits_at_the_post, float, sum> == 6);

struct posts_a_gather_in_place_only : posts_of<posts_a_gather_in_place_only> {
    request post_all_gather(float*, borders_view);
};
static_assert(!SupportsPostedAllGather<posts_a_gather_in_place_only, float> && posts<posts_a_gather_in_place_only, float, sum> == 9);

struct has_no_roots : posts_of<has_no_roots> {
    request post_reduce(float const*, float*, std::int64_t, sum);
    request post_gather(float const*, float*, borders_view);
    request post_scatter(float const*, float*, borders_view);
    request post_broadcast(float*, std::int64_t);
};
static_assert(posts<has_no_roots, float, sum> == 6 && !SupportsPostedBroadcast<has_no_roots, float>);

struct exchanges_parts_of_any_size : posts_of<exchanges_parts_of_any_size> {
    request post_all_to_all(float const*, float*, borders_view);
};
static_assert(!SupportsPostedAllToAll<exchanges_parts_of_any_size, float> && posts<exchanges_parts_of_any_size, float, sum> == 9);

/// What is shipped.
static_assert(posts<self, float, sum> == 10 && posts<self, std::int32_t, maximum, fastest_t> == 10);
static_assert(posts<threads, double, sum> == 10 && posts<threads, std::int64_t, minimum, fastest_t> == 10);
static_assert(std::is_empty_v<self::request>);

}  // namespace

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concepts of communicators: types that satisfy them, and for each requirement one that misses only that.
/// How communicators behave is in conformance/communicator/.
#include "support/counting.hpp"

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/launch.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

#include <string>
#include <type_traits>

namespace {

using namespace espalier;
using borders_view = std::span<std::int64_t const>;

/// The core, and nothing else. Near misses hide one member by one of another form.
struct core {
    using memory_space = host;
    int rank() const;
    int size() const;
    core split(int, int);
    void barrier();
    buffer<std::byte, host> allocate(std::size_t);
};
static_assert(Communicator<core>);
static_assert(!SupportsOrderedAllReduce<core, float> && !SupportsOrderedReduceScatter<core, float>);
static_assert(!SupportsAllReduce<core, float, sum> && !SupportsReduceScatter<core, float, sum>);
static_assert(!SupportsAllGather<core, float> && !SupportsBroadcast<core, float> && !SupportsSendReceive<core, float>);
static_assert(!SupportsReduce<core, float, sum> && !SupportsAllGatherElsewhere<core, float> && !SupportsGather<core, float>);
static_assert(!SupportsScatter<core, float> && !SupportsAllToAll<core, float> && !SupportsBlockingSendReceive<core, float>);
static_assert(!SupportsWait<core> && !SupportsPostedOrderedAllReduce<core, float> && !SupportsPostedOrderedReduceScatter<core, float>);
static_assert(!Launchable<core>);
static_assert(!Communicator<int> && !Communicator<void>);

/// The core again, for a derived type that splits into itself.
template <class Self>
struct core_of {
    using memory_space = host;
    int rank() const;
    int size() const;
    Self split(int, int);
    void barrier();
    buffer<std::byte, host> allocate(std::size_t);
};

struct has_no_memory_space : core_of<has_no_memory_space> {
private:
    using memory_space = host;
};
static_assert(!Communicator<has_no_memory_space>);

struct has_a_space_that_is_none : core_of<has_a_space_that_is_none> {
    using memory_space = int;
};
static_assert(!Communicator<has_a_space_that_is_none>);

struct numbers_ranks_in_64_bits : core_of<numbers_ranks_in_64_bits> {
    std::int64_t rank() const;
};
static_assert(!Communicator<numbers_ranks_in_64_bits>);

struct changes_when_asked_for_its_size : core_of<changes_when_asked_for_its_size> {
    int size();
};
static_assert(!Communicator<changes_when_asked_for_its_size>);

struct splits_into_another_type : core_of<splits_into_another_type> {
    core split(int, int);
};
static_assert(!Communicator<splits_into_another_type>);

struct splits_without_a_key : core_of<splits_without_a_key> {
    splits_without_a_key split(int);
};
static_assert(!Communicator<splits_without_a_key>);

struct has_a_barrier_that_can_be_ignored : core_of<has_a_barrier_that_can_be_ignored> {
    bool barrier();
};
static_assert(!Communicator<has_a_barrier_that_can_be_ignored>);

struct allocates_raw_memory : core_of<allocates_raw_memory> {
    void* allocate(std::size_t);
};
static_assert(!Communicator<allocates_raw_memory>);

struct cannot_be_moved : core_of<cannot_be_moved> {
    cannot_be_moved(cannot_be_moved&&)            = delete;
    cannot_be_moved& operator=(cannot_be_moved&&) = delete;
};
static_assert(!Communicator<cannot_be_moved>);

/// Each capability alone: it brings its own concept and no other.
struct sums_in_order : core_of<sums_in_order> {
    void all_reduce(ordered_sum<float> const&, float*, std::int64_t);
};
static_assert(SupportsOrderedAllReduce<sums_in_order, float> && !SupportsOrderedAllReduce<sums_in_order, double>);
static_assert(!SupportsAllReduce<sums_in_order, float, sum> && !SupportsOrderedReduceScatter<sums_in_order, float>);

struct scatters_in_order : core_of<scatters_in_order> {
    void reduce_scatter(ordered_sum<float> const&, float*, borders_view);
};
static_assert(SupportsOrderedReduceScatter<scatters_in_order, float> && !SupportsOrderedReduceScatter<scatters_in_order, int>);
static_assert(!SupportsReduceScatter<scatters_in_order, float, sum> && !SupportsOrderedAllReduce<scatters_in_order, float>);

struct reduces : core_of<reduces> {
    void all_reduce(float const*, float*, std::int64_t, sum);
};
static_assert(SupportsAllReduce<reduces, float, sum> && !SupportsAllReduce<reduces, float, maximum>);
static_assert(!SupportsAllReduce<reduces, double, sum> && !SupportsOrderedAllReduce<reduces, float>);

struct reduces_in_place_only : core_of<reduces_in_place_only> {
    void all_reduce(float*, std::int64_t, sum);
};
static_assert(!SupportsAllReduce<reduces_in_place_only, float, sum>);

struct reduces_in_its_own_order_only : core_of<reduces_in_its_own_order_only> {
    void all_reduce(float const*, float*, std::int64_t, sum, fastest_t);
    void reduce(float const*, float*, std::int64_t, sum, int, fastest_t);
    void reduce_scatter(float const*, float*, borders_view, sum, fastest_t);
};
static_assert(SupportsAllReduce<reduces_in_its_own_order_only, float, sum, fastest_t> && !SupportsAllReduce<reduces_in_its_own_order_only, float, sum>);
static_assert(SupportsReduce<reduces_in_its_own_order_only, float, sum, fastest_t> && !SupportsReduce<reduces_in_its_own_order_only, float, sum>);
static_assert(SupportsReduceScatter<reduces_in_its_own_order_only, float, sum, fastest_t>);
static_assert(!SupportsReduceScatter<reduces_in_its_own_order_only, float, sum, ordered_t>);
static_assert(!SupportsAllReduce<threads, float, sum, int> && !SupportsAllReduce<threads, float, sum, ordered_t, fastest_t>);

struct reduces_to_a_root : core_of<reduces_to_a_root> {
    void reduce(float const*, float*, std::int64_t, sum, int);
};
static_assert(SupportsReduce<reduces_to_a_root, float, sum> && !SupportsReduce<reduces_to_a_root, float, maximum>);
static_assert(!SupportsReduce<reduces_to_a_root, float, sum, fastest_t> && !SupportsAllReduce<reduces_to_a_root, float, sum>);

struct reduces_to_rank_0_only : core_of<reduces_to_rank_0_only> {
    void reduce(float const*, float*, std::int64_t, sum);
};
static_assert(!SupportsReduce<reduces_to_rank_0_only, float, sum>);

struct scatters : core_of<scatters> {
    void reduce_scatter(float const*, float*, borders_view, sum);
};
static_assert(SupportsReduceScatter<scatters, float, sum> && !SupportsReduceScatter<scatters, float, minimum>);

struct gathers : core_of<gathers> {
    void all_gather(float*, borders_view);
};
static_assert(SupportsAllGather<gathers, float> && !SupportsAllGather<gathers, double>);

struct gathers_equal_parts_only : core_of<gathers_equal_parts_only> {
    void all_gather(float*, std::int64_t);
};
static_assert(!SupportsAllGather<gathers_equal_parts_only, float>);

struct gathers_elsewhere : core_of<gathers_elsewhere> {
    void all_gather(float const*, float*, borders_view);
};
static_assert(SupportsAllGatherElsewhere<gathers_elsewhere, float> && !SupportsAllGather<gathers_elsewhere, float>);
static_assert(!SupportsAllGatherElsewhere<gathers, float>);

struct gathers_to_a_root : core_of<gathers_to_a_root> {
    void gather(float const*, float*, borders_view, int);
};
static_assert(SupportsGather<gathers_to_a_root, float> && !SupportsGather<gathers_to_a_root, double>);
static_assert(!SupportsScatter<gathers_to_a_root, float>);

struct gathers_to_rank_0_only : core_of<gathers_to_rank_0_only> {
    void gather(float const*, float*, borders_view);
};
static_assert(!SupportsGather<gathers_to_rank_0_only, float>);

struct scatters_from_a_root : core_of<scatters_from_a_root> {
    void scatter(float const*, float*, borders_view, int);
};
static_assert(SupportsScatter<scatters_from_a_root, float> && !SupportsScatter<scatters_from_a_root, int>);

struct scatters_memory_that_may_change : core_of<scatters_memory_that_may_change> {
    void scatter(float*, float*, borders_view, int);
};
static_assert(!SupportsScatter<scatters_memory_that_may_change, float>);

struct exchanges : core_of<exchanges> {
    void all_to_all(float const*, float*, std::int64_t);
};
static_assert(SupportsAllToAll<exchanges, float> && !SupportsAllToAll<exchanges, std::byte>);

struct exchanges_in_place_only : core_of<exchanges_in_place_only> {
    void all_to_all(float*, std::int64_t);
};
static_assert(!SupportsAllToAll<exchanges_in_place_only, float>);

struct broadcasts : core_of<broadcasts> {
    void broadcast(float*, std::int64_t, int);
};
static_assert(SupportsBroadcast<broadcasts, float> && !SupportsBroadcast<broadcasts, double>);

struct broadcasts_from_rank_0_only : core_of<broadcasts_from_rank_0_only> {
    void broadcast(float*, std::int64_t);
};
static_assert(!SupportsBroadcast<broadcasts_from_rank_0_only, float>);

template <class Self>
struct sends_of : core_of<Self> {
    struct request {};
    request post_send(int, int, float const*, std::int64_t);
    request post_recv(int, int, float*, std::int64_t);
    void wait(request&);
};
struct sends : sends_of<sends> {};
static_assert(SupportsSendReceive<sends, float> && !SupportsSendReceive<sends, double>);

struct sends_without_a_request : sends_of<sends_without_a_request> {
    void post_send(int, int, float const*, std::int64_t);
};
static_assert(!SupportsSendReceive<sends_without_a_request, float>);

struct receives_without_a_request : sends_of<receives_without_a_request> {
    void post_recv(int, int, float*, std::int64_t);
};
static_assert(!SupportsSendReceive<receives_without_a_request, float>);

struct sends_from_memory_that_may_change : sends_of<sends_from_memory_that_may_change> {
    request post_send(int, int, float*, std::int64_t);
};
static_assert(!SupportsSendReceive<sends_from_memory_that_may_change, float>);

struct has_no_directions : sends_of<has_no_directions> {
    request post_recv(int, float*, std::int64_t);
};
static_assert(!SupportsSendReceive<has_no_directions, float>);

struct polls_instead_of_waiting : sends_of<polls_instead_of_waiting> {
    bool wait(request&);
};
static_assert(!SupportsSendReceive<polls_instead_of_waiting, float>);

struct has_a_request_that_stays : core_of<has_a_request_that_stays> {
    struct request {
        request(request&&) = delete;
    };
    request post_send(int, int, float const*, std::int64_t);
    request post_recv(int, int, float*, std::int64_t);
    void wait(request&);
};
static_assert(!SupportsSendReceive<has_a_request_that_stays, float>);

template <class Self>
struct talks_of : core_of<Self> {
    void send(int, float const*, std::int64_t);
    void receive(int, float*, std::int64_t);
    void send_receive(int, float const*, std::int64_t, int, float*, std::int64_t);
};
struct talks : talks_of<talks> {};
static_assert(SupportsBlockingSendReceive<talks, float> && !SupportsBlockingSendReceive<talks, double> && !SupportsSendReceive<talks, float>);

struct cannot_send_while_it_receives : talks_of<cannot_send_while_it_receives> {
private:
    using talks_of::send_receive;
};
static_assert(!SupportsBlockingSendReceive<cannot_send_while_it_receives, float>);

struct receives_from_anybody_only : talks_of<receives_from_anybody_only> {
    void receive(float*, std::int64_t);
};
static_assert(!SupportsBlockingSendReceive<receives_from_anybody_only, float>);

/// What is shipped, and the counter that tests wrap around it.
template <class C>
constexpr bool has_collectives = SupportsOrderedAllReduce<C, float> && SupportsOrderedReduceScatter<C, double> &&
                                 SupportsAllReduce<C, float, sum> && SupportsAllReduce<C, std::int64_t, maximum> &&
                                 SupportsReduceScatter<C, double, minimum> && SupportsAllGather<C, float> &&
                                 SupportsBroadcast<C, std::byte> && Launchable<C>;
template <class C>
constexpr bool has_all_collectives = has_collectives<C> && SupportsAllReduce<C, double, sum, fastest_t> && SupportsReduce<C, float, sum> &&
                                     SupportsReduce<C, std::int32_t, minimum, fastest_t> && SupportsReduceScatter<C, float, sum, fastest_t> &&
                                     SupportsAllGatherElsewhere<C, std::byte> && SupportsGather<C, double> && SupportsScatter<C, std::byte> &&
                                     SupportsAllToAll<C, float>;
static_assert(has_all_collectives<self> && has_all_collectives<threads>);
static_assert(!SupportsBlockingSendReceive<self, float> && SupportsBlockingSendReceive<threads, std::byte>);
static_assert(has_collectives<self> && has_collectives<threads>);
static_assert(has_collectives<espalier_test::counting<self>> && has_collectives<espalier_test::counting<threads>>);
static_assert(!SupportsSendReceive<self, float> && SupportsSendReceive<threads, float>);
static_assert(!SupportsSendReceive<espalier_test::counting<self>, float>);
static_assert(SupportsSendReceive<espalier_test::counting<threads>, float>);
static_assert(std::is_empty_v<self> && self::static_size == 1 && self::size() == 1 && self::rank() == 0);
static_assert(self{}.split(3, 4).size() == 1);
static_assert(!std::is_copy_constructible_v<threads> && !std::is_copy_constructible_v<threads::request>);

}  // namespace

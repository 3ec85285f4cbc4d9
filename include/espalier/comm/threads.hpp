// SPDX-License-Identifier: BSL-1.0
/// @file
/// `threads`: the communicator whose ranks are threads of one process and read each other's memory directly.
/// Each operation's body is a file of its own below threads/; nothing here knows other processes or devices.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/errors.hpp>
#include <espalier/comm/threads/detail/encounter.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace espalier {

/// A rank's handle on a group of threads; made by `launch` and by `split`, movable, used by its own thread only.
/// Use it to run any layout in one process: on a laptop, under a debugger, in a test, on the cores of one machine.
///
/// No rank hangs: a wait ends with `rank_failed` as soon as another rank's function has thrown, with `deadline_passed` when
/// the deadline is over, and with `mismatched_collective` when ranks join different operations.
/// @par Ranks     operations are collective over the group unless said otherwise; ranks in errors count in the world
/// @par Cost      two barriers a reduction, gather or broadcast; every element is summed once, by the owner of its chunk
/// @par Numerics  sums along the lane tree; the same bits for any distribution of lanes
class threads {
public:
    using memory_space = host;
    using settings     = threads_settings;
    class request;
    class lookout;

    threads(threads&&) noexcept            = default;
    threads& operator=(threads&&) noexcept = default;

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return group_->size(); }

    /// Parts the group: ranks of one colour form a group, ordered by key and then by rank.
    [[nodiscard]] threads split(int color, int key, call_site at = call_site::here());
    /// Waits until every rank of the group has come.
    void barrier(call_site at = call_site::here());
    /// @par Ranks     local
    /// @throws std::bad_alloc
    [[nodiscard]] buffer<std::byte, host> allocate(std::size_t bytes) const {
        return buffer<std::byte, host>{static_cast<std::int64_t>(bytes)};
    }

    /// See `SupportsOrderedAllReduce`.
    template <class T>
    void all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at = call_site::here());
    /// See `SupportsAllReduce`.
    template <class T, class Op>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op, call_site at = call_site::here());
    /// See `SupportsOrderedReduceScatter`.
    template <class T>
    void reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders,
                        call_site at = call_site::here());
    /// See `SupportsReduceScatter`.
    template <class T, class Op>
    void reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, call_site at = call_site::here());
    /// See `SupportsAllGather`.
    template <class T>
    void all_gather(T* data, std::span<std::int64_t const> borders, call_site at = call_site::here());
    /// See `SupportsBroadcast`.
    template <class T>
    void broadcast(T* data, std::int64_t n, int root, call_site at = call_site::here());

    /// See `SupportsSendReceive`. The second end to be posted copies the elements.
    /// @par Ranks     local; a rank may post to itself
    template <class T>
    [[nodiscard]] request post_send(int to, int direction, T const* data, std::int64_t n, call_site at = call_site::here());
    template <class T>
    [[nodiscard]] request post_recv(int from, int direction, T* data, std::int64_t n, call_site at = call_site::here());
    /// Waits until both ends are posted and the elements have arrived; a request that is over already is left alone.
    void wait(request& r, call_site at = call_site::here());

    /// Runs f(world) on `ranks` threads and waits for all of them.
    /// @throws the exception of the first rank that failed, itself; invalid_setting
    template <class F>
    static void launch(int ranks, F&& f);
    template <class F>
    static void launch(int ranks, settings const& s, F&& f);

    /// A view of what all ranks of the world do, for a watchdog in another thread.
    [[nodiscard]] lookout look_out() const;

private:
    threads(std::shared_ptr<threads_detail::group> g, int rank) noexcept : group_{std::move(g)}, rank_{rank} {}

    std::shared_ptr<threads_detail::group> group_;
    int rank_;
};

/// What the ranks of a world do; valid beyond the run, callable from any thread.
class threads::lookout {
public:
    [[nodiscard]] int size() const noexcept { return world_->size(); }
    /// The operation that a rank is in, or null.
    [[nodiscard]] char const* operation(int rank) const noexcept { return world_->operation(rank); }
    /// "rank 2 is in broadcast (model.cpp:41)"
    [[nodiscard]] std::string whereabouts(int rank) const { return world_->whereabouts(rank); }

private:
    friend class threads;
    explicit lookout(std::shared_ptr<threads_detail::world const> w) noexcept : world_{std::move(w)} {}
    std::shared_ptr<threads_detail::world const> world_;
};

inline threads::lookout threads::look_out() const { return lookout{group_->shared_world()}; }

}  // namespace espalier

#include <espalier/comm/threads/all_gather.hpp>
#include <espalier/comm/threads/all_reduce.hpp>
#include <espalier/comm/threads/broadcast.hpp>
#include <espalier/comm/threads/launch.hpp>
#include <espalier/comm/threads/reduce_scatter.hpp>
#include <espalier/comm/threads/send_receive.hpp>
#include <espalier/comm/threads/split.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// `threads`: the communicator whose ranks are threads of one process and read each other's memory directly.
/// Collective operations are those of comm/collectives.hpp; nothing here knows other processes or devices.
#pragma once

#include <espalier/comm/collectives.hpp>
#include <espalier/comm/errors.hpp>
#include <espalier/comm/point_to_point.hpp>
#include <espalier/comm/threads/detail/member.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace espalier {

/// A rank's handle on a group of threads; made by `launch` and by `split`, movable, used by its own thread only.
/// Use it to run any layout in one process: on a laptop, under a debugger, in a test, on the cores of one machine.
///
/// No rank hangs: a wait ends with `rank_failed` as soon as another rank's function has thrown, or has returned where it is waited for, with `deadline_passed`
/// when the deadline is over, and with `mismatched_collective` when ranks join different operations.
/// Posted operations run on a thread beside the rank's own, which the first of them starts, or in `wait` where that comes first.
/// @par Ranks     operations are collective over the group unless said otherwise; ranks in errors count in the world
/// @par Cost      one barrier an operation on up to 256 bytes a rank, two above; every element is combined once, by the owner of its chunk, and read where it
///                lies. A rank that waits looks, then lets others run, then sleeps.
/// @par Numerics  sums along the lane tree; the same bits for any distribution of lanes; `fastest` is the same
class threads : public collectives<threads>, public point_to_point<threads> {
public:
    using memory_space                  = host;
    using settings                      = threads_settings;
    static constexpr char const* entity = "threads";
    class request;
    class lookout;

    threads(threads&&) noexcept            = default;
    threads& operator=(threads&&) noexcept = default;

    [[nodiscard]] int rank() const noexcept { return me_->blocking.rank(); }
    [[nodiscard]] int size() const noexcept { return me_->blocking.size(); }

    /// Parts the group: ranks of one colour form a group, ordered by key and then by rank.
    [[nodiscard]] threads split(int color, int key, call_site at = call_site::here());
    /// @par Ranks     local
    /// @throws std::bad_alloc
    [[nodiscard]] buffer<std::byte, host> allocate(std::size_t bytes) const {
        return buffer<std::byte, host>{static_cast<std::int64_t>(bytes)};
    }

    /// See `SupportsSendReceive`. The second end to be posted copies the elements.
    /// @par Ranks     local; a rank may post to itself
    template <class T>
    [[nodiscard]] request post_send(int to, int direction, T const* data, std::int64_t n, call_site at = call_site::here());
    template <class T>
    [[nodiscard]] request post_recv(int from, int direction, T* data, std::int64_t n, call_site at = call_site::here());
    /// Waits until what was posted is over, whatever it is; a request that is over already is left alone.
    /// @throws what the blocking operation throws
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
    friend class collectives<threads>;
    friend class point_to_point<threads>;
    /// The channel of `send` and `receive`, apart from those that users number.
    static constexpr int blocking_direction = -1;

    explicit threads(std::shared_ptr<threads_detail::member> m) noexcept : me_{std::move(m)} {}

    template <class Operation>
    void perform(Operation const& op, call_site at) {
        threads_detail::world::activity const busy{me_->place->the_world(), me_->place->rank(), Operation::record.operation.value, at};
        me_->blocking.perform(op, at);
    }
    template <class Operation>
    [[nodiscard]] request post(Operation const& op, call_site at);

    std::shared_ptr<threads_detail::member> me_;
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

inline threads::lookout threads::look_out() const { return lookout{me_->place->shared_world()}; }

}  // namespace espalier

#include <espalier/comm/threads/launch.hpp>
#include <espalier/comm/threads/send_receive.hpp>
#include <espalier/comm/threads/split.hpp>

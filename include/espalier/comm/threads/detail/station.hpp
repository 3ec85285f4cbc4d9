// SPDX-License-Identifier: BSL-1.0
/// @file
/// One rank thread's place in its world: what its groups ask of it, and the queue of its posted operations with the worker that runs them.
/// It knows nothing of groups but their ranks.
#pragma once

#include <espalier/comm/detail/progress.hpp>
#include <espalier/comm/detail/shared_group.hpp>
#include <espalier/comm/threads/detail/world.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace espalier::threads_detail {

/// Shared by all groups that a rank is in; outlives their operations. Used by the rank's thread, and by the worker that it starts.
class station {
public:
    static constexpr char const* entity          = "threads";
    static constexpr bool all_memory_is_shared = true;

    station(std::shared_ptr<world> w, int rank) noexcept : world_{std::move(w)}, rank_{rank} {}
    station(station const&)            = delete;
    station& operator=(station const&) = delete;

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] world& the_world() noexcept { return *world_; }
    [[nodiscard]] std::shared_ptr<world> const& shared_world() const noexcept { return world_; }

    // What shared_group asks.
    [[nodiscard]] static detail::memory_ref refer(void const* p, std::size_t) noexcept { return {0, reinterpret_cast<std::uintptr_t>(p)}; }
    [[nodiscard]] static void* resolve(detail::memory_ref const& ref, int) noexcept { return reinterpret_cast<void*>(ref.offset); }
    [[nodiscard]] bool failed() const noexcept { return world_->failed(); }
    void raise_failure() const { world_->raise_failure(); }
    [[nodiscard]] double deadline_seconds() const noexcept { return world_->deadline_seconds(); }
    [[nodiscard]] std::string whereabouts(int world_rank) const { return world_->whereabouts(world_rank); }
    [[nodiscard]] bool has_given_up() const noexcept { return posted_.has_given_up(); }
    [[nodiscard]] detail::patience patience_of(detail::runner by) const noexcept {
        return by == detail::runner::caller ? world_->how_patient() : detail::patience_of_workers;
    }
    template <class Error>
    void fail(Error const& e) const noexcept {
        world_->fail(rank_, std::make_exception_ptr(e), e.what());
    }
    /// A rank that has returned cannot come any more.
    template <class Group>
    void roll_call(Group const& g) const {
        for (int r = 0; r < g.size(); ++r) {
            if (!g.is_absent(r) || !world_->is_gone(g.world_rank(r))) continue;
            rank_failed const error{g.world_rank(r), entity, joined("it returned from its function while others wait for it: ", whereabouts(rank_))};
            world_->fail(g.world_rank(r), std::make_exception_ptr(error), error.what());
        }
    }

    [[nodiscard]] flight_recorder& recorder() noexcept { return world_->recorder(rank_); }
    [[nodiscard]] detail::progress& posted() noexcept { return posted_; }

private:
    std::shared_ptr<world> world_;
    int rank_;
    detail::progress posted_;
};

}  // namespace espalier::threads_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a group of processes on one node asks of the world: how ranks fail, and which memory all of the group can read.
/// It is `Station` of comm/detail/shared_group.hpp.
#pragma once

#include <espalier/comm/detail/post_queue.hpp>
#include <espalier/comm/detail/shared_group.hpp>
#include <espalier/comm/mpi/detail/world.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace espalier::mpi_detail {

/// One a group.
class station {
public:
    static constexpr char const* entity          = "mpi";
    static constexpr bool all_memory_is_shared = false;

    /// @param readers the ranks of the world that are in the group and on this node, in rising order
    station(world& w, std::vector<int> readers) : world_{w}, readers_{std::move(readers)}, patience_{detail::patience_among(readers_.size())} {}

    [[nodiscard]] int rank() const { return world_.rank(); }
    [[nodiscard]] flight_recorder& recorder() noexcept { return world_.recorder(); }
    [[nodiscard]] std::vector<int> const& readers() const noexcept { return readers_; }
    [[nodiscard]] detail::memory_ref refer(void const* p, std::size_t bytes) const noexcept { return world_.memory().refer(p, bytes, readers_); }
    [[nodiscard]] void* resolve(detail::memory_ref const& ref, int world_rank) const noexcept {
        auto const* const w = world_.memory().find(ref.segment, world_rank);
        return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(w->part_of(world_rank)) + ref.offset);
    }
    [[nodiscard]] bool failed() const noexcept { return world_.failed(); }
    void raise_failure() const { world_.raise_failure(); }
    [[nodiscard]] double deadline_seconds() const noexcept { return world_.deadline_seconds(); }
    [[nodiscard]] std::string whereabouts(int world_rank) const { return world_.whereabouts(world_rank); }
    [[nodiscard]] bool has_given_up() const noexcept { return world_.posted().has_given_up(); }
    [[nodiscard]] detail::patience patience_of(detail::runner by) const noexcept {
        return by == detail::runner::caller ? patience_ : detail::patience_of_workers;
    }
    template <class Error>
    void fail(Error const& e) const noexcept {
        world_.fail(e.what());
    }
    template <class Group>
    void roll_call(Group const&) const {
        world_.call_the_roll();
    }

private:
    world& world_;
    std::vector<int> readers_;
    detail::patience patience_;
};

}  // namespace espalier::mpi_detail

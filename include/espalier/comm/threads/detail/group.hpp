// SPDX-License-Identifier: BSL-1.0
/// @file
/// A group of ranks: the gate at which they meet, the notes that they leave for each other, and their channels.
/// What an operation does between meeting and parting is in the operations' own files.
#pragma once

#include <espalier/comm/detail/tree_program.hpp>
#include <espalier/comm/threads/detail/channel.hpp>
#include <espalier/comm/threads/detail/note.hpp>
#include <espalier/comm/threads/detail/world.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

namespace espalier::threads_detail {

/// The shared state of a group. Every member function is called by a rank about itself: `rank` counts in the group.
class group {
public:
    group(std::shared_ptr<world> w, std::vector<int> members)
        : world_{std::move(w)}, members_{std::move(members)}, places_{std::make_unique<place[]>(members_.size())} {}

    /// What belongs to one rank of the group.
    struct alignas(64) place {
        std::array<note, 2> notes;            ///< of this meeting and the one before
        std::atomic<std::uint64_t> meetings{0};
        detail::tree_program program;         ///< kept, so that a sum allocates once
        std::shared_ptr<group> offer;         ///< a group that split made for others to take
        std::mutex outbox_lock;
        std::map<std::pair<int, int>, channel> outbox;  ///< by (destination, direction)
    };

    [[nodiscard]] int size() const noexcept { return static_cast<int>(members_.size()); }
    [[nodiscard]] world& the_world() noexcept { return *world_; }
    [[nodiscard]] std::shared_ptr<world> const& shared_world() const noexcept { return world_; }
    [[nodiscard]] int world_rank(int rank) const noexcept { return members_[static_cast<std::size_t>(rank)]; }
    [[nodiscard]] place& of(int rank) noexcept { return places_[static_cast<std::size_t>(rank)]; }
    /// The note that `rank` left at the meeting that `me` is in.
    [[nodiscard]] note const& note_of(int rank, int me) noexcept {
        return of(rank).notes[(of(me).meetings.load(std::memory_order_relaxed) - 1) & 1];
    }

    /// Leaves a note, waits for all and compares: the first half of every collective operation.
    /// @throws rank_failed, deadline_passed, and, on all ranks alike, mismatched_collective
    void meet(int rank, note const& mine);

    /// The second half: waits until all have finished with each other's data. It cannot fail, because those who met do
    /// only bounded work before it; so no rank frees memory that another one still reads.
    void part(int rank) noexcept {
        std::uint64_t const before = arrive();
        if ((gate_.load() ^ before) >= one_generation) return wake_all(rank);
        world_->wait_out(world_rank(rank), [&] { return ((gate_.load() ^ before) >= one_generation); });
    }

    /// The channel from one rank of the group to another, made at its first use.
    [[nodiscard]] channel& channel_of(int from, int to, int direction) {
        place& p = of(from);
        std::lock_guard const guard{p.outbox_lock};
        auto const [at, is_first] = p.outbox.try_emplace({to, direction});
        if (is_first) {
            at->second.from      = world_rank(from);
            at->second.to        = world_rank(to);
            at->second.direction = direction;
        }
        return at->second;
    }

private:
    // The gate's word: a generation, a flag that the group is broken, and how many have arrived.
    static constexpr std::uint64_t arrivals       = 0xffffffff;
    static constexpr std::uint64_t broken         = 0x100000000;
    static constexpr std::uint64_t one_generation = 0x200000000;

    /// Counts this rank in; the last one opens the gate.
    /// @return the word before
    std::uint64_t arrive() noexcept {
        std::uint64_t before = gate_.load();
        for (;;) {
            bool const is_last        = (before & arrivals) + 1 == members_.size();
            std::uint64_t const after = is_last ? (before & ~arrivals) + one_generation : before + 1;
            if ((before & broken) != 0 || gate_.compare_exchange_weak(before, after)) return before;
        }
    }
    /// Gives up waiting for the generation of `before` to pass.
    /// @return false where it has passed after all
    bool leave(std::uint64_t before) noexcept {
        std::uint64_t now = gate_.load();
        for (;;) {
            if ((now ^ before) >= one_generation) return false;
            if ((now & broken) != 0 || gate_.compare_exchange_weak(now, now | broken)) return true;
        }
    }
    void wake_all(int but) noexcept {
        for (int r = 0; r < size(); ++r)
            if (r != but) world_->look_again(world_rank(r));
    }
    void pass(int rank, note const& mine);
    [[nodiscard]] deadline_passed late(int rank, note const& mine) const;
    void compare(int rank);

    std::shared_ptr<world> world_;
    std::vector<int> members_;  ///< ranks of the world
    std::unique_ptr<place[]> places_;
    alignas(64) std::atomic<std::uint64_t> gate_{0};
};

inline void group::meet(int rank, note const& mine) {
    place& p         = of(rank);
    auto const count = p.meetings.load(std::memory_order_relaxed);
    p.notes[count & 1] = mine;
    p.meetings.store(count + 1, std::memory_order_relaxed);
    pass(rank, mine);
    compare(rank);
}

inline void group::pass(int rank, note const& mine) {
    world_->raise_failure();
    std::uint64_t const before = arrive();
    auto const is_open         = [&] { return (gate_.load() ^ before) >= one_generation; };
    if ((before & broken) == 0) {
        if (is_open()) return wake_all(rank);
        wake const end = world_->wait(world_rank(rank), is_open);
        if (end == wake::ready || !leave(before)) return;
        if (end == wake::late) {
            // Those whom the deadline of this rank ends are told so: the failure is stored before it is thrown.
            auto const error = late(rank, mine);
            world_->fail(world_rank(rank), std::make_exception_ptr(error), error.what());
            throw error;
        }
    }
    while (!world_->failed()) relax();  // a group is broken because a rank failed, or is about to say so
    world_->raise_failure();
}

inline deadline_passed group::late(int rank, note const& mine) const {
    std::string absent;
    for (int r = 0; r < size(); ++r)
        if (places_[static_cast<std::size_t>(r)].meetings.load() < places_[static_cast<std::size_t>(rank)].meetings.load())
            absent += joined(absent.empty() ? "" : "; ", world_->whereabouts(world_rank(r)));
    return deadline_passed{{"threads",
                            joined("every rank to join ", mine.to_string(), " within ", world_->deadline_seconds(), " seconds"),
                            joined("rank ", world_rank(rank), " waiting, and ", absent.empty() ? "nobody absent now" : absent),
                            "Let every rank join, or set a longer deadline_seconds", "policies/communicator.md"}};
}

inline void group::compare(int rank) {
    for (int r = 1; r < size(); ++r) {
        note const& first = note_of(0, rank);
        note const& other = note_of(r, rank);
        if (!first.agrees_with(other))
            throw mismatched_collective{{"threads", "every rank of a group to join the same operation",
                                         joined(first.to_string(), " on rank ", world_rank(0), " and ", other.to_string(),
                                                " on rank ", world_rank(r)),
                                         "Call the same operation in the same order with the same type and counts on every rank",
                                         "policies/communicator.md"}};
    }
}

}  // namespace espalier::threads_detail

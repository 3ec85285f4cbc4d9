// SPDX-License-Identifier: BSL-1.0
/// @file
/// How ranks on several nodes join an operation: each sends its note to all others, and all compare what they have come for.
/// What happens afterwards is the operation's own.
#pragma once

#include <espalier/comm/detail/mismatch.hpp>
#include <espalier/comm/detail/note_writer.hpp>
#include <espalier/comm/errors.hpp>
#include <espalier/comm/mpi/across/messages.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace espalier::mpi_detail {

/// One rank's side of the meetings of a group.
class meeting {
public:
    /// @param world_ranks by rank of the group
    meeting(world& w, int rank, std::vector<int> world_ranks, std::uint64_t id)
        : world_{w}, rank_{rank}, world_ranks_{std::move(world_ranks)}, id_{id}, notes_(world_ranks_.size()) {}

    [[nodiscard]] int size() const noexcept { return static_cast<int>(world_ranks_.size()); }
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    /// The number of the operation that comes next, counted from 1.
    [[nodiscard]] std::uint64_t next() const noexcept { return meetings_ + 1; }
    [[nodiscard]] std::vector<detail::note> const& notes() const noexcept { return notes_; }
    [[nodiscard]] detail::note const& of(int r) const noexcept { return notes_[static_cast<std::size_t>(r)]; }

    /// Waits until every rank of the group has come, and compares what they came for.
    /// @throws mismatched_collective on all ranks alike; rank_failed; deadline_passed
    template <class Operation>
    void meet(messages& m, Operation const& op, call_site at, detail::runner by) {
        write_note(op, at);
        detail::note const& mine = of(rank_);
        for (int i = 1; i < size(); ++i) m.receive(peer(i), &notes_[static_cast<std::size_t>(peer(i))], sizeof(detail::note));
        for (int i = 1; i < size(); ++i) m.send(peer(i), &mine, bytes_that_matter(mine));
        m.finish(by, [&] { return late(m); });
        compare();
    }
    /// Whether all operands have come with the notes.
    [[nodiscard]] bool has_all_operands() const noexcept {
        for (auto const& n : notes_)
            if (!n.has_payload) return false;
        return true;
    }
    /// The error of a rank that others have left alone after all had come.
    [[nodiscard]] deadline_passed late_in_work() const {
        std::string others;
        for (int i = 1; i < size(); ++i) others += joined(world_.whereabouts(world_rank(peer(i))), "; ");
        return late_with(others + "all had come");
    }

private:
    /// Memory is told to no other node.
    struct no_memory {
        [[nodiscard]] static detail::memory_ref refer(void const*, std::size_t) noexcept { return {}; }
    };

    template <class Operation>
    void write_note(Operation const& op, call_site at) {
        detail::note& mine = notes_[static_cast<std::size_t>(rank_)];
        detail::own_memory unused;
        no_memory const nowhere;
        {
            detail::note_writer<no_memory> w{mine, unused, nowhere, Operation::record};
            op.describe(w);
        }
        mine.what     = Operation::record;
        mine.group    = id_;
        mine.sequence = ++meetings_;
        mine.file     = {at.file};
        mine.line     = at.line;
    }
    /// A note without the parts that are not used: the last thing in it.
    [[nodiscard]] static std::int64_t bytes_that_matter(detail::note const& n) noexcept {
        static_assert(offsetof(detail::note, parts) + sizeof(n.parts) + alignof(detail::note) > sizeof(detail::note));
        auto const* const begin = reinterpret_cast<std::byte const*>(&n);
        auto const* const end   = reinterpret_cast<std::byte const*>(n.lanes > 0 ? n.parts + n.blocks : n.parts);
        return end - begin;
    }
    /// Each rank begins with its neighbour, so that not all write to one at once.
    [[nodiscard]] int peer(int i) const noexcept { return (rank_ + i) % size(); }

    /// The receives of `meet` were posted first, in the order of peers.
    [[nodiscard]] deadline_passed late(messages& m) const {
        std::string absent;
        for (int i = 1; i < size(); ++i) {
            if (m.is_over(static_cast<std::size_t>(i - 1))) continue;
            detail::note const& last = of(peer(i));
            absent += joined(absent.empty() ? "" : "; ", world_.whereabouts(world_rank(peer(i))));
            if (last.sequence > 0) absent += joined(", and came last to ", last.to_string(), ", operation ", last.sequence);
        }
        return late_with(absent.empty() ? std::string{"nobody absent now"} : absent);
    }
    [[nodiscard]] deadline_passed late_with(std::string const& absent) const {
        return deadline_passed{{"mpi", joined("every rank to join ", of(rank_).to_string(), " within ", world_.deadline_seconds(), " seconds"),
                                joined("rank ", world_.rank(), " waiting, and ", absent, ", as operation ", meetings_, " of group ", id_),
                                "Let every rank join, or set a longer deadline_seconds", "policies/communicator.md"}};
    }
    void compare() const {
        for (int r = 1; r < size(); ++r)
            if (of(r).digest != of(0).digest) detail::complain_of_mismatch("mpi", of(0), world_rank(0), of(r), world_rank(r));
    }
    [[nodiscard]] int world_rank(int r) const noexcept { return world_ranks_[static_cast<std::size_t>(r)]; }

    world& world_;
    int rank_;
    std::vector<int> world_ranks_;
    std::uint64_t id_;
    std::uint64_t meetings_ = 0;
    std::vector<detail::note> notes_;
};

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A group whose ranks lie on several nodes, as one of them sees it: all meet by messages, then each operation goes its own way.
/// Ranks of one node meet in shared memory besides; that is comm/detail/shared_group.hpp's business.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/comm/detail/flight_entry_of.hpp>
#include <espalier/comm/detail/tree_program.hpp>
#include <espalier/comm/mpi/across/meeting.hpp>
#include <espalier/comm/mpi/across/node_sums.hpp>
#include <espalier/comm/mpi/across/notes_scene.hpp>
#include <espalier/comm/mpi/across/roster.hpp>
#include <espalier/comm/mpi/detail/station.hpp>
#include <espalier/memory/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/mpi/communicator.hpp>

namespace espalier::mpi_detail {

/// Work space that grows to the largest operation and stays.
class scratch {
public:
    template <class T>
    [[nodiscard]] T* of(std::int64_t elements) {
        std::int64_t const bytes = elements * static_cast<std::int64_t>(sizeof(T));
        if (memory_.size() < bytes) memory_ = buffer<std::byte, host>{bytes};
        return reinterpret_cast<T*>(memory_.data());
    }

private:
    buffer<std::byte, host> memory_;
};

/// The caller's borders as the operations here ask for them.
[[nodiscard]] inline auto border_of(std::span<std::int64_t const> borders) noexcept {
    return [borders](int r) { return borders[static_cast<std::size_t>(r)]; };
}
/// What each rank of this node has of elements that are cut into a chunk for each line: borders by place.
[[nodiscard]] inline std::vector<std::int64_t> chunks_of_lines(roster const& ranks, chunk_cut const& cut) {
    std::vector<std::int64_t> borders;
    for (int place = 0; place <= static_cast<int>(ranks.neighbours().size()); ++place) borders.push_back(cut[std::min(place, cut.ranks)]);
    return borders;
}

/// One rank's side of a group. Operations of a group are joined in one order on all ranks, one at a time.
///
/// An operation that is not small goes in three steps: the ranks of each node in shared memory, one rank for each part between the nodes by messages, and the
/// ranks of each node once more. Every operation is a function `across(step, operation)` in a file of its own.
/// @par Cost      a note of up to 2 kB to each other rank; operands up to 256 bytes come with it, and nothing else is sent
class across_group {
public:
    using node_group = detail::shared_group<station>;

    /// @param world_ranks  by rank of the group
    /// @param on_node      the ranks of the group on this node, in the group's order; not used where this rank is alone on it
    /// @par Ranks     collective over `ranks`, and blocks in MPI: all have come already
    across_group(world& w, boost::mpi::communicator const& ranks, std::vector<int> const& world_ranks, node_group* on_node, std::uint64_t id)
        : world_{w}, roster_{nodes_of(w, world_ranks), ranks.rank()}, messages_{w, ranks}, meeting_{w, ranks.rank(), world_ranks, id},
          on_node_{roster_.neighbours().size() > 1 ? on_node : nullptr} {
        bool const has_line = roster_.own_place() < roster_.lines();
        MPI_Comm_split(messages_.ranks(), has_line ? roster_.own_place() : MPI_UNDEFINED, roster_.own_node(), &line_);
    }
    across_group(across_group const&)            = delete;
    across_group& operator=(across_group const&) = delete;
    ~across_group() {
        int has_ended = 0;
        MPI_Finalized(&has_ended);
        if (line_ != MPI_COMM_NULL && has_ended == 0 && !world_.failed()) MPI_Comm_free(&line_);
    }

    [[nodiscard]] std::uint64_t id() const noexcept { return meeting_.id(); }

    /// Joins the operation, and returns when its results are there and nobody reads this rank's operands any more.
    /// @throws mismatched_collective on all ranks alike; rank_failed; deadline_passed; what the operation throws
    template <class Operation>
    void perform(Operation const& op, call_site at) {
        auto& recorder = world_.recorder();
        detail::flight_leg leg{recorder, recorder.begin(detail::flight_entry_of(op, id(), meeting_.next(), at, false))};
        perform_recorded(op, at, detail::runner::caller);
        leg.is_done();
    }
    /// The same of an operation that somebody else has recorded.
    template <class Operation>
    void perform_recorded(Operation const& op, call_site at, detail::runner by) {
        world_.raise_failure();
        meeting_.meet(messages_, op, at, by);
        if (meeting_.has_all_operands()) {
            notes_scene here{meeting_.notes(), roster_.rank(), program_};
            op.run(here, 0, op.extent());
        } else {
            across(step{*this, at, by}, op);
        }
    }

    /// What an operation under way has at hand.
    class step {
    public:
        [[nodiscard]] roster const& ranks() const noexcept { return group_.roster_; }
        [[nodiscard]] messages& post() const noexcept { return group_.messages_; }
        [[nodiscard]] std::vector<detail::note> const& notes() const noexcept { return group_.meeting_.notes(); }
        [[nodiscard]] node_sums& sums() const noexcept { return group_.sums_; }
        [[nodiscard]] detail::tree_program& program() const noexcept { return group_.program_; }
        /// For what comes from other nodes, for what this node has summed, and for what an operation itself has to keep.
        [[nodiscard]] scratch& received() const noexcept { return group_.received_; }
        [[nodiscard]] scratch& summed() const noexcept { return group_.summed_; }
        [[nodiscard]] scratch& kept() const noexcept { return group_.kept_; }
        /// The ranks at the same place of every node, by the nodes' numbers; null where not every node has one.
        [[nodiscard]] MPI_Comm line() const noexcept { return group_.line_; }

        /// Whether other ranks are on this node.
        [[nodiscard]] bool has_neighbours() const noexcept { return group_.on_node_ != nullptr; }
        /// Runs an operation among the ranks of this node; they are numbered by their places.
        template <class Operation>
        void on_node(Operation const& op) const {
            if (has_neighbours()) group_.on_node_->perform_recorded(op, at_, by_);
        }
        /// Waits until all that was posted is over.
        void finish() const {
            group_.messages_.finish(by_, [this] { return group_.meeting_.late_in_work(); });
        }

    private:
        friend class across_group;
        step(across_group& g, call_site at, detail::runner by) noexcept : group_{g}, at_{at}, by_{by} {}

        across_group& group_;
        call_site at_;
        detail::runner by_;
    };

private:
    [[nodiscard]] static std::vector<int> nodes_of(world const& w, std::vector<int> const& world_ranks) {
        std::vector<int> nodes;
        for (int const r : world_ranks) nodes.push_back(w.node_of(r));
        return nodes;
    }

    world& world_;
    roster roster_;
    messages messages_;
    meeting meeting_;
    node_group* on_node_;
    MPI_Comm line_ = MPI_COMM_NULL;
    detail::tree_program program_;
    node_sums sums_;
    scratch received_, summed_, kept_;
};

}  // namespace espalier::mpi_detail

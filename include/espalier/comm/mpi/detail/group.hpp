// SPDX-License-Identifier: BSL-1.0
/// @file
/// A group of processes as one of them sees it: the ranks of its node, which meet in a shared window, and those of other nodes.
/// What an operation does is in comm/collective/ for ranks that share memory, and in comm/mpi/across/ between nodes.
#pragma once

#include <espalier/comm/collective/all_reduce.hpp>
#include <espalier/comm/mpi/across/operations.hpp>
#include <espalier/comm/mpi/detail/channels.hpp>
#include <espalier/comm/mpi/detail/station.hpp>
#include <espalier/comm/mpi/detail/world.hpp>
#include <espalier/comm/mpi/window_space.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/mpi/communicator.hpp>

namespace espalier::mpi_detail {

/// One rank's side of a group. Blocking and posted operations meet in rooms of their own, so that neither waits for the other.
class group {
public:
    /// Made and destroyed under the world's lock: the worker of other groups' posted operations may call MPI at the same time. That others have to come
    /// too holds nobody up, since they wait for their own locks for single calls only.
    /// @par Ranks     collective over `ranks`, and blocks in MPI: all have come already
    [[nodiscard]] static std::shared_ptr<group> make(std::shared_ptr<world> const& w, boost::mpi::communicator const& ranks) {
        std::lock_guard const guard{w->mpi_lock()};
        return {new group{w, ranks}, [](group* g) {
                    auto const outlives = g->world_;
                    std::lock_guard const alone{outlives->mpi_lock()};
                    delete g;
                }};
    }
    group(group const&)            = delete;
    group& operator=(group const&) = delete;

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(world_ranks_.size()); }
    [[nodiscard]] int world_rank(int r) const noexcept { return world_ranks_[static_cast<std::size_t>(r)]; }
    [[nodiscard]] bool is_one_node() const noexcept { return on_node_.size() == world_ranks_.size(); }
    [[nodiscard]] world& the_world() noexcept { return *world_; }
    [[nodiscard]] std::shared_ptr<world> const& shared_world() const noexcept { return world_; }
    [[nodiscard]] boost::mpi::communicator const& ranks() const noexcept { return ranks_; }
    [[nodiscard]] channels& the_channels() noexcept { return channels_; }

    template <class Operation>
    void perform(Operation const& op, call_site at) {
        if (across_ == nullptr) blocking_->perform(op, at);
        else across_->perform(op, at);
    }
    /// Records an operation that is about to be posted.
    template <class Operation>
    [[nodiscard]] flight_recorder::ticket record_post(Operation const& op, call_site at) noexcept {
        return world_->recorder().begin(detail::flight_entry_of(op, posted_->id(), ++posts_, at, true));
    }
    [[nodiscard]] std::uint64_t id() const noexcept { return blocking_->id(); }
    template <class Operation>
    void perform_posted(Operation const& op, call_site at, detail::runner by) {
        if (across_posted_ == nullptr) posted_->perform_recorded(op, at, by);
        else across_posted_->perform_recorded(op, at, by);
    }

    /// Memory for this rank, which the others on its node can read.
    /// @par Ranks      collective over the group
    [[nodiscard]] static buffer<std::byte, window_space> allocate(std::shared_ptr<group> const& g, std::size_t bytes, call_site at) {
        auto const size = static_cast<std::int64_t>(bytes);
        if (!g->world_->shares_memory() || g->on_node_.size() == 1) return buffer<std::byte, window_space>{size};
        g->give_back_windows(at);
        struct lease {
            std::shared_ptr<group> holder;
            window* memory;
        };
        std::lock_guard const guard{g->world_->mpi_lock()};
        window& w        = g->world_->memory().make(g->neighbours_, g->station_->readers(), bytes + alignment_bytes);
        void* const data = window_space::owned_by({[](void*, void* l) noexcept {
                                                       std::unique_ptr<lease> const mine{static_cast<lease*>(l)};
                                                       mine->memory->is_released = true;
                                                   },
                                                   new lease{g, &w}},
                                                  w.part[w.own]);
        return buffer<std::byte, window_space>::owning(static_cast<std::byte*>(data), size);
    }

private:
    group(std::shared_ptr<world> const& w, boost::mpi::communicator const& ranks)
        : world_{w}, ranks_{ranks, boost::mpi::comm_duplicate}, rank_{ranks.rank()}, channels_{ranks}, world_ranks_(static_cast<std::size_t>(ranks.size())) {
        int const mine = world_->rank();
        MPI_Allgather(&mine, 1, MPI_INT, world_ranks_.data(), 1, MPI_INT, ranks_);
        for (int const r : world_ranks_)
            if (world_->node_of(r) == world_->node_of(mine)) on_node_.push_back(r);
        auto sorted = on_node_;
        std::sort(sorted.begin(), sorted.end());
        neighbours_        = ranks_.split(world_->node_of(mine), mine);
        // Its number: no two groups with the same lowest rank count alike, and disjoint ones have different lowest ranks.
        std::uint64_t const next = world_->next_group();
        std::uint64_t count      = 0;
        MPI_Allreduce(&next, &count, 1, MPI_UINT64_T, MPI_MAX, ranks_);
        world_->has_group(count);
        int const lowest       = *std::min_element(world_ranks_.begin(), world_ranks_.end());
        std::uint64_t const id = 2 * (count * static_cast<std::uint64_t>(world_->size()) + static_cast<std::uint64_t>(lowest));

        // The rooms lie in the first neighbour's part.
        int const size = static_cast<int>(on_node_.size());
        auto const one = aligned_bytes(detail::meeting_room::bytes(size, staging_bytes));
        auto& memory   = world_->memory().make(neighbours_, sorted, neighbours_.rank() == 0 ? 2 * one : 0);
        memory_        = &memory;
        int const place = static_cast<int>(std::find(on_node_.begin(), on_node_.end(), mine) - on_node_.begin());
        detail::meeting_room const first{memory.part[0], size, staging_bytes}, second{memory.part[0] + one, size, staging_bytes};
        if (neighbours_.rank() == 0) {
            first.open();
            second.open();
        }
        neighbours_.barrier();  // nobody looks into a room that is not open
        station_  = std::make_unique<station>(*world_, sorted);
        blocking_ = std::make_unique<detail::shared_group<station>>(*station_, first, place, on_node_, id);
        posted_   = std::make_unique<detail::shared_group<station>>(*station_, second, place, on_node_, id + 1);
        if (is_one_node()) return;
        across_        = std::make_unique<across_group>(*world_, ranks_, world_ranks_, blocking_.get(), id);
        across_posted_ = std::make_unique<across_group>(*world_, ranks_, world_ranks_, posted_.get(), id + 1);
    }
    ~group() { memory_->is_released = true; }

    /// What ranks can stage of elements that others cannot read, a piece.
    static constexpr std::size_t staging_bytes = std::size_t{1} << 18;

    struct bit_and {
        [[nodiscard]] std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const noexcept { return a & b; }
    };
    /// Frees the windows that all neighbours have done with. When it returns all have come.
    void give_back_windows(call_site at) {
        std::uint64_t bits = world_->memory().released(station_->readers());
        blocking_->perform_recorded(collective::all_reduce<std::uint64_t, bit_and, ordered_t>{&bits, &bits, 1, {}}, at, detail::runner::caller);
        int i = 0;
        std::lock_guard const guard{world_->mpi_lock()};
        world_->memory().free([&](window const& w) { return w.members == station_->readers() && i < 64 && ((bits >> i++) & 1) != 0; });
    }

    std::shared_ptr<world> world_;
    boost::mpi::communicator ranks_;
    int rank_;
    channels channels_;
    std::vector<int> world_ranks_;  ///< by rank of the group
    std::vector<int> on_node_;      ///< those on this node, in the group's order
    boost::mpi::communicator neighbours_;  ///< the same, in the world's order
    window* memory_ = nullptr;
    std::unique_ptr<station> station_;
    std::unique_ptr<detail::shared_group<station>> blocking_, posted_;  ///< on this node
    std::unique_ptr<across_group> across_, across_posted_;                ///< of a group on several nodes
    std::uint64_t posts_ = 0;  ///< so many operations were posted
};

}  // namespace espalier::mpi_detail

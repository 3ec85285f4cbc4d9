// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory that the processes of one node share: MPI-3 windows, with where each rank's part lies in this process.
/// Who needs memory and what is in it is decided above.
#pragma once

#include <espalier/comm/detail/note.hpp>
#include <espalier/core/error.hpp>
#include <espalier/memory/buffer.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <mpi.h>

namespace espalier::mpi_detail {

/// One window: a part of it for each rank of `members`, which are ranks of the world in rising order, all on one node.
struct window {
    std::uint64_t id = 0;  ///< the same on all members, and no other window of the node has it
    MPI_Win handle   = MPI_WIN_NULL;
    std::vector<int> members;
    std::vector<std::byte*> part;  ///< of each member, at this process's addresses, aligned to 64 bytes
    std::size_t own_bytes = 0;
    std::size_t own       = 0;     ///< which member this process is
    bool is_released      = false;

    [[nodiscard]] bool holds(void const* p, std::size_t bytes) const noexcept {
        auto const at = reinterpret_cast<std::uintptr_t>(p), begin = reinterpret_cast<std::uintptr_t>(part[own]);
        return at >= begin && at + bytes <= begin + own_bytes;
    }
    [[nodiscard]] std::byte* part_of(int world_rank) const noexcept {
        return part[static_cast<std::size_t>(std::lower_bound(members.begin(), members.end(), world_rank) - members.begin())];
    }
};

/// The windows of a process. `make` and `free` are called by the rank's thread alone; the worker of its posted operations looks
/// windows up at the same time, in a list that is never changed but replaced.
class windows {
public:
    windows() { publish(); }

    /// @param node     the members, in the order of their ranks in the world
    /// @param bytes    of this rank's part; every rank has its own
    /// @throws invalid_setting, on one rank at least, where the node has not so much memory to share
    /// @par Ranks      collective over `node`, and blocks in MPI: all have come already
    [[nodiscard]] window& make(MPI_Comm node, std::vector<int> members, std::size_t bytes) {
        auto made     = std::make_unique<window>();
        made->members = std::move(members);
        int own = 0;
        MPI_Comm_rank(node, &own);
        made->own       = static_cast<std::size_t>(own);
        made->own_bytes = aligned_bytes(bytes);
        // The id: larger than any that a member has seen. Two disjoint groups may choose the same, which nobody can confuse.
        std::uint64_t const next = last_id_ + 1;
        MPI_Allreduce(&next, &made->id, 1, MPI_UINT64_T, MPI_MAX, node);
        last_id_ = made->id;

        MPI_Errhandler before = MPI_ERRHANDLER_NULL;
        MPI_Comm_get_errhandler(node, &before);
        MPI_Comm_set_errhandler(node, MPI_ERRORS_RETURN);
        MPI_Info options = MPI_INFO_NULL;
        MPI_Info_create(&options);
        MPI_Info_set(options, "alloc_shared_noncontig", "true");  // each part on pages of its own, near its rank
        void* base     = nullptr;
        int const code = MPI_Win_allocate_shared(static_cast<MPI_Aint>(made->own_bytes + alignment_bytes), 1, options, node, &base, &made->handle);
        MPI_Info_free(&options);
        MPI_Comm_set_errhandler(node, before);
        MPI_Errhandler_free(&before);
        if (code != MPI_SUCCESS)
            throw invalid_setting{{"mpi", joined(made->own_bytes, " bytes of memory that the ranks of a node share"), "less: MPI_Win_allocate_shared failed",
                                   "Make /dev/shm larger, or set .shares_memory = false", "policies/communicator.md"}};
        for (std::size_t r = 0; r < made->members.size(); ++r) {
            MPI_Aint size = 0;
            int unit      = 0;
            MPI_Win_shared_query(made->handle, static_cast<int>(r), &size, &unit, &base);
            made->part.push_back(reinterpret_cast<std::byte*>(aligned_bytes(reinterpret_cast<std::uintptr_t>(base))));
        }
        auto& w = *windows_.emplace_back(std::move(made));
        publish();
        return w;
    }

    /// Where `p` lies for others, if it lies in a window that all of `readers` see; else outside.
    [[nodiscard]] detail::memory_ref refer(void const* p, std::size_t bytes, std::vector<int> const& readers) const noexcept {
        for (window const* w : *seen_.load(std::memory_order_acquire))
            if (w->holds(p, bytes))
                return std::includes(w->members.begin(), w->members.end(), readers.begin(), readers.end())
                           ? detail::memory_ref{w->id, static_cast<std::uint64_t>(static_cast<std::byte const*>(p) - w->part[w->own])}
                           : detail::memory_ref{};
        return {};
    }
    [[nodiscard]] window const* find(std::uint64_t id, int world_rank) const noexcept {
        for (window const* w : *seen_.load(std::memory_order_acquire))
            if (w->id == id && std::binary_search(w->members.begin(), w->members.end(), world_rank)) return w;
        return nullptr;
    }

    /// Frees what `is_free` says of each window of these members, oldest first: the same on all of them.
    /// @par Ranks      collective over the members
    template <class IsFree>
    void free(IsFree const& is_free) {
        for (std::size_t i = 0; i < windows_.size();) {
            if (!is_free(*windows_[i])) {
                ++i;
                continue;
            }
            auto const freed = std::move(windows_[i]);
            windows_.erase(windows_.begin() + static_cast<std::ptrdiff_t>(i));
            publish();
            MPI_Win_free(&freed->handle);
        }
    }
    /// The released windows of `members`, as bits in the order of their age; of the oldest 64.
    [[nodiscard]] std::uint64_t released(std::vector<int> const& members) const noexcept {
        std::uint64_t bits = 0;
        int i = 0;
        for (auto const& w : windows_)
            if (w->members == members && i < 64) bits |= std::uint64_t{w->is_released} << i++;
        return bits;
    }
    void free_all() {
        std::sort(windows_.begin(), windows_.end(), [](auto const& a, auto const& b) { return a->id < b->id; });
        free([](window const&) { return true; });
    }

private:
    using list = std::vector<window const*>;

    void publish() {
        auto next = std::make_unique<list>();
        for (auto const& w : windows_) next->push_back(w.get());
        seen_.store(next.get(), std::memory_order_release);
        lists_.push_back(std::move(next));  // an old one may still be looked into
    }

    std::vector<std::unique_ptr<window>> windows_;
    std::vector<std::unique_ptr<list>> lists_;
    std::atomic<list const*> seen_{nullptr};
    std::uint64_t last_id_ = 0;
};

}  // namespace espalier::mpi_detail

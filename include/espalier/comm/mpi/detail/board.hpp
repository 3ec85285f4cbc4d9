// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the ranks of one node see of each other without a message: who lives, what each does, and the first failure.
/// It carries no elements, and it knows nothing of ranks on other nodes.
#pragma once

#include <espalier/core/call_site.hpp>
#include <espalier/core/error.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <mpi.h>
#include <pthread.h>
#include <sched.h>

namespace espalier::mpi_detail {

/// A line of text in shared memory. Written by one process and read by others at any time: a reader may see half of a new
/// line, which is good enough for a message to people.
template <std::size_t Words>
class shared_line {
public:
    void write(std::string_view text) noexcept {
        for (std::size_t i = 0; i < Words; ++i) {
            std::uint64_t word     = 0;
            std::size_t const from = i * sizeof(word);
            if (from < text.size()) std::memcpy(&word, text.data() + from, std::min(sizeof(word), text.size() - from));
            words_[i].store(word, std::memory_order_relaxed);
            if (from >= text.size()) break;
        }
    }
    [[nodiscard]] std::string read() const {
        std::string text(Words * sizeof(std::uint64_t), '\0');
        for (std::size_t i = 0; i < Words; ++i) {
            std::uint64_t const word = words_[i].load(std::memory_order_relaxed);
            std::memcpy(text.data() + i * sizeof(word), &word, sizeof(word));
        }
        return text.substr(0, text.find('\0'));
    }

private:
    std::atomic<std::uint64_t> words_[Words] = {};
};

/// Lies in a window of shared memory. Each rank holds its seat's lock for as long as it lives: the lock is robust, so the
/// kernel tells the others when a process ends in whatever way, even before anybody has waited for it.
/// @par Ranks     construction and destruction are collective over the ranks of a node
class board {
public:
    explicit board(MPI_Comm world) {
        MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node_);
        MPI_Comm_rank(world, &world_rank_);
        MPI_Comm_rank(node_, &mine_);
        int seats = 0;
        MPI_Comm_size(node_, &seats);
        auto const bytes = static_cast<MPI_Aint>(sizeof(head) + static_cast<std::size_t>(seats) * sizeof(seat) + alignof(head));
        void* base       = nullptr;
        MPI_Win_allocate_shared(mine_ == 0 ? bytes : 0, 1, MPI_INFO_NULL, node_, &base, &window_);
        MPI_Aint size = 0;
        int unit      = 0;
        MPI_Win_shared_query(window_, 0, &size, &unit, &base);
        auto const address = (reinterpret_cast<std::uintptr_t>(base) + alignof(head) - 1) / alignof(head) * alignof(head);
        head_              = reinterpret_cast<head*>(address);
        seats_             = reinterpret_cast<seat*>(address + sizeof(head));
        size_              = seats;
        if (mine_ == 0) new (head_) head;
        take_seat();
        MPI_Barrier(node_);  // nobody looks at a seat that is not taken
    }
    board(board const&)            = delete;
    board& operator=(board const&) = delete;
    /// Leaves. Where something has failed the window stays as it is, since giving it back waits for all: the process is about to end.
    ~board() {
        int is_over = 0;
        MPI_Finalized(&is_over);
        if (is_over != 0) return;
        own().left.store(true);
        pthread_mutex_unlock(&own().alive);
        if (failed() || std::uncaught_exceptions() > 0) return;
        MPI_Win_free(&window_);
        MPI_Comm_free(&node_);
    }

    /// Says what this rank is in. Empty: in no operation.
    void does(char const* operation, call_site at) noexcept {
        if (operation != written_operation_) own().operation.write(written_operation_ = operation);
        if (at.file != written_file_) own().file.write(tail_of(written_file_ = at.file));
        own().line.store(at.line, std::memory_order_relaxed);
        own().is_in.store(true, std::memory_order_relaxed);
    }
    void is_done() noexcept { own().is_in.store(false, std::memory_order_relaxed); }

    /// "rank 2 is in broadcast (model.cpp:41)", or what it did last; empty for a rank that is not on this node.
    [[nodiscard]] std::string whereabouts(int world_rank) const {
        for (int i = 0; i < size_; ++i) {
            seat const& s = seats_[i];
            if (s.world_rank != world_rank) continue;
            std::string const operation = s.operation.read();
            if (operation.empty()) return joined("rank ", world_rank, " has joined no operation yet");
            return joined("rank ", world_rank, s.is_in.load() ? " is in " : " is in no operation, its last was ", operation, " (",
                          s.file.read(), ":", s.line.load(), ")");
        }
        return {};
    }

    /// Stores the first failure of the node; one that another rank is writing down is waited for.
    /// @return whether this is it
    bool fail(int world_rank, std::string_view text) noexcept {
        int none = 0;
        if (!head_->state.compare_exchange_strong(none, 1)) {
            for (int i = 0; i < 100'000 && !failed(); ++i) ::sched_yield();  // not for ever: the writer may have died
            return false;
        }
        head_->failed_rank = world_rank;
        head_->text.write(text);
        head_->state.store(2);
        return true;
    }
    [[nodiscard]] bool failed() const noexcept { return head_->state.load() == 2; }
    /// True once, for the rank that is to print the failure.
    [[nodiscard]] bool is_to_report() noexcept { return !head_->reported.exchange(true); }
    [[nodiscard]] int failed_rank() const noexcept { return head_->failed_rank; }
    [[nodiscard]] std::string failure() const { return head_->text.read(); }

    /// A rank of this node whose process has ended without leaving, or −1. Costs a lock that is taken for each other rank.
    [[nodiscard]] int dead_rank() noexcept {
        for (int i = 0; i < size_; ++i)
            if (is_dead(i)) return seats_[i].world_rank;
        return -1;
    }
    void leave() noexcept { own().left.store(true); }
    /// So many ranks are on this node.
    [[nodiscard]] int size() const noexcept { return size_; }
    /// The lowest rank of the world on this node.
    [[nodiscard]] int first_rank() const noexcept { return seats_[0].world_rank; }
    /// Whether this rank is the last one of the node that is still at work.
    [[nodiscard]] bool all_others_have_ended() noexcept {
        for (int i = 0; i < size_; ++i)
            if (i != mine_ && !seats_[i].left.load() && !is_dead(i)) return false;
        return true;
    }

private:
    struct alignas(64) head {
        std::atomic<int> state{0};  ///< 0: all is well, 1: being written, 2: failed
        std::atomic<bool> reported{false};
        int failed_rank = -1;
        shared_line<128> text;
    };
    struct alignas(64) seat {
        pthread_mutex_t alive;
        int world_rank = 0;
        std::atomic<bool> left{false}, died{false}, is_in{false};
        std::atomic<int> line{0};
        shared_line<4> operation;
        shared_line<8> file;
    };

    [[nodiscard]] bool is_dead(int i) noexcept {
        seat& s = seats_[i];
        if (i == mine_ || s.left.load()) return false;
        if (s.died.load()) return true;
        int const held = pthread_mutex_trylock(&s.alive);
        if (held == EBUSY) return false;
        // Whoever finds it first says so to all: a lock whose owner died tells it once, and glibc may give it to the second who tries for good.
        if (!s.left.load()) s.died.store(true);
        if (held == 0 || held == EOWNERDEAD) pthread_mutex_unlock(&s.alive);
        return s.died.load();
    }
    void take_seat() {
        seat* const s = new (seats_ + mine_) seat;
        s->world_rank = world_rank_;
        pthread_mutexattr_t kind;
        pthread_mutexattr_init(&kind);
        pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
        pthread_mutex_init(&s->alive, &kind);
        pthread_mutexattr_destroy(&kind);
        pthread_mutex_lock(&s->alive);
    }
    /// The end of a path: what a line has room for.
    [[nodiscard]] static std::string_view tail_of(std::string_view path) noexcept {
        return path.size() > 63 ? path.substr(path.size() - 63) : path;
    }
    [[nodiscard]] seat& own() noexcept { return seats_[mine_]; }

    MPI_Comm node_  = MPI_COMM_NULL;
    MPI_Win window_ = MPI_WIN_NULL;
    head* head_     = nullptr;
    seat* seats_    = nullptr;
    int world_rank_ = 0, mine_ = 0, size_ = 0;
    char const *written_operation_ = nullptr, *written_file_ = nullptr;  ///< literals: what stands on the board already
};

}  // namespace espalier::mpi_detail

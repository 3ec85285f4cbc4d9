// SPDX-License-Identifier: BSL-1.0
/// @file
/// A group of ranks as an operation sees it: the meeting at its start, and messages that are posted together and polled together.
/// The order of sums and the cut of chunks are the operations' own.
#pragma once

#include <espalier/comm/detail/tree_program.hpp>
#include <espalier/comm/mpi/detail/notice.hpp>
#include <espalier/comm/mpi/detail/post.hpp>
#include <espalier/comm/mpi/detail/world.hpp>
#include <espalier/memory/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/mpi/communicator.hpp>

namespace espalier::mpi_detail {

class group {
public:
    /// @par Ranks     collective over `ranks`
    group(std::shared_ptr<world> w, boost::mpi::communicator const& ranks)
        : world_{std::move(w)}, meetings_{ranks, boost::mpi::comm_duplicate}, channels_{ranks, boost::mpi::comm_duplicate},
          rank_{ranks.rank()}, size_{ranks.size()}, notices_(static_cast<std::size_t>(size_)),
          world_ranks_(static_cast<std::size_t>(size_)) {
        MPI_Comm_set_errhandler(channels_, MPI_ERRORS_RETURN);  // a message that is too long is an error of ours, by name
        int const mine = world_->rank();
        MPI_Allgather(&mine, 1, MPI_INT, world_ranks_.data(), 1, MPI_INT, meetings_);
    }
    group(group const&)            = delete;
    group& operator=(group const&) = delete;

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return size_; }
    [[nodiscard]] int world_rank(int r) const noexcept { return world_ranks_[static_cast<std::size_t>(r)]; }
    [[nodiscard]] world& the_world() noexcept { return *world_; }
    [[nodiscard]] std::shared_ptr<world> const& shared_world() const noexcept { return world_; }
    [[nodiscard]] boost::mpi::communicator const& meetings() const noexcept { return meetings_; }
    [[nodiscard]] boost::mpi::communicator const& channels() const noexcept { return channels_; }
    [[nodiscard]] notice const& of(int r) const noexcept { return notices_[static_cast<std::size_t>(r)]; }

    /// Waits until every rank of the group has come, and compares what they came for.
    /// @throws mismatched_collective on all ranks alike; rank_failed; deadline_passed
    void meet(notice const& mine) {
        world_->raise_failure();
        post_notices(mine);
        world_->wait([this] { return are_over(); }, [&] { return late(mine); });
        compare();
    }
    /// The same for the end of a run: without a deadline.
    void part() {
        world_->raise_failure();
        post_notices(notice_of("the end of the run", {}));
        world_->wait_out([this] { return are_over(); });
        compare();
    }

    /// Posts: nothing is waited for before `finish`. Large messages travel in pieces that fit MPI's counts.
    void send(int to, int tag, void const* data, std::int64_t bytes) {
        in_pieces(const_cast<void*>(data), bytes, [&](void* piece, int n) {
            MPI_Isend(piece, n, MPI_BYTE, to, tag, meetings_, &next_request());
        });
    }
    void receive(int from, int tag, void* data, std::int64_t bytes) {
        in_pieces(data, bytes, [&](void* piece, int n) {
            MPI_Irecv(piece, n, MPI_BYTE, from, tag, meetings_, &next_request());
        });
    }
    void broadcast(int root, void* data, std::int64_t bytes) {
        in_pieces(data, bytes, [&](void* piece, int n) { MPI_Ibcast(piece, n, MPI_BYTE, root, meetings_, &next_request()); });
    }
    /// Waits until all that was posted is over.
    void finish(notice const& mine) {
        world_->wait([this] { return are_over(); }, [&] { return late(mine); });
    }

    /// Calls post(piece, bytes) for pieces of at most 2³⁰ bytes.
    template <class Post>
    static void in_pieces(void* data, std::int64_t bytes, Post const& post) {
        constexpr std::int64_t most = std::int64_t{1} << 30;
        auto* next                  = static_cast<std::byte*>(data);
        for (; bytes > 0; bytes -= most, next += most) post(next, static_cast<int>(std::min(bytes, most)));
    }

    /// A post on a channel of this rank, and its end.
    /// @throws invalid_setting where this side of the channel has one in flight
    [[nodiscard]] std::unique_ptr<post> open(notice const& mine, int peer, int direction, bool sends);
    void close(std::unique_ptr<post> p) noexcept;

    /// Memory that operations share; it grows to the largest and stays.
    [[nodiscard]] std::byte* scratch(std::int64_t bytes) {
        if (scratch_.size() < bytes) scratch_ = buffer<std::byte, host>{bytes};
        return scratch_.data();
    }
    [[nodiscard]] detail::tree_program& program() noexcept { return program_; }

private:
    void post_notices(notice const& mine) {
        MPI_Iallgather(&mine, static_cast<int>(sizeof(notice)), MPI_BYTE, notices_.data(), static_cast<int>(sizeof(notice)), MPI_BYTE,
                       meetings_, &next_request());
    }
    [[nodiscard]] MPI_Request& next_request() { return requests_.emplace_back(MPI_REQUEST_NULL); }
    [[nodiscard]] bool are_over() {
        int over = 0;
        MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &over, MPI_STATUSES_IGNORE);
        if (over != 0) requests_.clear();
        return over != 0;
    }

    [[nodiscard]] deadline_passed late(notice const& mine) const {
        std::string others;
        for (int r = 0; r < size_; ++r)
            if (r != rank_) others += joined(others.empty() ? "" : "; ", world_->whereabouts(world_rank(r)));
        return deadline_passed{{"mpi", joined("every rank to join ", mine.to_string(), " within ", world_->deadline_seconds(), " seconds"),
                                joined("rank ", world_->rank(), " waiting, and ", others),
                                "Let every rank join, or set a longer deadline_seconds", "policies/communicator.md"}};
    }
    void compare() const {
        for (int r = 1; r < size_; ++r)
            if (!of(0).agrees_with(of(r)))
                throw mismatched_collective{{"mpi", "every rank of a group to join the same operation",
                                             joined(of(0).to_string(), " on rank ", world_rank(0), " and ", of(r).to_string(),
                                                    " on rank ", world_rank(r)),
                                             "Call the same operation in the same order with the same type and counts on every rank",
                                             "policies/communicator.md"}};
    }

    std::shared_ptr<world> world_;
    boost::mpi::communicator meetings_, channels_;  ///< collectives, and posts that name a direction
    int rank_, size_;
    std::vector<notice> notices_;
    std::vector<int> world_ranks_;
    std::vector<MPI_Request> requests_;
    std::vector<post*> in_flight_;
    std::vector<std::unique_ptr<post>> spare_;  ///< posts that are over and keep their memory
    buffer<std::byte, host> scratch_;
    detail::tree_program program_;
};

inline std::unique_ptr<post> group::open(notice const& mine, int peer, int direction, bool sends) {
    for (post const* p : in_flight_)
        if (p->peer == peer && p->direction == direction && p->sends == sends)
            throw invalid_setting{{"mpi", "one post in flight on each side of a channel",
                                   joined("a second ", mine.to_string(), " after ", p->mine.to_string()),
                                   "Wait for the first, or use another direction", "policies/communicator.md"}};
    std::unique_ptr<post> p;
    if (spare_.empty()) {
        p = std::make_unique<post>();
    } else {
        p = std::move(spare_.back());
        spare_.pop_back();
    }
    p->mine   = mine;
    p->theirs = {};
    p->requests.clear();
    p->peer      = peer;
    p->direction = direction;
    p->sends     = sends;
    p->failure   = MPI_SUCCESS;
    in_flight_.push_back(p.get());
    return p;
}
inline void group::close(std::unique_ptr<post> p) noexcept {
    in_flight_.erase(std::find(in_flight_.begin(), in_flight_.end(), p.get()));
    spare_.push_back(std::move(p));
}

}  // namespace espalier::mpi_detail

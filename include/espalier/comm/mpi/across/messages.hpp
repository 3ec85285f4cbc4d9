// SPDX-License-Identifier: BSL-1.0
/// @file
/// Messages between the ranks of a group that are posted together and polled together, of any size.
/// What they carry, and between whom, is the operations' own.
#pragma once

#include <espalier/comm/detail/post_queue.hpp>
#include <espalier/comm/mpi/detail/channels.hpp>
#include <espalier/comm/mpi/detail/world.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <boost/mpi/communicator.hpp>

namespace espalier::mpi_detail {

/// Posts of one rank. Both ends of a pair post their messages in the same order; a message of no bytes is none.
class messages {
public:
    /// @par Ranks     collective over `ranks`, and blocks in MPI: all have come already
    messages(world& w, boost::mpi::communicator const& ranks) : world_{w}, ranks_{ranks, boost::mpi::comm_duplicate} {}
    messages(messages const&)            = delete;
    messages& operator=(messages const&) = delete;
    ~messages() { withdraw(); }

    [[nodiscard]] MPI_Comm ranks() const noexcept { return ranks_; }

    void send(int to, void const* data, std::int64_t bytes) {
        in_pieces(const_cast<void*>(data), bytes,
                  [&](void* piece, int n) { post([&](MPI_Request* r) { MPI_Isend(piece, n, MPI_BYTE, to, tag, ranks_, r); }); });
    }
    void receive(int from, void* data, std::int64_t bytes) {
        in_pieces(data, bytes,
                  [&](void* piece, int n) { post([&](MPI_Request* r) { MPI_Irecv(piece, n, MPI_BYTE, from, tag, ranks_, r); }, true); });
    }
    /// Posts a collective operation of MPI: `begin(MPI_Request*)`.
    template <class Begin>
    void post(Begin const& begin, bool is_receive = false) {
        std::lock_guard const guard{world_.mpi_lock()};
        begin(&requests_.emplace_back(MPI_REQUEST_NULL));
        is_receive_.push_back(is_receive);
    }

    /// Waits until all that was posted is over. Where that fails, nothing is written afterwards to what was to be received.
    /// @param late    makes the error for a deadline that has passed
    template <class Late>
    void finish(detail::runner by, Late const& late) {
        try {
            world_.wait([this] { return are_over(); }, late, by);
        } catch (...) {
            withdraw();
            throw;
        }
    }
    /// Whether the i-th post is over, while others are not.
    [[nodiscard]] bool is_over(std::size_t i) {
        std::lock_guard const guard{world_.mpi_lock()};
        int over = 1;
        if (requests_[i] != MPI_REQUEST_NULL) MPI_Request_get_status(requests_[i], &over, MPI_STATUS_IGNORE);
        return over != 0;
    }

private:
    static constexpr int tag = 0;

    [[nodiscard]] bool are_over() {
        if (world_.posted().has_given_up())
            throw rank_failed{world_.rank(), "mpi", "it left its function with an operation under way"};
        std::lock_guard const guard{world_.mpi_lock()};
        int over = 0;
        MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &over, MPI_STATUSES_IGNORE);
        if (over != 0) forget();
        return over != 0;
    }
    /// After a failure: the process is about to end, and its memory goes before MPI does.
    void withdraw() noexcept {
        int has_ended = 0;
        MPI_Finalized(&has_ended);
        if (has_ended == 0) {
            std::lock_guard const guard{world_.mpi_lock()};
            for (std::size_t i = 0; i < requests_.size(); ++i)
                if (is_receive_[i] && requests_[i] != MPI_REQUEST_NULL) {
                    MPI_Cancel(&requests_[i]);
                    MPI_Request_free(&requests_[i]);
                }
        }
        forget();
    }
    void forget() noexcept {
        requests_.clear();
        is_receive_.clear();
    }

    world& world_;
    boost::mpi::communicator ranks_;
    std::vector<MPI_Request> requests_;
    std::vector<bool> is_receive_;
};

}  // namespace espalier::mpi_detail

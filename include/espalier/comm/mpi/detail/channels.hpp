// SPDX-License-Identifier: BSL-1.0
/// @file
/// The channels of a group of processes: posts of sends and receives that are in flight, and how large messages travel.
/// What notices and elements mean is comm/mpi/send_receive.hpp's business.
#pragma once

#include <espalier/comm/mpi/detail/notice.hpp>
#include <espalier/comm/mpi/detail/post.hpp>
#include <espalier/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <boost/mpi/communicator.hpp>

namespace espalier::mpi_detail {

/// Calls post(piece, bytes) for pieces of at most 2³⁰ bytes, which MPI's counts can say.
template <class Post>
void in_pieces(void* data, std::int64_t bytes, Post const& post) {
    constexpr std::int64_t most = std::int64_t{1} << 30;
    auto* next                  = static_cast<std::byte*>(data);
    for (; bytes > 0; bytes -= most, next += most) post(next, static_cast<int>(std::min(bytes, most)));
}

/// One rank's ends of the channels of its group.
class channels {
public:
    /// @par Ranks     collective over `ranks`
    explicit channels(boost::mpi::communicator const& ranks) : ranks_{ranks, boost::mpi::comm_duplicate} {
        MPI_Comm_set_errhandler(ranks_, MPI_ERRORS_RETURN);  // a message that is too long is an error of ours, by name
    }

    [[nodiscard]] boost::mpi::communicator const& ranks() const noexcept { return ranks_; }

    /// A post on a channel of this rank, until `close`.
    /// @throws invalid_setting where this side of the channel has one in flight
    [[nodiscard]] std::unique_ptr<post> open(notice const& mine, int peer, int direction, bool sends) {
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
    void close(std::unique_ptr<post> p) noexcept {
        in_flight_.erase(std::find(in_flight_.begin(), in_flight_.end(), p.get()));
        spare_.push_back(std::move(p));
    }

private:
    boost::mpi::communicator ranks_;
    std::vector<post*> in_flight_;
    std::vector<std::unique_ptr<post>> spare_;  ///< posts that are over and keep their memory
};

}  // namespace espalier::mpi_detail

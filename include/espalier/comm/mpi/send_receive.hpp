// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sends and receives between processes, by rendezvous: synchronous sends, so that nothing is buffered. Before the elements goes a
/// notice of their type and count, by which the receiver sees whether both ends mean the same.
#pragma once

#include <espalier/comm/mpi.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace espalier {

namespace mpi_detail {
/// Whether a post is over; asks MPI.
[[nodiscard]] inline bool is_over(world& w, post& p) {
    std::lock_guard const guard{w.mpi_lock()};
    return p.is_over();
}
}  // namespace mpi_detail

/// A post in flight; to be waited for by the thread that posted. Destroyed before, a receive is withdrawn; a send, which MPI cannot take back, and a
/// collective operation, on which others count, are waited for. Where an exception leaves the rank's function, its operations under way fail instead, on all ranks.
class [[nodiscard]] mpi::request {
public:
    request()                   = default;
    request(request&&) noexcept = default;
    request& operator=(request&& other) noexcept {
        request taken{std::move(other)};
        std::swap(group_, taken.group_);
        std::swap(post_, taken.post_);
        std::swap(ticket_, taken.ticket_);
        std::swap(flight_, taken.flight_);
        return *this;
    }
    ~request() {
        if (group_ == nullptr) return;
        auto& world = group_->the_world();
        if (post_ == nullptr) {
            world.posted().abandon(ticket_);
            return;
        }
        try {
            if (!post_->sends) {
                std::lock_guard const guard{world.mpi_lock()};
                for (auto& r : post_->requests)
                    if (r != MPI_REQUEST_NULL) MPI_Cancel(&r);
            }
            world.wait_out([&] { return mpi_detail::is_over(world, *post_); });
        } catch (error const&) {  // a rank has failed: the process is about to end
        }
        group_->the_channels().close(std::move(post_));
        world.recorder().end(flight_, true);
    }

    /// Whether `wait` would return at once.
    [[nodiscard]] bool is_over() const {
        if (group_ == nullptr) return true;
        return post_ != nullptr ? mpi_detail::is_over(group_->the_world(), *post_) : group_->the_world().posted().is_over(ticket_);
    }

private:
    friend class mpi;
    request(std::shared_ptr<mpi_detail::group> g, std::unique_ptr<mpi_detail::post> p, flight_recorder::ticket flight) noexcept
        : group_{std::move(g)}, post_{std::move(p)}, flight_{flight} {}
    request(std::shared_ptr<mpi_detail::group> g, std::uint32_t ticket) noexcept : group_{std::move(g)}, ticket_{ticket} {}

    std::shared_ptr<mpi_detail::group> group_;  // null: nothing to wait for
    std::unique_ptr<mpi_detail::post> post_;    // null: a collective operation
    std::uint32_t ticket_           = 0;
    flight_recorder::ticket flight_ = 0;  ///< of a channel's end
};

template <class Operation>
mpi::request mpi::post(Operation const& op, call_site at) {
    auto& world = group_->the_world();
    world.raise_failure();
    return request{group_, world.posted().post(entity, [op, at, flight = group_->record_post(op, at), g = group_.get()](detail::runner by) {
                       detail::flight_leg leg{g->the_world().recorder(), flight};
                       g->perform_posted(op, at, by);
                       leg.is_done();
                   })};
}

namespace mpi_detail {

/// Each direction has two tags: one for the notice, one for the elements.
[[nodiscard]] inline int tag_of(int direction, bool elements) noexcept { return 2 * direction + (elements ? 1 : 0); }

/// Users number directions up to 1000; one more is for sends that wait.
inline constexpr int last_direction = 1001;

inline void require_channel(group& g, int peer, int direction) {
    g.the_world().raise_failure();
    detail::require_peer("mpi", peer, g.size());
    if (direction < 0 || direction > last_direction)
        throw invalid_setting{{"mpi", "a direction in 0 … 1000", joined(direction), "Number directions from 0", "policies/communicator.md"}};
}

template <class T>
[[nodiscard]] flight_recorder::ticket record_post(group& g, char const* operation, std::int64_t n, char const* peer, int rank, call_site at) noexcept {
    return g.the_world().recorder().begin(detail::flight_entry_of_post<T>(g.id(), operation, n, peer, g.world_rank(rank), at));
}

}  // namespace mpi_detail

template <class T>
mpi::request mpi::post_send(int to, int direction, T const* data, std::int64_t n, call_site at) {
    mpi_detail::require_channel(*group_, to, direction);
    auto p = group_->the_channels().open(mpi_detail::notice_of<T>("post_send", n, at), to, direction, true);
    auto const& channels = group_->the_channels().ranks();
    std::lock_guard const guard{group_->the_world().mpi_lock()};
    MPI_Issend(&p->mine, static_cast<int>(sizeof(p->mine)), MPI_BYTE, to, mpi_detail::tag_of(direction, false), channels,
               &p->requests.emplace_back());
    mpi_detail::in_pieces(const_cast<T*>(data), n * static_cast<std::int64_t>(sizeof(T)), [&](void* piece, int bytes) {
        MPI_Issend(piece, bytes, MPI_BYTE, to, mpi_detail::tag_of(direction, true), channels, &p->requests.emplace_back());
    });
    return request{group_, std::move(p), mpi_detail::record_post<T>(*group_, "post_send", n, "to", to, at)};
}

template <class T>
mpi::request mpi::post_recv(int from, int direction, T* data, std::int64_t n, call_site at) {
    mpi_detail::require_channel(*group_, from, direction);
    auto p = group_->the_channels().open(mpi_detail::notice_of<T>("post_recv", n, at), from, direction, false);
    auto const& channels = group_->the_channels().ranks();
    std::lock_guard const guard{group_->the_world().mpi_lock()};
    MPI_Irecv(&p->theirs, static_cast<int>(sizeof(p->theirs)), MPI_BYTE, from, mpi_detail::tag_of(direction, false), channels,
              &p->requests.emplace_back());
    mpi_detail::in_pieces(data, n * static_cast<std::int64_t>(sizeof(T)), [&](void* piece, int bytes) {
        MPI_Irecv(piece, bytes, MPI_BYTE, from, mpi_detail::tag_of(direction, true), channels, &p->requests.emplace_back());
    });
    return request{group_, std::move(p), mpi_detail::record_post<T>(*group_, "post_recv", n, "from", from, at)};
}

inline void mpi::wait(request& r, call_site at) {
    if (r.group_ == nullptr) return;
    if (r.post_ == nullptr) {
        auto const holder = std::exchange(r.group_, nullptr);
        return holder->the_world().posted().wait(r.ticket_);
    }
    auto& p     = *r.post_;
    auto& world = group_->the_world();
    mpi_detail::world::activity const busy{world, p.sends ? "wait for a send" : "wait for a receive", at};
    auto const channel = [&] {
        int const me = group_->world_rank(rank()), peer = group_->world_rank(p.peer);
        return joined("channel ", p.sends ? me : peer, " → ", p.sends ? peer : me, ", direction ", p.direction);
    };
    // The receiver's notice tells first: elements that never come, because the other end has none, are not waited for.
    auto const disagree = [&] { return !p.sends && p.requests[0] == MPI_REQUEST_NULL && !p.theirs.same_elements(p.mine); };
    world.wait([&] { return mpi_detail::is_over(world, p) || disagree(); },
               [&] {
                   return deadline_passed{{"mpi", joined("both ends of ", channel(), " to be posted within ", world.deadline_seconds(), " seconds"),
                                           joined("rank ", world.rank(), " waiting for a ", p.sends ? "send" : "receive", " of ",
                                                  p.mine.to_string(), ", and ", world.whereabouts(group_->world_rank(p.peer))),
                                           "Post the other end, or set a longer deadline_seconds", "policies/communicator.md"}};
               });
    if (disagree() || p.failure != MPI_SUCCESS) {
        mismatched_collective const error{{"mpi", joined("one type and count on both ends of ", channel()),
                                           joined(p.theirs.to_string(), " and ", p.mine.to_string()),
                                           "Post the same type and count on both ends", "policies/communicator.md"}};
        request const withdrawn{std::move(r)};
        throw error;
    }
    r.group_->the_channels().close(std::move(r.post_));
    world.recorder().end(r.flight_);
    r.group_ = nullptr;
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sends and receives between processes, by rendezvous: synchronous sends, so that nothing is buffered. Before the elements goes a
/// notice of their type and count, by which the receiver sees whether both ends mean the same.
#pragma once

#include <espalier/comm/mpi.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace espalier {

namespace mpi_detail {

/// Each direction has two tags: one for the notice, one for the elements.
[[nodiscard]] inline int tag_of(int direction, bool elements) noexcept { return 2 * direction + (elements ? 1 : 0); }

inline void require_channel(group& g, int peer, int direction) {
    g.the_world().raise_failure();
    if (peer < 0 || peer >= g.size())
        throw invalid_setting{{"mpi", joined("a peer in 0 … ", g.size() - 1), joined(peer), "Name a rank of the group",
                               "policies/communicator.md"}};
    if (direction < 0 || direction > 1000)
        throw invalid_setting{{"mpi", "a direction in 0 … 1000", joined(direction), "Number directions from 0", "policies/communicator.md"}};
}

}  // namespace mpi_detail

/// A post in flight. Destroyed before it was waited for, a receive is withdrawn; a send, which MPI cannot take back, is waited for.
class [[nodiscard]] mpi::request {
public:
    request()                   = default;
    request(request&&) noexcept = default;
    request& operator=(request&& other) noexcept {
        request taken{std::move(other)};
        std::swap(group_, taken.group_);
        std::swap(post_, taken.post_);
        return *this;
    }
    ~request() {
        if (post_ == nullptr) return;
        try {
            if (!post_->sends)
                for (auto& r : post_->requests)
                    if (r != MPI_REQUEST_NULL) MPI_Cancel(&r);
            group_->the_world().wait_out([this] { return post_->is_over(); });
        } catch (error const&) {  // a rank has failed: the process is about to end
        }
        group_->close(std::move(post_));
    }

private:
    friend class mpi;
    request(std::shared_ptr<mpi_detail::group> g, std::unique_ptr<mpi_detail::post> p) noexcept
        : group_{std::move(g)}, post_{std::move(p)} {}

    std::shared_ptr<mpi_detail::group> group_;
    std::unique_ptr<mpi_detail::post> post_;
};

template <class T>
mpi::request mpi::post_send(int to, int direction, T const* data, std::int64_t n, call_site at) {
    mpi_detail::require_channel(*group_, to, direction);
    auto p = group_->open(mpi_detail::notice_of<T>("post_send", n, at), to, direction, true);
    auto const& channels = group_->channels();
    MPI_Issend(&p->mine, static_cast<int>(sizeof(p->mine)), MPI_BYTE, to, mpi_detail::tag_of(direction, false), channels,
               &p->requests.emplace_back());
    mpi_detail::group::in_pieces(const_cast<T*>(data), n * static_cast<std::int64_t>(sizeof(T)), [&](void* piece, int bytes) {
        MPI_Issend(piece, bytes, MPI_BYTE, to, mpi_detail::tag_of(direction, true), channels, &p->requests.emplace_back());
    });
    return request{group_, std::move(p)};
}

template <class T>
mpi::request mpi::post_recv(int from, int direction, T* data, std::int64_t n, call_site at) {
    mpi_detail::require_channel(*group_, from, direction);
    auto p = group_->open(mpi_detail::notice_of<T>("post_recv", n, at), from, direction, false);
    auto const& channels = group_->channels();
    MPI_Irecv(&p->theirs, static_cast<int>(sizeof(p->theirs)), MPI_BYTE, from, mpi_detail::tag_of(direction, false), channels,
              &p->requests.emplace_back());
    mpi_detail::group::in_pieces(data, n * static_cast<std::int64_t>(sizeof(T)), [&](void* piece, int bytes) {
        MPI_Irecv(piece, bytes, MPI_BYTE, from, mpi_detail::tag_of(direction, true), channels, &p->requests.emplace_back());
    });
    return request{group_, std::move(p)};
}

inline void mpi::wait(request& r, call_site at) {
    if (r.post_ == nullptr) return;
    auto& p     = *r.post_;
    auto& world = group_->the_world();
    mpi_detail::world::activity const busy{world, p.sends ? "wait for a send" : "wait for a receive", at};
    auto const channel = [&] {
        int const me = group_->world_rank(rank()), peer = group_->world_rank(p.peer);
        return joined("channel ", p.sends ? me : peer, " → ", p.sends ? peer : me, ", direction ", p.direction);
    };
    // The receiver's notice tells first: elements that never come, because the other end has none, are not waited for.
    auto const disagree = [&] { return !p.sends && p.requests[0] == MPI_REQUEST_NULL && !p.theirs.same_elements(p.mine); };
    world.wait([&] { return p.is_over() || disagree(); },
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
    group_->close(std::move(r.post_));
}

}  // namespace espalier

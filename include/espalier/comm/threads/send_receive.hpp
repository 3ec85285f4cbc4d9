// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sends and receives between threads, by rendezvous: nothing is buffered; the second end to be posted copies.
#pragma once

#include <espalier/comm/threads.hpp>

#include <memory>
#include <utility>

namespace espalier {

/// A post in flight. Destroyed before it was waited for, it is withdrawn: from then on nobody touches its data.
class [[nodiscard]] threads::request {
public:
    request() = default;
    request(request&& other) noexcept
        : group_{std::move(other.group_)}, channel_{std::exchange(other.channel_, nullptr)}, mine_{other.mine_} {}
    request& operator=(request&& other) noexcept {
        request taken{std::move(other)};
        std::swap(group_, taken.group_);
        std::swap(channel_, taken.channel_);
        std::swap(mine_, taken.mine_);
        return *this;
    }
    ~request() {
        if (channel_ != nullptr) channel_->take(*mine_);
    }

private:
    friend class threads;
    request(std::shared_ptr<threads_detail::group> g, threads_detail::channel& c, threads_detail::channel_end& mine) noexcept
        : group_{std::move(g)}, channel_{&c}, mine_{&mine} {}

    std::shared_ptr<threads_detail::group> group_;  // owns the channel
    threads_detail::channel* channel_  = nullptr;
    threads_detail::channel_end* mine_ = nullptr;
};

namespace threads_detail {
inline void require_peer(group& g, int peer) {
    g.the_world().raise_failure();
    if (peer < 0 || peer >= g.size())
        throw invalid_setting{{"threads", joined("a peer in 0 … ", g.size() - 1), joined(peer), "Name a rank of the group",
                               "policies/communicator.md"}};
}
}  // namespace threads_detail

template <class T>
threads::request threads::post_send(int to, int direction, T const* data, std::int64_t n, call_site at) {
    threads_detail::require_peer(*group_, to);
    auto& channel = group_->channel_of(rank_, to, direction);
    // The elements are only read: the channel copies from a source, never to it.
    if (channel.post(channel.source, const_cast<T*>(data), n, detail::record_of<T>, at))
        group_->the_world().look_again(channel.to);
    return request{group_, channel, channel.source};
}

template <class T>
threads::request threads::post_recv(int from, int direction, T* data, std::int64_t n, call_site at) {
    threads_detail::require_peer(*group_, from);
    auto& channel = group_->channel_of(from, rank_, direction);
    if (channel.post(channel.destination, data, n, detail::record_of<T>, at)) group_->the_world().look_again(channel.from);
    return request{group_, channel, channel.destination};
}

inline void threads::wait(request& r, call_site at) {
    if (r.channel_ == nullptr) return;
    bool const sends = r.mine_ == &r.channel_->source;
    auto& world      = group_->the_world();
    int const me     = group_->world_rank(rank_);
    request const ending{std::move(r)};  // whatever happens below, the post is over afterwards
    auto& channel = *ending.channel_;
    threads_detail::world::activity const busy{world, me, sends ? "wait for a send" : "wait for a receive", at};
    auto const end = world.wait(me, [&] { return ending.mine_->is_over(); });
    if (end == threads_detail::wake::failed) world.raise_failure();
    if (end == threads_detail::wake::late) {
        deadline_passed const error{{"threads",
                                     joined("both ends of ", channel.name(), " to be posted within ",
                                            world.deadline_seconds(), " seconds"),
                                     joined("rank ", me, " waiting for a ", sends ? "send" : "receive", " of ",
                                            ending.mine_->to_string(), ", and ",
                                            world.whereabouts(sends ? channel.to : channel.from)),
                                     "Post the other end, or set a longer deadline_seconds", "policies/communicator.md"}};
        world.fail(me, std::make_exception_ptr(error), error.what());
        throw error;
    }
    if (auto const trouble = channel.take(*ending.mine_); !trouble.empty())
        throw mismatched_collective{{"threads", joined("one type and count on both ends of ", channel.name()), trouble,
                                     "Post the same type and count on both ends", "policies/communicator.md"}};
}

}  // namespace espalier

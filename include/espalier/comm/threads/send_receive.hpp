// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sends and receives between threads, by rendezvous: nothing is buffered; the second end to be posted copies.
#pragma once

#include <espalier/comm/threads.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace espalier {

/// A post in flight; to be waited for by the thread that posted. Destroyed before, a send or receive is withdrawn: from then on nobody
/// touches its data. A collective operation cannot be withdrawn, since others count on it: it is waited for. Where an exception
/// leaves the rank's function, its operations under way fail instead, on all ranks.
class [[nodiscard]] threads::request {
public:
    request() = default;
    request(request&& other) noexcept
        : member_{std::move(other.member_)}, channel_{std::exchange(other.channel_, nullptr)}, mine_{other.mine_}, ticket_{other.ticket_}, flight_{other.flight_} {}
    request& operator=(request&& other) noexcept {
        request taken{std::move(other)};
        std::swap(member_, taken.member_);
        std::swap(channel_, taken.channel_);
        std::swap(mine_, taken.mine_);
        std::swap(ticket_, taken.ticket_);
        std::swap(flight_, taken.flight_);
        return *this;
    }
    ~request() {
        if (channel_ != nullptr) {
            channel_->take(*mine_);
            member_->place->recorder().end(flight_, true);
        } else if (member_ != nullptr) {
            member_->place->posted().abandon(ticket_);
        }
    }

    /// Whether `wait` would return at once.
    [[nodiscard]] bool is_over() const noexcept {
        return channel_ != nullptr ? mine_->is_over() : member_ == nullptr || member_->place->posted().is_over(ticket_);
    }

private:
    friend class threads;
    using member = threads_detail::member;
    request(std::shared_ptr<member> m, threads_detail::channel& c, threads_detail::channel_end& mine, flight_recorder::ticket flight) noexcept
        : member_{std::move(m)}, channel_{&c}, mine_{&mine}, flight_{flight} {}
    request(std::shared_ptr<member> m, std::uint32_t ticket) noexcept : member_{std::move(m)}, ticket_{ticket} {}

    std::shared_ptr<member> member_;  // null: nothing to wait for
    threads_detail::channel* channel_  = nullptr;
    threads_detail::channel_end* mine_ = nullptr;
    std::uint32_t ticket_              = 0;
    flight_recorder::ticket flight_    = 0;  ///< of a channel's end
};

template <class Operation>
threads::request threads::post(Operation const& op, call_site at) {
    me_->place->raise_failure();
    auto& recorder    = me_->place->recorder();
    auto const flight = recorder.begin(detail::flight_entry_of(op, me_->posted.id(), ++me_->posts, at, true));
    return request{me_, me_->place->posted().post(entity, [op, at, flight, m = me_.get()](detail::runner by) {
                       threads_detail::world::activity const busy{m->place->the_world(), m->place->rank(), Operation::record.operation.value, at, true};
                       detail::flight_leg leg{m->place->recorder(), flight};
                       m->posted.perform_recorded(op, at, by);
                       leg.is_done();
                   })};
}

namespace threads_detail {
inline void require_peer(member& m, int peer) {
    m.place->raise_failure();
    detail::require_peer("threads", peer, m.all->size());
}
template <class T>
[[nodiscard]] flight_recorder::ticket record_post(member& m, char const* operation, std::int64_t n, char const* peer, int rank, call_site at) noexcept {
    return m.place->recorder().begin(detail::flight_entry_of_post<T>(m.blocking.id(), operation, n, peer, m.blocking.world_rank(rank), at));
}
}  // namespace threads_detail

template <class T>
threads::request threads::post_send(int to, int direction, T const* data, std::int64_t n, call_site at) {
    threads_detail::require_peer(*me_, to);
    auto& channel = me_->all->channel_of(rank(), to, direction);
    // The elements are only read: the channel copies from a source, never to it.
    if (channel.post(channel.source, const_cast<T*>(data), n, detail::record_of<T>, at))
        me_->place->the_world().look_again(channel.to);
    return request{me_, channel, channel.source, threads_detail::record_post<T>(*me_, "post_send", n, "to", to, at)};
}

template <class T>
threads::request threads::post_recv(int from, int direction, T* data, std::int64_t n, call_site at) {
    threads_detail::require_peer(*me_, from);
    auto& channel = me_->all->channel_of(from, rank(), direction);
    if (channel.post(channel.destination, data, n, detail::record_of<T>, at)) me_->place->the_world().look_again(channel.from);
    return request{me_, channel, channel.destination, threads_detail::record_post<T>(*me_, "post_recv", n, "from", from, at)};
}

inline void threads::wait(request& r, call_site at) {
    if (r.member_ == nullptr) return;
    if (r.channel_ == nullptr) {
        auto const member = std::exchange(r.member_, nullptr);
        return member->place->posted().wait(r.ticket_);
    }
    bool const sends = r.mine_ == &r.channel_->source;
    auto& world      = me_->place->the_world();
    int const me     = me_->place->rank();
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
    auto const trouble = channel.take(*ending.mine_);
    me_->place->recorder().end(ending.flight_, !trouble.empty());
    if (!trouble.empty())
        throw mismatched_collective{{"threads", joined("one type and count on both ends of ", channel.name()), trouble,
                                     "Post the same type and count on both ends", "policies/communicator.md"}};
}

}  // namespace espalier

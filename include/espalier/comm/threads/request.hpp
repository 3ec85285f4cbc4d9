// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a post over threads gives: one end of a channel, or a place in the queue of collective operations. Waiting is in send_receive.hpp.
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
            auto& posted = member_->place->posted();
            if (std::uncaught_exceptions() > 0 && !posted.is_over(ticket_)) posted.give_up();
            static_cast<void>(posted.finish(ticket_));  // what went wrong is the world's failure: the next operation throws it
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

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a post over processes gives: one end of a channel, or a place in the queue of collective operations. Waiting is in send_receive.hpp.
#pragma once

#include <espalier/comm/mpi.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

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
            if (std::uncaught_exceptions() > 0 && !world.posted().is_over(ticket_)) world.posted().give_up();
            static_cast<void>(world.posted().finish(ticket_));  // what went wrong is the node's failure: the next operation throws it
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

}  // namespace espalier

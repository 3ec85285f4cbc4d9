// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whom a rank of a mesh speaks to: the stages before and after it, and the replicas of its own. It knows which bytes an action names,
/// and no plan's order.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <memory>

namespace espalier::detail {

/// Where every rank has the whole model, all ranks are replicas, and there is nothing more to know.
template <class C, class P, class T>
class neighbours {
public:
    template <class Plan>
    constexpr neighbours(C&, Plan const&) noexcept {}
    [[nodiscard]] C& replicas(C& world) const noexcept { return world; }
};

template <class C, class P, class T>
    requires requires { P::is_chunked; }
class neighbours<C, P, T> {
    static constexpr bool sends = P::stages > 1;

public:
    /// @par Ranks     collective where there are replicas of several ranks
    template <class Plan>
    neighbours(C& world, Plan const& plan) : world_{world} {
        int const others = plan.ranks / plan.replicas();  // ranks that hold other parts than this one
        if (others > 1 && plan.replicas() > 1) replicas_ = std::make_unique<C>(world.split(plan.rank % others, plan.replica()));
    }
    /// The ranks that hold the same parts of the same chunks as this one.
    [[nodiscard]] C& replicas(C& world) const noexcept { return replicas_ ? *replicas_ : world; }

    template <class Part, class Plan>
    void post([[maybe_unused]] Part const& part, [[maybe_unused]] Plan const& plan, [[maybe_unused]] action const& a) {
        if constexpr (sends) {
            bool const ahead    = a.direction == way::forward;
            int const direction = static_cast<int>(a.direction);
            chunk_plan const& c = plan.chunk[a.chunk];
            if (a.kind == action_kind::post_send)
                request_[direction][0] = ahead ? world_.post_send(a.peer, direction, static_cast<T const*>(part.output(a)), c.gives)
                                               : world_.post_send(a.peer, direction, static_cast<T const*>(part.leaving()), c.takes);
            else
                request_[direction][1] = ahead ? world_.post_recv(a.peer, direction, part.box(a.box), c.takes)
                                               : world_.post_recv(a.peer, direction, part.arriving(), c.gives);
        }
    }
    void wait([[maybe_unused]] action const& a) {
        if constexpr (sends) world_.wait(request_[static_cast<int>(a.direction)][a.kind == action_kind::wait_send ? 0 : 1]);
    }

    /// Outside a step's plan, when a batch passes the stages one by one: the input of a chunk into its box, and its output on.
    template <class Part, class Plan>
    void receive_input([[maybe_unused]] Part const& part, [[maybe_unused]] Plan const& plan, [[maybe_unused]] action const& a) {
        if constexpr (sends) {
            if (plan.chunk[a.chunk].number == 0) return;
            auto r = world_.post_recv(plan.rank_of_stage(-1), 0, part.box(a.box), plan.chunk[a.chunk].takes);
            world_.wait(r);
        }
    }
    template <class Plan>
    void send_output([[maybe_unused]] Plan const& plan, [[maybe_unused]] action const& a, [[maybe_unused]] T const* y) {
        if constexpr (sends) {
            if (plan.chunk[a.chunk].number == plan.all_chunks - 1) return;
            auto r = world_.post_send(plan.rank_of_stage(1), 0, y, plan.chunk[a.chunk].gives);
            world_.wait(r);
        }
    }

private:
    template <class Sender>
    struct request_of {
        using type = int;
    };
    template <class Sender>
        requires sends
    struct request_of<Sender> {
        using type = typename Sender::request;
    };

    C& world_;
    std::unique_ptr<C> replicas_;
    typename request_of<C>::type request_[2][2] = {};
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// `timed<C>`: a communicator that hands every call to a real one and adds up how long this rank is inside. It counts no messages, and knows
/// nothing of what they are for.
#pragma once

#include "support/report.hpp"

#include <espalier/comm/concepts.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

namespace bench {

/// Seconds inside calls, on one of two sides that the caller chooses.
struct seconds_inside {
    std::array<double, 2> seconds{};
    std::size_t side = 0;
};

/// Wraps C; groups made by `split` count into the same account of their rank. Barriers are not counted.
/// @par Cost      two looks at the clock a call
template <espalier::Communicator C>
class timed {
public:
    using memory_space = typename C::memory_space;
    using request      = typename C::request;

    /// @param real a group of this object's own, such as `split` gives: launch needs what it made to the end
    explicit timed(C real) : real_{std::move(real)}, inside_{std::make_shared<seconds_inside>()} {}

    [[nodiscard]] seconds_inside& inside() const { return *inside_; }

    [[nodiscard]] int rank() const { return real_.rank(); }
    [[nodiscard]] int size() const { return real_.size(); }
    [[nodiscard]] timed split(int color, int key) { return timed{real_.split(color, key), inside_}; }
    void barrier() { real_.barrier(); }
    [[nodiscard]] auto allocate(std::size_t bytes) { return real_.allocate(bytes); }

    template <class... A>
        requires requires(C& c, A&&... a) { c.all_reduce(std::forward<A>(a)...); }
    void all_reduce(A&&... a) {
        call const here{*inside_};
        real_.all_reduce(std::forward<A>(a)...);
    }
    template <class... A>
        requires requires(C& c, A&&... a) { c.reduce_scatter(std::forward<A>(a)...); }
    void reduce_scatter(A&&... a) {
        call const here{*inside_};
        real_.reduce_scatter(std::forward<A>(a)...);
    }
    template <class... A>
        requires requires(C& c, A&&... a) { c.all_gather(std::forward<A>(a)...); }
    void all_gather(A&&... a) {
        call const here{*inside_};
        real_.all_gather(std::forward<A>(a)...);
    }
    template <class... A>
        requires requires(C& c, A&&... a) { c.broadcast(std::forward<A>(a)...); }
    void broadcast(A&&... a) {
        call const here{*inside_};
        real_.broadcast(std::forward<A>(a)...);
    }
    template <class... A>
        requires requires(C& c, A&&... a) { c.post_send(std::forward<A>(a)...); }
    [[nodiscard]] request post_send(A&&... a) {
        call const here{*inside_};
        return real_.post_send(std::forward<A>(a)...);
    }
    template <class... A>
        requires requires(C& c, A&&... a) { c.post_recv(std::forward<A>(a)...); }
    [[nodiscard]] request post_recv(A&&... a) {
        call const here{*inside_};
        return real_.post_recv(std::forward<A>(a)...);
    }
    template <class... A>
        requires requires(C& c, A&&... a) { c.post_all_reduce(std::forward<A>(a)...); }
    [[nodiscard]] request post_all_reduce(A&&... a) {
        call const here{*inside_};
        return real_.post_all_reduce(std::forward<A>(a)...);
    }
    template <class... A>
        requires requires(C& c, A&&... a) { c.post_reduce_scatter(std::forward<A>(a)...); }
    [[nodiscard]] request post_reduce_scatter(A&&... a) {
        call const here{*inside_};
        return real_.post_reduce_scatter(std::forward<A>(a)...);
    }
    void wait(request& r) {
        call const here{*inside_};
        real_.wait(r);
    }

private:
    timed(C real, std::shared_ptr<seconds_inside> inside) : real_{std::move(real)}, inside_{std::move(inside)} {}

    /// From its beginning to its end.
    class call {
    public:
        explicit call(seconds_inside& s) : to_{s.seconds[s.side]}, since_{now()} {}
        call(call const&)            = delete;
        call& operator=(call const&) = delete;
        ~call() { to_ += now() - since_; }

    private:
        double& to_;
        double since_;
    };

    C real_;
    std::shared_ptr<seconds_inside> inside_;
};

}  // namespace bench

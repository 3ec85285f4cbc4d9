// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sends and receives that wait, for communicators that can post them. Posting and waiting are the communicator's own.
#pragma once

#include <espalier/core/call_site.hpp>

#include <cstdint>

namespace espalier {

/// Base of a communicator `Self` with `post_send`, `post_recv`, `wait`, and `blocking_direction`: a channel apart from those that users number.
/// @par Ranks     between two ranks of the group
/// @par Units     counts in elements
template <class Self>
class point_to_point {
public:
    /// Sends n elements, and waits until rank `to` has received them.
    /// @par Ranks     rank `to` calls `receive` or `send_receive`
    template <class T>
    void send(int to, T const* data, std::int64_t n, call_site at = call_site::here()) {
        auto r = own().post_send(to, Self::blocking_direction, data, n, at);
        own().wait(r, at);
    }
    /// Receives n elements from rank `from`.
    template <class T>
    void receive(int from, T* data, std::int64_t n, call_site at = call_site::here()) {
        auto r = own().post_recv(from, Self::blocking_direction, data, n, at);
        own().wait(r, at);
    }
    /// Sends n elements to one rank while it receives m from one: in a ring nobody waits for its own turn.
    template <class T>
    void send_receive(int to, T const* data, std::int64_t n, int from, T* into, std::int64_t m, call_site at = call_site::here()) {
        auto s = own().post_send(to, Self::blocking_direction, data, n, at);
        auto r = own().post_recv(from, Self::blocking_direction, into, m, at);
        own().wait(r, at);
        own().wait(s, at);
    }

private:
    friend Self;
    point_to_point()                                     = default;
    point_to_point(point_to_point&&) noexcept            = default;
    point_to_point& operator=(point_to_point&&) noexcept = default;
    ~point_to_point()                                    = default;

    [[nodiscard]] Self& own() noexcept { return static_cast<Self&>(*this); }
};

}  // namespace espalier

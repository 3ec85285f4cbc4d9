// SPDX-License-Identifier: BSL-1.0
/// @file
/// Starts the rank threads of `threads`, waits for them, and hands the first failure to the caller.
#pragma once

#include <espalier/comm/threads.hpp>
#include <espalier/comm/detail/exception_text.hpp>

#include <exception>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

namespace espalier {

namespace threads_detail {
/// Runs `body` as rank `rank`; what it throws becomes the world's failure.
template <class Body>
void run_rank(world& w, int rank, Body const& body) noexcept {
    try {
        body();
    } catch (...) {
        w.fail(rank, std::current_exception(), detail::text_of_current_exception());
    }
    w.has_left(rank);
}
}  // namespace threads_detail

template <class F>
void threads::launch(int ranks, settings const& s, F&& f) {
    auto const world = std::make_shared<threads_detail::world>(ranks, s);
    std::vector<int> everybody(static_cast<std::size_t>(ranks));
    std::iota(everybody.begin(), everybody.end(), 0);
    auto const all = std::make_shared<threads_detail::group>(std::move(everybody));

    std::vector<std::thread> crew;
    crew.reserve(static_cast<std::size_t>(ranks));
    for (int r = 0; r < ranks; ++r) {
        auto const body = [&f, &all, &world, r] {
            threads mine{std::make_shared<threads_detail::member>(std::make_shared<threads_detail::station>(world, r), all, r, 0)};
            f(mine);
        };
        try {
            crew.emplace_back([world = world.get(), r, body] { threads_detail::run_rank(*world, r, body); });
        } catch (...) {  // the system has no more threads: those that run must not wait for this one
            world->fail(r, std::current_exception(), detail::text_of_current_exception());
            break;
        }
    }
    for (auto& thread : crew) thread.join();
    world->write_flight_files();
    world->rethrow_failure();
}

template <class F>
void threads::launch(int ranks, F&& f) {
    launch(ranks, settings{}, std::forward<F>(f));
}

}  // namespace espalier

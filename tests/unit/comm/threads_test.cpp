// SPDX-License-Identifier: BSL-1.0
/// @file
/// What is special to threads beyond the laws in conformance/communicator/: settings, what a watchdog sees, what is checked
/// before ranks meet.
#include "support/catch.hpp"
#include "support/ranks.hpp"

#include <espalier/comm/threads.hpp>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace espalier;
using espalier_test::on_ranks;

namespace {

std::string refusal_of(int ranks, threads::settings const& s) {
    try {
        threads::launch(ranks, s, [](threads&) {});
    } catch (invalid_setting const& e) {
        return e.what();
    }
    return "";
}

}  // namespace

TEST_CASE("threads refuses settings out of range by name and value", "[comm]") {
    CHECK(refusal_of(0, {}).find("threads: requires at least 1 rank; got 0.") != std::string::npos);
    for (double seconds : {0.0, -1.0, 1e300})
        CHECK(refusal_of(1, {.deadline_seconds = seconds}).find("requires a deadline above 0") != std::string::npos);
    CHECK(refusal_of(1, {.deadline_seconds = 0.5}).empty());
}

TEST_CASE("a watchdog sees in which operation each rank is", "[comm]") {
    // Rank 1 stays out until it sees rank 0 in its operation, so the words must come or the run ends at its deadline.
    auto const result = on_ranks<threads>(2, [](threads& world) {
        auto const seen = world.look_out();
        int x           = world.rank();
        if (world.rank() == 0) {
            world.broadcast(&x, 1, 0);
            auto r = world.post_send(1, 0, &x, 1);
            world.wait(r);
            return std::string{};
        }
        auto const is_in = [&](std::string_view name) {
            char const* const now = seen.operation(0);
            return now != nullptr && now == name;
        };
        while (!is_in("broadcast")) std::this_thread::yield();
        auto const text = seen.whereabouts(0);
        world.broadcast(&x, 1, 0);
        while (!is_in("wait for a send")) std::this_thread::yield();
        auto r = world.post_recv(0, 0, &x, 1);
        world.wait(r);
        return text;
    });
    REQUIRE(result.all_returned());
    CHECK(result.value[1].find("rank 0 is in broadcast (") == 0);
    CHECK(result.value[1].find("threads_test.cpp:") != std::string::npos);
}

TEST_CASE("threads refuses borders, roots and peers that do not fit the group", "[comm]") {
    auto const result = on_ranks<threads>(2, [](threads& world) {
        float x[4] = {};
        std::string text;
        auto const refused = [&](auto const& call) {
            try {
                call();
                text += "taken\n";
            } catch (invalid_setting const& e) {
                text += e.what();
            }
        };
        std::int64_t const short_of_one[] = {0, 4}, late[] = {1, 2, 4}, falling[] = {0, 3, 2};
        refused([&] { world.all_gather(x, short_of_one); });
        refused([&] { world.all_gather(x, late); });
        refused([&] { world.reduce_scatter(x, x, falling, sum{}); });
        refused([&] { world.broadcast(x, 4, 2); });
        refused([&] { world.broadcast(x, 4, -1); });
        refused([&] { (void)world.post_send(2, 0, x, 4); });
        refused([&] { (void)world.post_recv(-1, 0, x, 4); });
        world.barrier();
        return text;
    });
    REQUIRE(result.all_returned());
    for (auto const& text : result.value) {
        CHECK(text.find("taken") == std::string::npos);
        CHECK(text.find("requires 3 borders that start at 0 and do not fall; got 2 borders.") != std::string::npos);
        CHECK(text.find("got 3 borders, one below the one before it.") != std::string::npos);
        CHECK(text.find("requires a root in 0 … 1; got 2.") != std::string::npos);
        CHECK(text.find("requires a peer in 0 … 1; got -1.") != std::string::npos);
    }
}

TEST_CASE("a rank may send to itself", "[comm]") {
    auto const result = on_ranks<threads>(1, [](threads& world) {
        int const x = 5;
        int y       = 0;
        auto in     = world.post_recv(0, 0, &y, 1);
        auto out    = world.post_send(0, 0, &x, 1);
        world.wait(out);
        world.wait(in);
        return y;
    });
    REQUIRE(result.all_returned());
    CHECK(result.value[0] == 5);
}

TEST_CASE("many short operations of different kinds keep their results apart", "[comm]") {
    for (int ranks : {2, 3, 8}) {
        auto const result = on_ranks<threads>(ranks, [&](threads& world) {
            std::int64_t wrong = 0;
            for (std::int64_t i = 0; i < 300; ++i) {
                std::int64_t x = world.rank() + i;
                world.all_reduce(&x, &x, 1, sum{});
                wrong += x != ranks * i + ranks * (ranks - 1) / 2;
                if (i % 3 == 0) world.barrier();
                std::int64_t y = world.rank() == i % ranks ? i : -1;
                world.broadcast(&y, 1, static_cast<int>(i % ranks));
                wrong += y != i;
            }
            return wrong;
        });
        REQUIRE(result.all_returned());
        for (auto wrong : result.value) CHECK(wrong == 0);
    }
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/ranks.hpp"

#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

#include <cstdint>
#include <vector>

using namespace espalier;
using espalier_test::counting;
using espalier_test::on_ranks;

TEST_CASE("the counter counts what each operation sends by its definition", "[comm]") {
    // 100 elements over 3 ranks are owned as 32, 32, 36; the borders below as 10, 0, 90.
    auto const result = on_ranks<counting<threads>>(3, [](counting<threads>& world) {
        std::vector<float> x(100), y(100);
        std::int64_t const borders[] = {0, 10, 10, 100};
        std::vector<std::int64_t> sent;
        auto note = [&, before = std::int64_t{0}]() mutable {
            sent.push_back(world.sent().total() - before);
            before = world.sent().total();
        };
        // Lanes 0 and 1 on rank 0, lane 2 on rank 1, none on rank 2.
        std::vector<summand<float>> mine;
        if (world.rank() == 0) mine = {{{0, 1}, x.data()}, {{1, 2}, y.data()}};
        if (world.rank() == 1) mine = {{{2, 3}, x.data()}};
        std::vector<float> out(100);
        world.all_reduce(ordered_sum<float>{3, mine}, out.data(), 100);
        note();
        world.reduce_scatter(ordered_sum<float>{3, mine}, out.data(), borders);
        note();
        world.all_reduce(x.data(), x.data(), 100, sum{});
        note();
        world.reduce_scatter(x.data(), out.data(), borders, sum{});
        note();
        world.all_gather(x.data(), borders);
        note();
        world.broadcast(x.data(), 100, 1);
        note();
        auto part = world.split(world.rank() / 2, 0);  // {0, 1} and {2}; its traffic is the rank's
        part.broadcast(x.data(), 100, 0);
        note();
        world.barrier();
        note();
        return sent;
    });
    REQUIRE(result.all_returned());
    using row = std::vector<std::int64_t>;
    CHECK(result.value[0] == row{2 * 68 + 2 * 32, 2 * 90, 68 + 2 * 32, 90, 2 * 10, 0, 100, 0});
    CHECK(result.value[1] == row{68 + 2 * 32, 100, 68 + 2 * 32, 100, 0, 200, 0, 0});
    CHECK(result.value[2] == row{2 * 36, 0, 64 + 2 * 36, 10, 2 * 90, 0, 0, 0});
}

TEST_CASE("the counter counts elements sent, not those received", "[comm]") {
    auto const result = on_ranks<counting<threads>>(2, [](counting<threads>& world) {
        float x[9] = {};
        auto r     = world.rank() == 0 ? world.post_send(1, 0, x, 9) : world.post_recv(0, 0, x, 9);
        world.wait(r);
        return world.sent().send;
    });
    REQUIRE(result.all_returned());
    CHECK(result.value[0] == 9);
    CHECK(result.value[1] == 0);
}

TEST_CASE("a single rank sends nothing", "[comm]") {
    counting<self>::launch(1, [](counting<self>& world) {
        std::vector<float> x(100);
        world.all_reduce(x.data(), x.data(), 100, sum{});
        CHECK(world.sent().calls == 1);
        CHECK(world.sent().total() == 0);
    });
}

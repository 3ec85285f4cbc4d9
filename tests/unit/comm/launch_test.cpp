// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/comm/launch.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

#include <atomic>
#include <stdexcept>

using namespace espalier;

namespace {

template <class C>
struct trainer_on {
    using communicator = C;
};
struct rejected_trainer : trainer_on<self> {
    using rejected = void;
};

}  // namespace

TEST_CASE("launch calls the function once a rank and returns what it returned on rank 0", "[comm]") {
    for (int ranks : {1, 2, 3, 4}) {
        std::atomic<int> calls{0}, ranks_seen{0};
        int const status = launch<trainer_on<threads>>(ranks, [&](threads& world) {
            calls += 1;
            ranks_seen += 1 << world.rank();
            return 40 + world.rank();
        });
        CHECK(status == 40);
        CHECK(calls == ranks);
        CHECK(ranks_seen == (1 << ranks) - 1);
    }
}

TEST_CASE("launch returns 0 where the function returns nothing, or no int", "[comm]") {
    CHECK(launch<trainer_on<self>>(1, [](auto&) {}) == 0);
    CHECK(launch<trainer_on<threads>>(2, [](auto&) { return 7.5; }) == 0);
}

TEST_CASE("launch on self runs in the calling thread", "[comm]") {
    int here = 0;
    CHECK(launch<trainer_on<self>>(1, [&](self& world) { return here = 1 + world.rank(); }) == 1);
    CHECK(here == 1);
}

TEST_CASE("launch hands the communicator's settings on", "[comm]") {
    CHECK(launch<trainer_on<threads>>(2, {.deadline_seconds = 30}, [](threads& world) { return world.size(); }) == 2);
    CHECK_THROWS_AS(launch<trainer_on<threads>>(2, {.deadline_seconds = -1}, [](auto&) {}), invalid_setting);
}

TEST_CASE("launch hands on the first failure", "[comm]") {
    CHECK_THROWS_AS(launch<trainer_on<self>>(1, [](auto&) { throw std::logic_error{"x"}; }), std::logic_error);
    CHECK_THROWS_AS(launch<trainer_on<threads>>(2, [](auto& world) { world.rank() == 1 ? throw std::logic_error{"x"} : 0; }),
                    std::logic_error);
}

TEST_CASE("launch refuses numbers of ranks that a communicator cannot have", "[comm]") {
    CHECK_THROWS_AS(launch<trainer_on<self>>(2, [](auto&) {}), invalid_setting);
    CHECK_THROWS_AS(launch<trainer_on<threads>>(0, [](auto&) {}), invalid_setting);
    CHECK_THROWS_AS(launch<trainer_on<threads>>(-3, [](auto&) {}), invalid_setting);
}

TEST_CASE("launch leaves a trainer that was rejected to the trainer's own message, and starts nothing", "[comm]") {
    bool called = false;
    CHECK(launch<rejected_trainer>(1, [&](auto&) { called = true; }) != 0);
    CHECK_FALSE(called);
}

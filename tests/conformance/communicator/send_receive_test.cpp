// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of sends and receives: rings, directions, and a wait that passes only when both ends are posted.
#include "conformance/communicator/laws.hpp"

#include <atomic>

using namespace laws;

TEMPLATE_LIST_TEST_CASE("a ring with receives posted first passes every size on", "[comm]", communicators_that_send) {
    for (std::int64_t n : sizes())
        for (int ranks : rank_counts<TestType>()) {
            auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                int const next = (world.rank() + 1) % ranks, previous = (world.rank() + ranks - 1) % ranks;
                auto x = operand<float>(n, world.rank());
                field<float> y(x.size());
                for (int turn = 0; turn < ranks; ++turn) {  // after a full turn everybody has its own back
                    auto in  = world.post_recv(previous, 0, y.data(), n);
                    auto out = world.post_send(next, 0, x.data(), n);
                    world.wait(in);
                    world.wait(out);
                    std::swap(x, y);
                    if (turn == 0 && !same_bits(x, operand<float>(n, previous))) return false;
                }
                return same_bits(x, operand<float>(n, world.rank()));
            });
            REQUIRE(result.all_returned());
            for (bool right : result.value) CHECK(right);
        }
}

TEMPLATE_LIST_TEST_CASE("directions of one pair of ranks do not mix, in whatever order they are posted", "[comm]",
                        communicators_that_send) {
    for (int ranks : rank_counts<TestType>()) {
        auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
            int const next = (world.rank() + 1) % ranks, previous = (world.rank() + ranks - 1) % ranks;
            for (int round = 0; round < 50; ++round) {
                int const one[2] = {round, 1}, two[3] = {round, 2, 2};
                int in_one[2] = {}, in_two[3] = {};
                auto send_one = world.post_send(next, 1, one, 2);
                auto recv_two = world.post_recv(previous, 2, in_two, 3);
                auto recv_one = world.post_recv(previous, 1, in_one, 2);
                auto send_two = world.post_send(next, 2, two, 3);
                world.wait(recv_two);
                world.wait(send_two);
                world.wait(send_one);
                world.wait(recv_one);
                if (in_one[0] != round || in_one[1] != 1 || in_two[0] != round || in_two[2] != 2) return false;
            }
            return true;
        });
        REQUIRE(result.all_returned());
        for (bool right : result.value) CHECK(right);
    }
}

TEMPLATE_LIST_TEST_CASE("a wait passes only when both ends are posted", "[comm]", communicators_of_threads) {
    for (bool sends_first : {true, false}) {
        std::atomic<int> posted_late{0};
        auto const result = on_ranks<TestType>(2, [&](TestType& world) {
            bool right = true;
            for (int round = 1; round <= 200; ++round) {
                int x           = round;
                bool const mine = (world.rank() == 0) == sends_first;
                if (world.rank() == 1) posted_late.store(round);  // just before it posts, after rank 0 may have waited
                auto r = mine ? world.post_send(1 - world.rank(), 0, &x, 1) : world.post_recv(1 - world.rank(), 0, &x, 1);
                world.wait(r);
                right = right && x == round && posted_late.load() >= round;
            }
            return right;
        });
        REQUIRE(result.all_returned());
        for (bool right : result.value) CHECK(right);
    }
}

TEMPLATE_LIST_TEST_CASE("a request that was waited for is over: waiting again does nothing", "[comm]", communicators_that_send) {
    auto const result = on_ranks<TestType>(2, [&](TestType& world) {
        int x  = world.rank();
        auto r = world.rank() == 0 ? world.post_send(1, 0, &x, 1) : world.post_recv(0, 0, &x, 1);
        world.wait(r);
        world.wait(r);
        return x;
    });
    REQUIRE(result.all_returned());
    CHECK(result.value[1] == 0);
}

TEMPLATE_LIST_TEST_CASE("ends of other counts or types are an error on both sides that names both", "[comm]",
                        communicators_of_threads) {
    for (bool other_type : {false, true}) {
        auto const result = on_ranks<TestType>(2, [&](TestType& world) {
            float x[8]  = {};
            double y[8] = {};
            auto r      = world.rank() == 0 ? world.post_send(1, 5, x, 8)
                          : other_type      ? world.post_recv(0, 5, y, 8)
                                            : world.post_recv(0, 5, x, 7);
            world.wait(r);
        });
        for (int r = 0; r < 2; ++r) {
            bool const is_named = result.text(r).find("8 float") != std::string::npos &&
                                  result.text(r).find(other_type ? "8 double" : "7 float") != std::string::npos;
            // The other side may have ended the world before this one came to its wait.
            bool const is_mismatch = result.template threw<mismatched_collective>(r);
            CHECK((is_mismatch || result.template threw<rank_failed>(r)));
            CHECK(is_named);
        }
        CHECK(result.template is<mismatched_collective>(result.launched));
    }
}

TEMPLATE_LIST_TEST_CASE("a second post on one side of a channel is refused", "[comm]", communicators_of_threads) {
    auto const result = on_ranks<TestType>(2, [&](TestType& world) {
        int x = 0, y = 0;
        if (world.rank() == 1) return;
        auto first  = world.post_recv(1, 0, &x, 1);
        auto second = world.post_recv(1, 0, &y, 1);
        world.wait(first);
        world.wait(second);
    });
    CHECK(result.template threw<invalid_setting>(0));
    CHECK(result.text(0).find("requires one post in flight on each side of a channel") != std::string::npos);
}

TEMPLATE_LIST_TEST_CASE("a request that is dropped is withdrawn, and its channel is free again", "[comm]",
                        communicators_that_send) {
    auto const result = on_ranks<TestType>(2, [&](TestType& world) {
        int x = 7;
        if (world.rank() == 1) {
            int dropped = 0;
            { auto const never = world.post_recv(0, 0, &dropped, 1); }
            world.barrier();
            auto r = world.post_recv(0, 0, &x, 1);
            world.wait(r);
            return dropped == 0 && x == 42;
        }
        world.barrier();
        x      = 42;
        auto r = world.post_send(1, 0, &x, 1);
        world.wait(r);
        return true;
    });
    REQUIRE(result.all_returned());
    CHECK(result.value[1]);
}

TEMPLATE_LIST_TEST_CASE("a send-receive passes a ring on, and elements of other counts the other way, at every size", "[comm]", communicators_that_send) {
    if constexpr (SupportsBlockingSendReceive<TestType, float> && SupportsBlockingSendReceive<TestType, std::byte>)
        for (std::int64_t n : few_sizes<float>())
            for (int ranks : group_sizes<TestType>()) {
                auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                    int const next = (world.rank() + 1) % ranks, previous = (world.rank() + ranks - 1) % ranks;
                    auto const x = operand<float>(n, world.rank());
                    field<float> y(x.size());
                    world.send_receive(next, x.data(), n, previous, y.data(), n);
                    std::vector<std::byte> const sent(static_cast<std::size_t>(world.rank() + 1), static_cast<std::byte>(world.rank()));
                    std::vector<std::byte> got(static_cast<std::size_t>(next + 1));
                    world.send_receive(previous, sent.data(), world.rank() + 1, next, got.data(), next + 1);
                    return same_bits(y, operand<float>(n, previous)) && got == std::vector<std::byte>(got.size(), static_cast<std::byte>(next));
                });
                REQUIRE(result.all_returned());
                for (bool right : result.value) CHECK(right);
            }
}

TEMPLATE_LIST_TEST_CASE("sends meet receives in the order of their calls, apart from what is posted on channels", "[comm]", communicators_that_send) {
    if constexpr (SupportsBlockingSendReceive<TestType, int> && SupportsSendReceive<TestType, int>)
        for (int ranks : group_sizes<TestType>()) {
            auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                int const me = world.rank(), other = me ^ 1;
                if (other >= ranks) return true;
                bool right = true;
                for (int round = 0; round < 50; ++round) {
                    int const posted = 1000 + round;
                    int in = 0, first = 0, second = 0, one = round, two = -round;
                    auto r = world.post_recv(other, 0, &in, 1);
                    auto s = world.post_send(other, 0, &posted, 1);
                    if (me < other) {
                        world.send(other, &one, 1);
                        world.send(other, &two, 1);
                        first = one, second = two;
                    } else {
                        world.receive(other, &first, 1);
                        world.receive(other, &second, 1);
                    }
                    world.wait(r);
                    world.wait(s);
                    right = right && first == round && second == -round && in == posted;
                }
                return right;
            });
            REQUIRE(result.all_returned());
            for (bool right : result.value) CHECK(right);
        }
}

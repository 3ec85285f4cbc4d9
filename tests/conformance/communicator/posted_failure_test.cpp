// SPDX-License-Identifier: BSL-1.0
/// @file
/// How posted operations end when something goes wrong: on every rank, with the error that their blocking form throws, and not by the deadline.
/// What goes wrong in blocking ones is in failure_test.cpp.
#include "conformance/communicator/findings.hpp"

#include <stdexcept>

using namespace laws;

namespace {

/// No test takes so long: an error that comes by the deadline is the wrong one.
threads_settings const patient{.deadline_seconds = 90, .flight_folder = ""};

template <class C>
constexpr bool posts = SupportsPostedAllReduce<C, float, sum> && SupportsPostedBroadcast<C, float>;

/// Enough that operands do not fit into what ranks say when they meet.
constexpr std::int64_t n = 3000;

}  // namespace

TEMPLATE_LIST_TEST_CASE("an exception that leaves a rank with a posted operation under way is what launch throws, and ends all ranks", "[comm]",
                        communicators_of_threads) {
    if constexpr (posts<TestType>)
        for (int ranks : {2, 3, 4, 8})
            for (bool others_post_too : {false, true})
                for (bool lets_handle_go_first : {false, true}) {
                    auto const result = on_ranks<TestType>(
                        ranks,
                        [&](TestType& world) {
                            field<float> x(n), y(n);
                            if (world.rank() == 1) {
                                typename TestType::request under_way;
                                auto part = world.split(0, world.rank());
                                under_way = (lets_handle_go_first ? part : world).post_all_reduce(x.data(), y.data(), n, sum{});
                                throw std::runtime_error{"the model fell over"};
                            }
                            auto part = world.split(0, world.rank());
                            if (others_post_too) {
                                auto r = (lets_handle_go_first ? part : world).post_broadcast(y.data(), n, 0);  // not what rank 1 has posted
                                world.barrier();
                                world.wait(r);
                            }
                            world.barrier();
                        },
                        patient);
                    INFO(ranks << " ranks: " << result.text(0) << "; " << result.text_of(result.launched));
                    for (int r = 0; r < ranks; ++r)
                        if (r != 1) CHECK((result.template threw<rank_failed>(r) || (others_post_too && result.template threw<mismatched_collective>(r))));
                    CHECK(result.text(1) == "the model fell over");
                    if (!others_post_too) CHECK(result.text_of(result.launched) == "the model fell over");
                }
}

TEMPLATE_LIST_TEST_CASE("a wait for a posted operation ends when a rank throws, or returns, instead of joining it", "[comm]", communicators_of_threads) {
    if constexpr (posts<TestType>)
        for (int ranks : {2, 3, 8})
            for (bool throws : {true, false}) {
                auto const result = on_ranks<TestType>(
                    ranks,
                    [&](TestType& world) {
                        field<float> x(n), y(n);
                        if (world.rank() == ranks - 1) {
                            if (throws) throw std::runtime_error{"the model fell over"};
                            return;
                        }
                        auto r = world.post_all_reduce(x.data(), y.data(), n, sum{});
                        world.wait(r);
                    },
                    patient);
                for (int r = 0; r + 1 < ranks; ++r) {
                    INFO(result.text(r));
                    CHECK(result.template threw<rank_failed>(r));
                    CHECK(result.text(r).find(joined("an error on rank ", ranks - 1, " (")) != std::string::npos);
                    CHECK(result.text(r).find(throws ? "the model fell over" : "it returned from its function while others wait for it") != std::string::npos);
                }
                CHECK(result.launched);
            }
}

TEMPLATE_LIST_TEST_CASE("ranks that post different operations learn it at the wait, by name and place", "[comm]", communicators_of_threads) {
    if constexpr (posts<TestType>) {
        auto const result = on_ranks<TestType>(
            3,
            [&](TestType& world) {
                field<float> x(n);
                auto first  = world.post_broadcast(x.data(), n, 0);
                auto second = world.rank() == 1 ? world.post_broadcast(x.data(), n, 2) : world.post_all_reduce(x.data(), x.data(), n, sum{});
                world.wait(first);
                world.wait(second);
            },
            patient);
        for (int r = 0; r < 3; ++r) {
            INFO(result.text(r));
            CHECK(result.template threw<mismatched_collective>(r));
            CHECK(result.text(r).find("got all_reduce of 3000 float by espalier::sum (") != std::string::npos);
            CHECK(result.text(r).find("on rank 0 and broadcast of 3000 float, root 2 (") != std::string::npos);
            CHECK(result.text(r).find("posted_failure_test.cpp") != std::string::npos);
            CHECK(result.text(r).find("on rank 1, as operation 2 of group 1.") != std::string::npos);
        }
    }
}

TEMPLATE_LIST_TEST_CASE("a posted operation whose arguments are wrong is refused at the post", "[comm]", communicators_of_threads) {
    if constexpr (posts<TestType>) {
        auto const result = on_ranks<TestType>(2, [&](TestType& world) {
            float x = 0;
            int refused = 0;
            auto const is_refused = [&](auto const& post) {
                try {
                    auto r = post();
                    world.wait(r);
                } catch (invalid_setting const&) {
                    ++refused;
                }
            };
            is_refused([&] { return world.post_broadcast(&x, 1, 2); });
            is_refused([&] { return world.post_all_reduce(&x, static_cast<float*>(nullptr), 1, sum{}); });
            is_refused([&] { return world.post_all_reduce(&x, &x, -1, sum{}); });
            is_refused([&] { return world.post_all_gather(&x, std::vector<std::int64_t>{0, 1}); });
            world.all_reduce(&x, &x, 1, sum{});
            return refused;
        });
        REQUIRE(result.all_returned());
        for (int refused : result.value) CHECK(refused == 4);
    }
}

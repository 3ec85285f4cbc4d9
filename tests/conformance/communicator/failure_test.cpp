// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of failure: a rank that throws, a rank that does not come, and ranks that join different operations end every rank
/// with an error that says who, which operation and where.
#include "conformance/communicator/laws.hpp"

#include <atomic>
#include <stdexcept>

using namespace laws;

namespace {

/// An operation by name, as every rank would join it.
template <class C>
struct operation {
    char const* name;
    void (*join)(C& world);
};

template <class C>
std::vector<operation<C>> operations() {
    return {{"barrier", [](C& world) { world.barrier(); }},
            {"split", [](C& world) { (void)world.split(0, 0); }},
            {"ordered all_reduce",
             [](C& world) {
                 contribution<float> mine{50, 8, lanes_of(8, world.size(), world.rank())};
                 world.all_reduce(mine.sum(), mine.data[0].data(), 50);
             }},
            {"all_reduce",
             [](C& world) {
                 float x[3] = {};
                 world.all_reduce(x, x, 3, sum{});
             }},
            {"ordered reduce_scatter",
             [](C& world) {
                 contribution<float> mine{50, 8, lanes_of(8, world.size(), world.rank())};
                 field<float> out(50);
                 world.reduce_scatter(mine.sum(), out.data(), uneven_borders(50, world.size()));
             }},
            {"reduce_scatter",
             [](C& world) {
                 field<float> x(50), out(50);
                 world.reduce_scatter(x.data(), out.data(), uneven_borders(50, world.size()), sum{});
             }},
            {"all_gather",
             [](C& world) {
                 field<float> x(50);
                 world.all_gather(x.data(), uneven_borders(50, world.size()));
             }},
            {"broadcast",
             [](C& world) {
                 int x = 0;
                 world.broadcast(&x, 1, 0);
             }},
            {"wait", [](C& world) {
                 int x       = 0, y = 0;
                 int const n = world.size(), me = world.rank();
                 auto in     = world.post_recv((me + n - 1) % n, 0, &y, 1);
                 auto out    = world.post_send((me + 1) % n, 0, &x, 1);
                 world.wait(in);
                 world.wait(out);
                 world.barrier();  // in a ring, only the neighbours wait for the one that is missing
             }}};
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("a rank that throws ends all ranks, whatever they wait in", "[comm]", communicators_of_many) {
    for (auto const& op : operations<TestType>())
        for (int ranks : {2, 3, 4, 8})
            for (int broken : {0, ranks - 1}) {
                INFO(op.name << " on " << ranks << " ranks, rank " << broken << " throws");
                auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                    op.join(world);  // once together, so that not only the first meeting is tried
                    if (world.rank() == broken) throw std::runtime_error{"the model fell over"};
                    op.join(world);
                    world.barrier();
                });
                CHECK(result.template is<std::runtime_error>(result.launched));
                CHECK(result.text_of(result.launched) == "the model fell over");
                for (int r = 0; r < ranks; ++r)
                    if (r != broken) {
                        CHECK(result.template threw<rank_failed>(r));
                        CHECK(result.text(r).find(joined("an error on rank ", broken, " (the model fell over)")) !=
                              std::string::npos);
                    }
            }
}

TEMPLATE_LIST_TEST_CASE("a rank that throws also ends ranks that wait in groups without it", "[comm]", communicators_of_many) {
    std::atomic<int> seen{-1};
    auto const result = on_ranks<TestType>(4, [&](TestType& world) {
        auto part = world.split(world.rank() / 2, 0);
        if (world.rank() == 1) throw std::runtime_error{"gone"};
        try {
            for (;;) part.barrier();  // ranks 2 and 3 never wait for rank 1
        } catch (rank_failed const& e) {
            if (world.rank() == 3) seen = e.rank();
            throw;
        }
    });
    for (int r : {0, 2, 3}) CHECK(result.template threw<rank_failed>(r));
    CHECK(seen == 1);
    CHECK(result.text_of(result.launched) == "gone");
}

TEMPLATE_LIST_TEST_CASE("after a failure every further operation fails too", "[comm]", communicators_of_many) {
    auto const result = on_ranks<TestType>(2, [&](TestType& world) {
        if (world.rank() == 1) throw std::runtime_error{"gone"};
        int count = 0;
        for (auto const& op : operations<TestType>()) {
            try {
                op.join(world);
            } catch (rank_failed const&) {
                ++count;
            }
        }
        return count;
    });
    CHECK(result.value[0] == static_cast<int>(operations<TestType>().size()));
}

TEMPLATE_LIST_TEST_CASE("what is thrown need not be a std::exception", "[comm]", communicators_of_many) {
    auto const result = on_ranks<TestType>(3, [&](TestType& world) {
        if (world.rank() == 2) throw 42;
        world.barrier();
    });
    CHECK(result.template is<int>(result.launched));
    CHECK(result.text(0).find("an error on rank 2") != std::string::npos);
}

TEMPLATE_LIST_TEST_CASE("ranks that join different operations all learn which", "[comm]", communicators_of_many) {
    auto all = operations<TestType>();
    all.pop_back();  // wait is no collective
    for (std::size_t a = 0; a < all.size(); ++a)
        for (std::size_t b = 0; b < all.size(); ++b) {
            if (a == b) continue;
            auto const result = on_ranks<TestType>(3, [&](TestType& world) { all[world.rank() == 1 ? b : a].join(world); });
            for (int r = 0; r < 3; ++r) {
                INFO(result.text(r));
                CHECK(result.template threw<mismatched_collective>(r));
                auto const text = result.text(r);
                CHECK(text.find(joined("got ", all[a].name)) != std::string::npos);
                CHECK(text.find(joined(" on rank 0 and ", all[b].name)) != std::string::npos);
                CHECK(text.find("on rank 1, as operation 1 of group 0.") != std::string::npos);
            }
        }
}

TEMPLATE_LIST_TEST_CASE("ranks that join one operation with other counts, types or parameters all learn it", "[comm]",
                        communicators_of_many) {
    using C = TestType;
    // Rank 1 is the one that differs.
    operation<C> const cases[] = {
        {"4 float by",
         [](C& w) {
             float x[5] = {};
             w.all_reduce(x, x, w.rank() == 1 ? 5 : 4, sum{});
         }},
        {"4 double by",
         [](C& w) {
             float x[4]  = {};
             double y[4] = {};
             if (w.rank() == 1)
                 w.all_reduce(x, x, 4, sum{});
             else
                 w.all_reduce(y, y, 4, sum{});
         }},
        {"by espalier::sum",
         [](C& w) {
             float x[4] = {};
             if (w.rank() == 1)
                 w.all_reduce(x, x, 4, maximum{});
             else
                 w.all_reduce(x, x, 4, sum{});
         }},
        {"root 0",
         [](C& w) {
             float x[4] = {};
             w.broadcast(x, 4, w.rank() == 1 ? 1 : 0);
         }},
        {"digest of borders",
         [](C& w) {
             float x[4]                = {};
             std::int64_t const a[]    = {0, 1, 2, 4};
             std::int64_t const b[]    = {0, 2, 2, 4};
             w.all_gather(x, w.rank() == 1 ? b : a);
         }},
        {"lanes 3", [](C& w) {
             contribution<float> mine{4, 3, lanes_of(3, 3, w.rank())};
             auto s = mine.sum();
             if (w.rank() == 1) s.lanes = 4;
             w.all_reduce(s, mine.data[0].data(), 4);
         }}};
    for (auto const& one : cases) {
        auto const result = on_ranks<C>(3, [&](C& world) { one.join(world); });
        for (int r = 0; r < 3; ++r) {
            INFO(one.name << ": " << result.text(r));
            CHECK(result.template threw<mismatched_collective>(r));
            CHECK(result.text(r).find(one.name) != std::string::npos);
        }
    }
}

TEMPLATE_LIST_TEST_CASE("a mismatch that every rank catches leaves the group usable", "[comm]", communicators_of_many) {
    auto const result = on_ranks<TestType>(3, [&](TestType& world) {
        int x = 1;
        for (int round = 0; round < 20; ++round) {
            try {
                if (world.rank() == round % 3)
                    world.barrier();
                else
                    world.broadcast(&x, 1, 0);
            } catch (mismatched_collective const&) {
                world.all_reduce(&x, &x, 1, maximum{});
                ++x;
            }
        }
        return x;
    });
    REQUIRE(result.all_returned());
    for (int x : result.value) CHECK(x == 21);
}

TEMPLATE_LIST_TEST_CASE("a rank that does not come in time ends the run by name", "[comm]", communicators_of_many) {
    // Rank 1 comes only after rank 0 has its error: no timing decides what happens, only how long it takes.
    std::atomic<bool> is_out{false}, is_over{false};
    auto const result = on_ranks<TestType>(
        2,
        [&](TestType& world) {
            world.barrier();
            if (world.rank() == 1) {
                is_out.store(true);
                is_out.notify_all();
                is_over.wait(false);
                world.barrier();
                return;
            }
            is_out.wait(false);
            try {
                int x = 0;
                world.broadcast(&x, 1, 0);
            } catch (...) {
                is_over.store(true);
                is_over.notify_all();
                throw;
            }
        },
        threads_settings{.deadline_seconds = 0.05});
    CHECK(result.template threw<deadline_passed>(0));
    CHECK(result.text(0).find("requires every rank to join broadcast of 1 int, root 0") != std::string::npos);
    CHECK(result.text(0).find("rank 1 is in no operation, its last was barrier") != std::string::npos);
    CHECK(result.template threw<rank_failed>(1));
    CHECK(result.template is<deadline_passed>(result.launched));
}

TEMPLATE_LIST_TEST_CASE("a send that nobody receives ends at the deadline by name", "[comm]", communicators_of_many) {
    auto const result = on_ranks<TestType>(
        2,
        [&](TestType& world) {
            int x = 0;
            if (world.rank() == 1) return;
            auto r = world.post_send(1, 3, &x, 1);
            world.wait(r);
        },
        threads_settings{.deadline_seconds = 0.05});
    CHECK(result.template threw<deadline_passed>(0));
    CHECK(result.text(0).find("both ends of channel 0 → 1, direction 3 to be posted") != std::string::npos);
    CHECK(result.text(0).find("and rank 1 has ") != std::string::npos);  // returned, or not even begun
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of posted operations: each does what its blocking form does, in whatever order they are waited for and whatever else goes on.
/// How they end when a rank fails is in posted_failure_test.cpp; posted sends and receives are in send_receive_test.cpp.
#include "conformance/communicator/findings.hpp"

#include <memory>

using namespace laws;

namespace {

template <class C>
constexpr bool posts_everything = SupportsPostedOrderedAllReduce<C, float> && SupportsPostedOrderedReduceScatter<C, float> &&
                                  SupportsPostedAllReduce<C, float, sum> && SupportsPostedAllReduce<C, float, sum, fastest_t> &&
                                  SupportsPostedReduce<C, float, sum> && SupportsPostedReduceScatter<C, float, sum> &&
                                  SupportsPostedAllGather<C, float> && SupportsPostedGather<C, float> && SupportsPostedScatter<C, float> &&
                                  SupportsPostedAllToAll<C, float> && SupportsPostedBroadcast<C, float>;

constexpr int lanes = 5, forms = 12;

/// Operands of one operation and its result; a posted operation needs them until its wait.
struct work {
    template <class C>
    work(C& world, std::int64_t count)
        : n{count}, ranks{world.size()}, root{static_cast<int>(count % world.size())}, borders{uneven_borders(count, world.size())},
          of_lanes{count, lanes, lanes_of(lanes, world.size(), world.rank())}, in{drawn<float>(world.rank(), 0, world.size() * count)}, out(in) {}

    /// Operation number `form` of `forms`.
    template <class C>
    void perform(C& w, int form) {
        float* const result = out.data();
        float const* const x = in.data();
        switch (form) {
        case 0: return w.all_reduce(of_lanes.sum(), result, n);
        case 1: return w.reduce_scatter(of_lanes.sum(), result, borders);
        case 2: return w.all_reduce(x, result, n, sum{});
        case 3: return w.all_reduce(x, result, n, sum{}, fastest);
        case 4: return w.reduce(x, result, n, maximum{}, root);
        case 5: return w.reduce_scatter(x, result, borders, sum{});
        case 6: return w.all_gather(x, result, borders);
        case 7: return w.all_gather(result, borders);
        case 8: return w.gather(x, result, borders, root);
        case 9: return w.scatter(x, result, borders, root);
        case 10: return w.all_to_all(x, result, n);
        default: return w.broadcast(result, n, root);
        }
    }
    /// Begins the same.
    template <class C>
    [[nodiscard]] typename C::request post(C& w, int form) {
        float* const result = out.data();
        float const* const x = in.data();
        switch (form) {
        case 0: return w.post_all_reduce(of_lanes.sum(), result, n);
        case 1: return w.post_reduce_scatter(of_lanes.sum(), result, borders);
        case 2: return w.post_all_reduce(x, result, n, sum{});
        case 3: return w.post_all_reduce(x, result, n, sum{}, fastest);
        case 4: return w.post_reduce(x, result, n, maximum{}, root);
        case 5: return w.post_reduce_scatter(x, result, borders, sum{});
        case 6: return w.post_all_gather(x, result, borders);
        case 7: return w.post_all_gather(result, borders);
        case 8: return w.post_gather(x, result, borders, root);
        case 9: return w.post_scatter(x, result, borders, root);
        case 10: return w.post_all_to_all(x, result, n);
        default: return w.post_broadcast(result, n, root);
        }
    }

    std::int64_t n;
    int ranks, root;
    std::vector<std::int64_t> borders;
    contribution<float> of_lanes;
    field<float> in, out;
};

std::vector<std::int64_t> posted_sizes() { return {0, 1, 7, 64, 65, 1025, 3001}; }

/// A posted operation, and the same one done before.
template <class C>
struct under_way {
    under_way(C& world, int which, std::int64_t n) : form{which}, posted{world, n}, blocking{posted} {}
    void compare(findings& wrong) const { wrong.same(posted.out.data(), blocking.out, "posted operation ", form, " of ", posted.n); }

    int form;
    work posted, blocking;
    typename C::request ending{};
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("every posted operation gives what its blocking form gives, at every size", "[comm]", communicators) {
    if constexpr (posts_everything<TestType>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for (auto n : posted_sizes())
                for (int form = 0; form < forms; ++form) {
                    under_way<TestType> one{world, form, n};
                    one.blocking.perform(world, form);
                    one.ending = one.posted.post(world, form);
                    world.wait(one.ending);
                    one.compare(wrong);
                    world.wait(one.ending);  // over already
                }
        });
    }
}

TEMPLATE_LIST_TEST_CASE("posted operations are waited for in any order, each rank its own, among blocking ones and in parts of the group", "[comm]", communicators) {
    if constexpr (posts_everything<TestType>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            auto part = world.split(world.rank() % 2, 0);
            std::vector<std::unique_ptr<under_way<TestType>>> all;
            for (auto n : {std::int64_t{5}, std::int64_t{1501}})
                for (int form = 0; form < forms; ++form)
                    for (auto* group : {&world, &part}) {
                        all.push_back(std::make_unique<under_way<TestType>>(*group, form, n));
                        all.back()->ending = all.back()->posted.post(*group, form);
                        all.back()->blocking.perform(*group, form);
                    }
            auto const count = all.size();
            for (std::size_t i = 0; i < count; ++i) {
                auto& one = *all[(i * 7 + 3 * static_cast<std::size_t>(world.rank())) % count];  // 48 and 7 have no divisor in common
                world.wait(one.ending);
                one.compare(wrong);
                // Processes whose MPI allows no second thread work in waits only: one that waits here would wait for one that is in the barrier.
                if (!espalier_test::processes_of<TestType>::are_there && i % 8 == 0) world.barrier();
            }
        });
    }
}

TEMPLATE_LIST_TEST_CASE("a request that is dropped was waited for, and one may outlive the handle that posted it", "[comm]", communicators) {
    if constexpr (posts_everything<TestType>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for (auto n : posted_sizes()) {
                under_way<TestType> dropped{world, 2, n}, outliving{world, 5, n};
                dropped.blocking.perform(world, 2);
                outliving.blocking.perform(world, 5);
                { [[maybe_unused]] auto const gone = dropped.posted.post(world, 2); }
                dropped.compare(wrong);
                {
                    auto same_ranks  = world.split(0, world.rank());
                    outliving.ending = outliving.posted.post(same_ranks, 5);
                }
                world.wait(outliving.ending);
                outliving.compare(wrong);
                outliving.ending = typename TestType::request{};
                world.wait(outliving.ending);  // nothing to wait for
            }
        });
    }
}

TEMPLATE_LIST_TEST_CASE("64 operations may be under way at once, and a place is free when the first of them is over", "[comm]", communicators) {
    if constexpr (SupportsPostedAllReduce<TestType, std::int64_t, sum>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            constexpr int many = 64;
            std::int64_t x[many + 1];
            std::vector<typename TestType::request> ending;
            for (int i = 0; i <= many; ++i) x[i] = 1000 * i + world.rank();
            for (int i = 0; i < many; ++i) ending.push_back(world.post_all_reduce(&x[i], &x[i], 1, sum{}));
            std::string refused;
            try {
                auto one_more = world.post_all_reduce(&x[many], &x[many], 1, sum{});
                world.wait(one_more);  // where nothing is queued there is always room
            } catch (invalid_setting const& e) {
                refused = e.what();
                world.wait(ending[0]);
                auto one_more = world.post_all_reduce(&x[many], &x[many], 1, sum{});
                world.wait(one_more);
            }
            wrong.holds(refused.empty() || refused.find("requires at most 64 posted operations under way; got one more. Wait for the first of them") != std::string::npos,
                        refused);
            for (auto& r : ending) world.wait(r);
            for (std::int64_t i = 0; i <= many; ++i)
                wrong.holds(x[i] == 1000 * i * world.size() + world.size() * (world.size() - 1) / 2, "sum ", i, " is ", x[i]);
        });
    }
}

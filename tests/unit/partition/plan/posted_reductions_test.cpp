// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plans whose reductions go on while backward computes, judged by running them: thousands of plans with one fault each. The proof must
/// accept those that compute what one rank alone computes, under the rules that rendezvous_run.hpp states, and refuse all others.
#include "support/catch.hpp"
#include "support/rendezvous_reduction_faults.hpp"
#include "support/rendezvous_run.hpp"

#include <array>
#include <iterator>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr pipeline_sizes layouts[] = {
    {.replicas = 2, .lanes = 2},
    {.replicas = 2, .lanes = 5, .micro_batches = 1},
    {.replicas = 3, .lanes = 3, .micro_batches = 2},
    {.replicas = 2, .lanes = 4, .micro_batches = 2, .zero = zero_stage::optimizer_state},
    {.replicas = 3, .lanes = 3, .zero = zero_stage::gradients},
    {.replicas = 2, .lanes = 3, .zero = zero_stage::parameters},
    {.replicas = 2, .lanes = 2, .zero = zero_stage::parameters},
};
constexpr std::size_t layout_count = std::size(layouts);

/// Ranks of one stage that compute all chunks.
template <int Chunks>
using plans_of = decltype(stage_plans_of<interleaved<Chunks>, 8>({}));
template <int Chunks>
plans_of<Chunks> sound_plans(std::size_t layout) {
    return stage_plans_of<interleaved<Chunks>, 8>(layouts[layout]);
}

struct tally {
    int accepted = 0, refused = 0;
};

template <class Fault, int Chunks>
void judge(int mutants, tally& counted) {
    std::array<plans_of<Chunks>, layout_count> sound;
    for (std::size_t i = 0; i < layout_count; ++i) sound[i] = sound_plans<Chunks>(i);
    for (int n = 0; n < mutants; ++n) {
        mutant x{sound[static_cast<std::size_t>(n) % layout_count], dice{Fault::name, static_cast<std::uint64_t>(n)}};
        Fault::apply(x);
        x.restate();
        auto const run  = rendezvous_run(x.plans);
        verdict const v = prove_all(x.plans);
        INFO(Fault::name << ", " << Chunks << " chunks, mutant " << n << ": the proof says " << name_of(v.what) << " at rank " << v.rank << ", action " << v.action
                         << "; running says: " << (run.is_good() ? "good" : run.failure));
        REQUIRE(v.holds() == run.is_good());
        ++(run.is_good() ? counted.accepted : counted.refused);
    }
}
template <class Fault>
tally judge_all() {
    tally counted;
    judge<Fault, 2>(210, counted);
    judge<Fault, 3>(280, counted);
    judge<Fault, 5>(210, counted);
    return counted;
}
template <class Fault>
void is_judged_rightly() {
    INFO(Fault::name);
    auto const [accepted, refused] = judge_all<Fault>();
    CHECK(accepted > 30);
    CHECK(refused > 100);
}
template <class Fault>
void is_always_refused() {
    INFO(Fault::name);
    CHECK(judge_all<Fault>().accepted == 0);
}

/// Chunks of 1,000, 2,000 and 3,016 gradients: 0, 1, 2.
using three_chunks = mutant<stage_plan<interleaved<3>, 8>>;
three_chunks three(pipeline_sizes const& sizes) { return three_chunks{stage_plans_of<interleaved<3>, 8>(sizes)}; }

/// Kinds and chunks in short: "p2" posts a reduction, "w2" waits for it.
template <class Plan>
std::string drawn(Plan const& plan) {
    std::string out;
    for (int i = 0; i < plan.count; ++i) {
        auto const& a = plan.item[i];
        bool const of_chunk = a.kind != action_kind::load && a.kind != action_kind::share && a.kind != action_kind::update;
        std::string const name{posts_reduction(a.kind) ? "p" : name_of(a.kind).substr(0, 1)};
        out += joined(out.empty() ? "" : " ", name, of_chunk ? joined(a.chunk) : "");
    }
    return out;
}

}  // namespace

TEST_CASE("a chunk's reduction is posted when its gradients are whole, goes on during backward, and is waited for at the end") {
    CHECK(drawn(three({.replicas = 2, .lanes = 2}).plans[1]) == "l f0 f1 f2 c2 b2 p2 c1 b1 p1 c0 b0 p0 w2 w1 w0 u");
    CHECK(drawn(three({.replicas = 2, .lanes = 2, .zero = zero_stage::optimizer_state}).plans[0]) == "l f0 f1 f2 c2 b2 p2 c1 b1 p1 c0 b0 p0 w2 w1 w0 s u g0 g1 g2");
    CHECK(drawn(three({.replicas = 2, .lanes = 2, .micro_batches = 2}).plans[0]) == "l f0 f1 f2 c2 b2 c1 b1 c0 b0 l f0 f1 f2 b2 p2 b1 p1 b0 p0 w2 w1 w0 u");
}

TEST_CASE("a rank that keeps shards of gradients waits before it takes the room of a chunk that is reduced") {
    CHECK(drawn(three({.replicas = 2, .lanes = 2, .zero = zero_stage::gradients}).plans[0]) == "l f0 f1 f2 c2 b2 p2 c1 b1 p1 w2 c0 b0 p0 w1 w0 s u g0 g1 g2");
    CHECK(drawn(three({.replicas = 2, .lanes = 2, .zero = zero_stage::parameters}).plans[0]) == "g0 l f0 g1 f1 g2 f2 c2 b2 p2 g1 c1 b1 p1 g0 w2 c0 b0 p0 w1 w0 s u");
}

TEST_CASE("one rank, and one chunk, reduce as before") {
    CHECK(drawn(three({.replicas = 1, .lanes = 1}).plans[0]) == "l f0 f1 f2 c2 b2 c1 b1 c0 b0 u");
    CHECK(stage_plan_of<one_f_one_b, 8>({.replicas = 2, .lanes = 2}, 0).item[4].kind == action_kind::all_reduce);
}

TEST_CASE("what is wrong with a reduction in flight has a name, and the runner agrees") {
    auto const broken = [](std::string const& by_running, flaw by_proof, int rank, int action, pipeline_sizes const& sizes, auto change) {
        auto x = three(sizes);
        change(x);
        x.restate();
        verdict const v = prove_all(x.plans);
        CHECK(rendezvous_run(x.plans).failure == by_running);
        CHECK(name_of(v.what) == name_of(by_proof));
        CHECK(v.rank == rank);
        CHECK(v.action == action);
    };
    // 0 load, 1 – 3 forward, 4 clear 2, 5 backward 2, 6 post 2, 7 clear 1, 8 backward 1, 9 post 1, 10 clear 0, 11 backward 0, 12 post 0,
    // 13 – 15 wait 2, 1, 0, 16 update; with shards of gradients 10 waits for 2, and the rest comes later.
    constexpr pipeline_sizes plain{.replicas = 2, .lanes = 2}, shards{.replicas = 2, .lanes = 2, .zero = zero_stage::gradients};
    broken("", flaw::none, -1, -1, plain, [](auto&) {});
    broken("", flaw::none, -1, -1, shards, [](auto&) {});
    broken("a reduction is in flight", flaw::update_without_sum, 0, 15, plain, [](auto& x) { x.drop({0, 13}); });
    broken("a reduction is in flight", flaw::message_left, 1, 18, plain, [](auto& x) { x.insert({1, 17}, x.item({1, 12})); });
    broken("a wait without a post", flaw::wait_without_post, 1, 6, plain, [](auto& x) { x.insert({1, 6}, x.item({1, 13})); });
    broken("gradients are touched that a reduction reads", flaw::slot_in_flight, 1, 7, plain, [](auto& x) { x.item({1, 7}).chunk = 2; });
    broken("gradients are touched that a reduction reads", flaw::post_in_flight, 0, 7, plain, [](auto& x) { x.insert({0, 7}, x.item({0, 6})); });
    broken("gradients are overwritten that a reduction reads", flaw::slot_in_flight, 0, 10, shards, [](auto& x) { x.swap({0, 10}, {0, 11}); });
    broken("a hang", flaw::waits_for_ever, 0, 13, plain, [](auto& x) { x.plans[1].count = 6; });
}

TEST_CASE("ranks that post reductions in different orders are refused") {
    auto x = three({.replicas = 2, .lanes = 2, .micro_batches = 1});
    // Both chunks are whole at 9; rank 1 posts 1 before 2.
    x.drop({1, 6});
    x.insert({1, 9}, {.kind = action_kind::post_all_reduce, .buffer = 0, .chunk = 2});
    CHECK(prove_all(x.plans) == verdict{flaw::collective_mismatch, 1, 8});
    CHECK(rendezvous_run(x.plans).failure == "reductions posted in another order, or of other sizes");
}

TEST_CASE("sound plans with reductions in flight are proved, and compute what one rank alone computes") {
    auto const sound = [](auto const& plans) {
        INFO(plans.size() << " ranks: " << rendezvous_run(plans).failure << ", " << name_of(prove_all(plans).what));
        CHECK(rendezvous_run(plans).is_good());
        CHECK(prove_all(plans).holds());
    };
    for (std::size_t i = 0; i < layout_count; ++i) {
        sound(sound_plans<2>(i));
        sound(sound_plans<3>(i));
        sound(sound_plans<5>(i));
    }
}

TEST_CASE("of plans whose reductions in flight are mixed up, the proof accepts exactly those that compute the right thing") {
    is_always_refused<reduction_wait_dropped>();
    is_always_refused<reduction_post_dropped>();
    is_always_refused<reduction_posts_swapped>();
    is_always_refused<reduction_wait_before_post>();
    is_always_refused<written_in_flight>();
    is_judged_rightly<reduction_moved>();
}

TEST_CASE("of plans with reductions in flight in which any action is changed, the proof accepts exactly those that compute the right thing") {
    is_judged_rightly<two_actions_swapped>();
    is_judged_rightly<action_doubled>();
    is_judged_rightly<field_changed>();
    is_always_refused<action_dropped>();
}

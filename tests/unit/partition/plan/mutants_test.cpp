// SPDX-License-Identifier: BSL-1.0
/// @file
/// The proof of pipelines' plans, judged by running them: thousands of plans with one fault each. The proof must accept those that compute
/// what one rank alone computes, under the rules that rendezvous_run.hpp states, and refuse all others. Every other layout has an
/// optimizer that measures.
#include "support/catch.hpp"
#include "support/rendezvous_faults.hpp"
#include "support/rendezvous_run.hpp"

#include <array>
#include <iterator>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr pipeline_sizes layouts[] = {
    {.stages = 2, .lanes = 1, .micro_batches = 3},
    {.stages = 2, .replicas = 2, .lanes = 3, .micro_batches = 1},
    {.stages = 2, .replicas = 2, .lanes = 4, .micro_batches = 2, .zero = zero_stage::optimizer_state},
    {.stages = 3, .lanes = 3, .micro_batches = 2},
    {.stages = 3, .replicas = 2, .lanes = 2, .micro_batches = 2, .zero = zero_stage::optimizer_state},
    {.stages = 3, .replicas = 2, .lanes = 2, .micro_batches = 1, .zero = zero_stage::parameters},
    {.stages = 4, .lanes = 2, .micro_batches = 2},
    {.stages = 4, .replicas = 2, .lanes = 2, .micro_batches = 1},
};
constexpr std::size_t layout_count = std::size(layouts);

template <class S>
using plans_of = decltype(stage_plans_of<S, 8>({}));

template <class S>
plans_of<S> sound_plans(std::size_t layout) {
    plans_of<S> plans = stage_plans_of<S, 8>(layouts[layout]);
    if (layout % 2 == 0) return plans;
    mutant x{plans};
    for (auto& p : x.plans) p.measured_elements = 50;
    for (place const& share : x.all([](action const& a) { return a.kind == action_kind::share; })) x.insert({share.rank, share.at + 1}, {.kind = action_kind::measure});
    x.restate();
    return x.plans;
}

struct tally {
    int accepted = 0, refused = 0;
};

template <class Fault, class S>
void judge(int mutants, tally& counted) {
    std::array<plans_of<S>, layout_count> sound;
    for (std::size_t i = 0; i < layout_count; ++i) sound[i] = sound_plans<S>(i);
    for (int n = 0; n < mutants; ++n) {
        mutant x{sound[static_cast<std::size_t>(n) % layout_count], dice{Fault::name, static_cast<std::uint64_t>(n)}};
        Fault::apply(x);
        x.restate();
        auto const run  = rendezvous_run(x.plans);
        verdict const v = prove_all(x.plans);
        INFO(Fault::name << ", " << S::name << ", mutant " << n << ": the proof says " << name_of(v.what) << " at rank " << v.rank << ", action " << v.action
                         << "; running says: " << (run.is_good() ? "good" : run.failure));
        REQUIRE(v.holds() == run.is_good());
        ++(run.is_good() ? counted.accepted : counted.refused);
    }
}
/// 1,000 mutants of a kind.
template <class Fault>
tally judge_all() {
    tally counted;
    judge<Fault, gpipe>(250, counted);
    judge<Fault, one_f_one_b>(250, counted);
    judge<Fault, interleaved<2>>(250, counted);
    judge<Fault, zb_h1>(250, counted);
    CHECK(counted.accepted + counted.refused == 1000);
    return counted;
}
/// A fault after which the step may still be right.
template <class Fault>
void is_judged_rightly() {
    INFO(Fault::name);
    auto const [accepted, refused] = judge_all<Fault>();
    CHECK(accepted > 100);
    CHECK(refused > 100);
}
/// A fault after which it never is.
template <class Fault>
void is_always_refused() {
    INFO(Fault::name);
    CHECK(judge_all<Fault>().accepted == 0);
}

}  // namespace

TEST_CASE("sound plans of pipelines are proved, and compute what one rank alone computes") {
    auto const sound = [](auto const& plans) {
        INFO(plans.size() << " ranks: " << rendezvous_run(plans).failure << ", " << name_of(prove_all(plans).what));
        CHECK(rendezvous_run(plans).is_good());
        CHECK(prove_all(plans).holds());
    };
    for (std::size_t i = 0; i < layout_count; ++i) {
        sound(sound_plans<gpipe>(i));
        sound(sound_plans<one_f_one_b>(i));
        sound(sound_plans<interleaved<2>>(i));
        sound(sound_plans<zb_h1>(i));
    }
}

TEST_CASE("of plans whose messages, slots and boxes are mixed up, the proof accepts exactly those that compute the right thing") {
    is_judged_rightly<two_posts_swapped>();
    is_judged_rightly<slot_shared>();
    is_always_refused<receive_dropped>();
    is_always_refused<wait_removed>();
    is_always_refused<posted_twice>();
}

TEST_CASE("of plans whose sums are mixed up, the proof accepts exactly those that compute the right thing") {
    is_judged_rightly<sums_in_another_order>();
    is_judged_rightly<another_micro_batch>();
    is_always_refused<weights_missing>();
}

TEST_CASE("of plans in which any action is swapped, dropped, doubled or changed, the proof accepts exactly those that compute the right thing") {
    is_judged_rightly<two_actions_swapped>();
    is_judged_rightly<action_doubled>();
    is_judged_rightly<field_changed>();
    is_always_refused<action_dropped>();
}

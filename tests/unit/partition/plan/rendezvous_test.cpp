// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plans that break one rule of rendezvous each, and textbook orders that hang: what the runner that judges the proof says of them, and
/// the proof. Faults by chance: mutants_test.cpp.
#include "support/catch.hpp"
#include "support/rendezvous_mutants.hpp"
#include "support/rendezvous_run.hpp"

using namespace espalier;
using namespace espalier_test;

namespace {

/// Moves each wait for a send right behind its post: a send that blocks.
template <class Plan>
void let_sends_block(Plan& p) {
    for (int i = 0; i < p.count; ++i) {
        if (p.item[i].kind != action_kind::post_send) continue;
        auto const is_its = [&](action const& a) { return a.kind == action_kind::wait_send && a.direction == p.item[i].direction; };
        auto* const wait  = std::find_if(p.item + i, p.item + p.count, is_its);
        std::rotate(p.item + i + 1, wait, wait + 1);
    }
}
/// Moves each post of a receive right before its wait.
template <class Plan>
void let_receives_block(Plan& p) {
    for (int i = p.count - 1; i >= 0; --i) {
        if (p.item[i].kind != action_kind::wait_recv) continue;
        int post = i;
        while (p.item[post].kind != action_kind::post_recv || p.item[post].direction != p.item[i].direction) --post;
        std::rotate(p.item + post, p.item + post + 1, p.item + i);
    }
}
/// Whether the step hangs where sends block, and receives too or not; the runner and the proof must agree, and with them the runner whose
/// sends block by themselves.
template <class S>
bool hangs(pipeline_sizes const& sizes, bool receives_block) {
    auto plans = stage_plans_of<S, 8>(sizes);
    for (auto& p : plans)
        if (receives_block) let_receives_block(p);
    auto const waits_moved = [&] {
        auto moved = plans;
        for (auto& p : moved) let_sends_block(p);
        return moved;
    }();
    std::string const outcome = rendezvous_run(waits_moved).failure;
    INFO(S::name << ", " << sizes.stages << " stages, " << sizes.micro_batches << " micro-batches: " << outcome);
    CHECK((outcome.empty() || outcome == "a hang"));
    CHECK(outcome == rendezvous_run(plans, sends::block).failure);
    CHECK(prove_all(waits_moved).what == (outcome.empty() ? flaw::none : flaw::waits_for_ever));
    return !outcome.empty();
}

}  // namespace

TEST_CASE("textbook 1F1B with sends that block hangs from two stages and two micro-batches on, for the runner and for the proof") {
    for (int stages : {2, 3, 4})
        for (int m : {1, 2, 3, 4}) {
            INFO(stages << " stages, " << m << " micro-batches");
            CHECK(hangs<one_f_one_b>({.stages = stages, .micro_batches = m}, true) == (m > 1));
            CHECK(!hangs<gpipe>({.stages = stages, .micro_batches = m}, true));
        }
}

TEST_CASE("receives posted ahead save 1F1B with sends that block, and do not save the interleaved one") {
    for (int stages : {2, 3, 4})
        for (int m : {1, 2, 3, 4, 5}) {
            INFO(stages << " stages, " << m << " micro-batches");
            CHECK(!hangs<one_f_one_b>({.stages = stages, .micro_batches = m}, false));
            CHECK(!hangs<zb_h1>({.stages = stages, .micro_batches = m}, false));
            CHECK(hangs<interleaved<2>>({.stages = stages, .micro_batches = m}, false) == (m >= stages));
        }
}

TEST_CASE("the runner and the proof name the rule that a plan breaks") {
    auto const broken = [](std::string const& by_running, flaw by_proof, auto change) {
        // Rank 0: post_recv, load, forward 0, post_send, load, wait_send, forward 1, post_send, wait_recv, clear, backward 0, …
        // Rank 1: post_recv, load, wait_recv, forward 0, post_recv, clear, backward 0, post_send, load, wait_recv, forward 1, wait_send, …
        mutant<stage_plan<one_f_one_b, 8>> x{stage_plans_of<one_f_one_b, 8>({.stages = 2, .micro_batches = 2})};
        change(x);
        CHECK(rendezvous_run(x.plans).failure == by_running);
        CHECK(name_of(prove_all(x.plans).what) == name_of(by_proof));
    };
    broken("", flaw::none, [](auto&) {});
    broken("a hang", flaw::waits_for_ever, [](auto& x) { x.item({1, 0}).peer = 1; });
    broken("a message left in flight", flaw::message_left, [](auto& x) { x.drop({0, 14}); });
    broken("a post before the wait for the last one", flaw::post_in_flight, [](auto& x) { x.drop({0, 5}); });
    broken("a wait without a post", flaw::wait_without_post, [](auto& x) { x.insert({0, 0}, x.item({0, 5})); });
    broken("a message with ends of different sizes", flaw::message_sizes, [](auto& x) { x.plans[1].chunk[0].takes = 7; });
    broken("a collective of different sizes", flaw::collective_mismatch, [](auto& x) { x.plans[1].shared_elements = 7; });
    broken("activations are written that a message reads", flaw::slot_in_flight, [](auto& x) { x.swap({0, 5}, {0, 6}), x.item({0, 5}).activations = 0; });
    broken("a gradient is written that a message reads", flaw::slot_in_flight, [](auto& x) { x.swap({1, 11}, {1, 12}); });
    broken("a box is read before its message was waited for", flaw::slot_in_flight, [](auto& x) { x.swap({1, 2}, {1, 3}); });
    broken("a gradient is read before its message was waited for", flaw::slot_in_flight, [](auto& x) { x.drop({0, 8}); });
    broken("a computation with something else than it names", flaw::not_loaded, [](auto& x) { x.item({0, 1}).micro_batch = 1; });
    broken("samples that are not the rank's", flaw::micro_batch_order, [](auto& x) { x.item({0, 1}).micro_batch = 2; });
    broken("a chunk that the rank does not have", flaw::chunk_out_of_range, [](auto& x) { x.item({0, 2}).chunk = 1; });
    broken("a buffer, slot or box that the rank does not have", flaw::buffer_out_of_range, [](auto& x) { x.item({0, 9}).buffer = 1; });
    broken("an update before the norm of all gradients is known", flaw::update_without_sum, [](auto& x) { x.drop({0, 15}), x.drop({1, 15}); });
    broken("a second update", flaw::no_update, [](auto& x) { x.insert({0, 16}, x.item({0, 16})); });
    broken("another sum than that of one rank alone", flaw::no_update, [](auto& x) { x.drop({0, 16}); });
}

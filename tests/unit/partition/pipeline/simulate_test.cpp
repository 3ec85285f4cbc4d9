// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/partition/pipeline/each_size.hpp"
#include "unit/partition/pipeline/own_schedules.hpp"

#include <espalier/partition/pipeline/simulate.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using namespace espalier_test;

namespace {
constexpr work_cost three_kinds{.forward = 4, .backward_input = 5, .backward_weights = 3};

/// Whether every stage is idle for so long.
constexpr bool idles(simulation const& s, std::int64_t each) {
    for (stage_run const& run : s.stage)
        if (run.idle != each) return false;
    return s.finishes;
}
constexpr bool holds(simulation const& s, int a, int b, int c, int d) {
    return s.stage[0].held == a && s.stage[1].held == b && s.stage[2].held == c && s.stage[3].held == d;
}
std::vector<int> held_with_receive(simulation const& s) {
    std::vector<int> out;
    for (stage_run const& run : s.stage) out.push_back(run.held_with_receive);
    return out;
}
/// In hundredths of a percent.
int idle_share(simulation const& s) {
    return static_cast<int>(std::lround(10'000 * s.idle_share()));
}

// At compile time. Forward takes 1 and backward 2, of a stage or of a chunk.
static_assert(idles(simulate<gpipe>(1, 1), 0));
static_assert(idles(simulate<gpipe>(4, 8), 9));
static_assert(idles(simulate<gpipe>(3, 2), 6));
static_assert(simulate<one_f_one_b>(4, 8).makespan == (8 + 3) * 3);
static_assert(idles(simulate<one_f_one_b>(8, 3), 21));
static_assert(holds(simulate<one_f_one_b>(4, 16), 4, 3, 2, 1));
static_assert(idles(simulate<interleaved<2>>(4, 8), 9) && simulate<interleaved<2>>(4, 8).units == 2);
static_assert(idles(simulate<interleaved<4>>(8, 32), 21));
static_assert(holds(simulate<interleaved<2>>(4, 16), 11, 9, 7, 5));
static_assert(idles(simulate<zb_h1>(4, 8), 3));
static_assert(holds(simulate<zb_h1>(4, 16), 4, 4, 4, 4));
static_assert(idles(simulate<one_f_one_b>(16, 64), 45));

/// The most intervals from a forward's begin to the end of the last part of its backward that are open at once.
int most_open(stage_run const& run, bool splits_backward) {
    work const last = splits_backward ? work::backward_weights : work::backward;
    int most        = 0;
    for (timed_task const& now : run.tasks) {
        int open = 0;
        for (timed_task const& a : run.tasks)
            for (timed_task const& b : run.tasks)
                if (a.what.kind == work::forward && b.what == task{last, a.what.micro_batch, a.what.chunk})
                    open += a.begins <= now.begins && now.begins < b.ends ? 1 : 0;
        most = std::max(most, open);
    }
    return most;
}

/// Whether a task of a stage begins when the last of what it needs ends, and not before.
template <class S>
bool begins_in_time(simulation const& s, int stage, int index) {
    auto const ends = [&](work kind, int chunk, int m) { // of a chunk of the network
        int const stages = static_cast<int>(s.stage.size());
        for (timed_task const& t : s.stage[static_cast<std::size_t>(chunk % stages)].tasks)
            if (t.what == task{kind, m, chunk / stages}) return t.ends;
        return std::int64_t{-1};
    };
    auto const& tasks   = s.stage[static_cast<std::size_t>(stage)].tasks;
    timed_task const& t = tasks[static_cast<std::size_t>(index)];
    int const stages = static_cast<int>(s.stage.size()), m = t.what.micro_batch, chunk = t.what.chunk * stages + stage;
    std::int64_t needed     = index == 0 ? 0 : tasks[static_cast<std::size_t>(index - 1)].ends;
    constexpr work backward = S::splits_backward ? work::backward_input : work::backward;
    if (t.what.kind == work::forward && chunk > 0) needed = std::max(needed, ends(work::forward, chunk - 1, m));
    if (t.what.kind == work::backward_weights) needed = std::max(needed, ends(backward, chunk, m));
    if (t.what.kind == backward) needed = std::max(needed, ends(work::forward, chunk, m));
    if (t.what.kind == backward && chunk + 1 < stages * S::chunks) needed = std::max(needed, ends(backward, chunk + 1, m));
    return t.begins == needed;
}
} // namespace

TEST_CASE("every schedule finishes for every size, and its tasks begin as soon as what they need is there") {
    each_schedule([]<class S>() {
        each_size([](int stages, int micro_batches) {
            auto const s = simulate<S>(stages, micro_batches, three_kinds);
            INFO(S::name << ", " << stages << " stages, " << micro_batches << " micro-batches");
            if (!s.finishes || s.standing_stage() != -1) FAIL_CHECK(standstill_in_words(s));
            if (micro_batches > 9) return; // what follows compares each task with all others
            bool in_time = true, counted = true;
            for (int stage = 0; stage < stages; ++stage) {
                stage_run const& run = s.stage[static_cast<std::size_t>(stage)];
                for (int i = 0; i < run.ran; ++i) in_time = in_time && begins_in_time<S>(s, stage, i);
                counted = counted && run.held == most_open(run, S::splits_backward);
            }
            if (!in_time || !counted) FAIL_CHECK("in time: " << in_time << ", held as counted: " << counted);
        });
    });
}

TEST_CASE("idle time is what the papers say") {
    each_size([](int stages, int micro_batches) {
        INFO(stages << " stages, " << micro_batches << " micro-batches");
        std::int64_t const f = 4, b = 8, w = 3, unit = stages - 1; // of three_kinds
        auto const plain = simulate<one_f_one_b>(stages, micro_batches, three_kinds);
        bool same = idles(simulate<gpipe>(stages, micro_batches, three_kinds), unit * (f + b)) && idles(plain, unit * (f + b)) &&
                    plain.makespan == (micro_batches + stages - 1) * (f + b);
        if (micro_batches % stages == 0)
            same = same && idles(simulate<interleaved<2>>(stages, micro_batches, three_kinds), unit * (f + b)) &&
                   idles(simulate<interleaved<3>>(stages, micro_batches, three_kinds), unit * (f + b)) &&
                   idles(simulate<interleaved<4>>(stages, micro_batches, three_kinds), unit * (f + b));
        if (micro_batches >= stages) same = same && idles(simulate<zb_h1>(stages, micro_batches), unit * (1 + 1 - 1));
        if (!same) FAIL_CHECK("another idle time");
        if (simulate<zb_h1>(stages, micro_batches, {f, b - w, w}).makespan > plain.makespan)
            FAIL_CHECK("ZB-H1 is slower than 1F1B");
    });
}

TEST_CASE("shares of idle time are those of the papers, to a hundredth of a percent") {
    CHECK(idle_share(simulate<one_f_one_b>(4, 8)) == 2727);
    CHECK(idle_share(simulate<interleaved<2>>(4, 8)) == 1579);
    CHECK(idle_share(simulate<one_f_one_b>(4, 16)) == 1579);
    CHECK(idle_share(simulate<interleaved<2>>(4, 16)) == 857);
    CHECK(idle_share(simulate<one_f_one_b>(8, 32)) == 1795);
    CHECK(idle_share(simulate<interleaved<2>>(8, 32)) == 986);
    CHECK(idle_share(simulate<zb_h1>(4, 8)) == 1111); // (P − 1)/(3M + P − 1): 3/27, 3/51, 7/103
    CHECK(idle_share(simulate<zb_h1>(4, 16)) == 588);
    CHECK(idle_share(simulate<zb_h1>(8, 32)) == 680);
    each_size([](int p, int m) {
        if (idle_share(simulate<gpipe>(p, m)) != std::lround(10'000.0 * (p - 1) / (m + p - 1))) FAIL_CHECK(p << " stages, " << m);
    });
}

TEST_CASE("micro-batches held are those of the papers, and one more with the receive that is posted ahead") {
    auto const plain = simulate<one_f_one_b>(4, 16);
    auto const two   = simulate<interleaved<2>>(4, 16);
    auto const zero  = simulate<zb_h1>(4, 16);
    CHECK((holds(plain, 4, 3, 2, 1) && holds(two, 11, 9, 7, 5) && holds(zero, 4, 4, 4, 4)));
    CHECK(held_with_receive(plain) == std::vector<int>{4, 4, 3, 2});
    CHECK(held_with_receive(two) == std::vector<int>{12, 10, 8, 6});
    CHECK(held_with_receive(zero) == std::vector<int>{4, 5, 5, 5});
    CHECK(held_with_receive(simulate<interleaved<2>>(1, 4)) == std::vector<int>{2}); // one stage receives nothing
    each_size([](int stages, int micro_batches) {
        auto const all = simulate<gpipe>(stages, micro_batches), some = simulate<one_f_one_b>(stages, micro_batches),
                   even = simulate<zb_h1>(stages, micro_batches);
        bool same       = true;
        for (int s = 0; s < stages; ++s) {
            auto const at = static_cast<std::size_t>(s);
            same = same && all.stage[at].held == micro_batches && some.stage[at].held == std::min(stages - s, micro_batches) &&
                   even.stage[at].held == std::min(stages, micro_batches);
        }
        if (!same) FAIL_CHECK(stages << " stages, " << micro_batches << " micro-batches");
    });
}

TEST_CASE("where the stages do not divide the micro-batches, interleaving idles more, and less than with a remainder group") {
    CHECK(idles(simulate<interleaved<2>>(4, 5), 15)); // 9 if 4 divided 5
    CHECK(idles(simulate<remainder_group<2>>(4, 5), 18));
    each_size([](int stages, int micro_batches) {
        INFO(stages << " stages, " << micro_batches << " micro-batches");
        auto const shipped       = simulate<interleaved<2>>(stages, micro_batches),
                   three         = simulate<interleaved<3>>(stages, micro_batches);
        auto const remainder     = simulate<remainder_group<2>>(stages, micro_batches);
        std::int64_t const plain = simulate<one_f_one_b>(stages, micro_batches).makespan;
        if (shipped.makespan > 2 * plain || three.makespan > 3 * plain) FAIL_CHECK("1F1B is quicker");
        if (stages > 1 && remainder.finishes && remainder.makespan < shipped.makespan) FAIL_CHECK("a remainder group is quicker");
    });
}

TEST_CASE("a schedule of one's own is simulated: what holds less waits longer") {
    each_size([](int stages, int micro_batches) {
        auto const one = simulate<held_at_most<1>>(stages, micro_batches), two = simulate<held_at_most<2>>(stages, micro_batches),
                   eight = simulate<held_at_most<8>>(stages, micro_batches);
        // One at a time passes all stages there and back before the next one begins; eight are as many as 1F1B holds.
        bool const as_known = one.makespan == stages * micro_batches * 3 && one.stage[0].held == 1 &&
                              two.stage[0].held == std::min({2, stages, micro_batches}) && two.makespan <= one.makespan &&
                              eight.makespan == (micro_batches + stages - 1) * 3 && eight.makespan <= two.makespan;
        if (!one.finishes || !two.finishes || !as_known) FAIL_CHECK(stages << " stages, " << micro_batches << " micro-batches");
    });
}

TEST_CASE("a cyclic order stands for ever, and the simulation says where") {
    auto const s = simulate<remainder_group<3>>(4, 5);
    CHECK_FALSE(s.finishes);
    REQUIRE(s.standing_stage() == 0);
    // Every stage waits: what it waits for is behind what another one waits for.
    for (stage_run const& run : s.stage) {
        REQUIRE(run.ran < 30);
        CHECK(run.tasks[static_cast<std::size_t>(run.ran)].begins == -1);
        CHECK(run.tasks[static_cast<std::size_t>(run.ran - 1)].ends > 0);
    }
    CHECK_THAT(standstill_in_words(s), Catch::Matchers::StartsWith("stage 0 at its task "));
    static_assert(!simulate<remainder_group<3>>(4, 5).finishes && simulate<interleaved<3>>(4, 5).finishes);
}

TEST_CASE("an order that repeats, forgets or invents a task does not finish") {
    CHECK(simulate<with_another_task<0, work::forward, 0, 0>>(1, 3).finishes); // what GPipe has there anyway
    auto const stands_at = [](simulation const& s, std::string const& where) {
        if (s.finishes) return false;
        CHECK(standstill_in_words(s) == "stage 0 at its task " + where);
        return true;
    };
    CHECK(stands_at(simulate<with_another_task<1, work::forward, 0, 0>>(1, 3), "1, forward of micro-batch 0 through chunk 0"));
    CHECK(stands_at(simulate<with_another_task<4, work::backward, 0, 0>>(1, 3), "4, backward of micro-batch 0 through chunk 0"));
    CHECK(stands_at(simulate<with_another_task<2, work::forward, 3, 0>>(1, 3), "2, forward of micro-batch 3 through chunk 0"));
    CHECK(stands_at(simulate<with_another_task<2, work::forward, -1, 0>>(1, 3), "2, forward of micro-batch -1 through chunk 0"));
    CHECK(stands_at(simulate<with_another_task<2, work::forward, 2, 1>>(1, 3), "2, forward of micro-batch 2 through chunk 1"));
    CHECK(stands_at(simulate<with_another_task<0, work::backward, 0, 0>>(2, 3), "0, backward of micro-batch 0 through chunk 0"));
    CHECK(stands_at(simulate<with_another_task<3, work::backward_weights, 0, 0>>(1, 3),
                    "3, backward_weights of micro-batch 0 through chunk 0"));
    auto const forgets = simulate<with_another_task<-1, work::forward, 0, 0>>(1, 3);
    CHECK((!forgets.finishes && forgets.standing_stage() == -1));
    CHECK(standstill_in_words(forgets) == "an order that forgets tasks");
}

TEST_CASE("sizes above those of static arrays are simulated, and what cannot be is refused") {
    CHECK(simulate<one_f_one_b>(3, 2048).makespan == (2048 + 2) * 3);
    CHECK(simulate<gpipe>(2, 3, {.forward = 0, .backward_input = 0, .backward_weights = 0}).idle_share() == 0);
    CHECK_THROWS_WITH(simulate<one_f_one_b>(3, 2049),
                      ContainsSubstring("simulate: requires at most 4096 tasks a stage; got 4098. "));
    CHECK_THROWS_WITH(simulate<gpipe>(0, 1), ContainsSubstring("got stage 0 of 0 and 1 micro-batches"));
    CHECK_THROWS_WITH(simulate<gpipe>(1, 0), ContainsSubstring("got stage 0 of 1 and 0 micro-batches"));
    CHECK_THROWS_WITH(simulate<gpipe>(1, 1, {.backward_input = -1}),
                      ContainsSubstring("requires costs of 0 or more; got one below 0. "));
}

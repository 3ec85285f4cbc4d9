// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/partition/pipeline/each_size.hpp"

#include <map>
#include <string>
#include <tuple>
#include <utility>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::each_schedule;
using espalier_test::each_size;

// A schedule, and types that each lack one thing.
namespace near_misses {
struct whole {
    static constexpr std::string_view name = "whole";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr stage_order<Capacity> order(int, int, int) {
        return stage_order<Capacity>{};
    }
};
struct without_name {
    static constexpr int chunks           = 1;
    static constexpr bool splits_backward = false;
    template <int Capacity>
    static constexpr stage_order<Capacity> order(int, int, int) {
        return stage_order<Capacity>{};
    }
};
struct without_chunks {
    static constexpr std::string_view name = "no chunks";
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr stage_order<Capacity> order(int, int, int) {
        return stage_order<Capacity>{};
    }
};
struct without_splits_backward {
    static constexpr std::string_view name = "no splits_backward";
    static constexpr int chunks            = 1;
    template <int Capacity>
    static constexpr stage_order<Capacity> order(int, int, int) {
        return stage_order<Capacity>{};
    }
};
struct with_one_capacity {
    static constexpr std::string_view name = "64 at most";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr stage_order<64> order(int, int, int) {
        return stage_order<64>{};
    }
};
} // namespace near_misses

namespace {
using namespace near_misses;
static_assert(Schedule<whole> && Schedule<gpipe> && Schedule<one_f_one_b> && Schedule<interleaved<3>> && Schedule<zb_h1>);
static_assert(!Schedule<without_name> && !Schedule<without_chunks> && !Schedule<without_splits_backward> &&
              !Schedule<with_one_capacity>);
static_assert(tasks_of<gpipe>(5) == 10 && tasks_of<interleaved<3>>(5) == 30 && tasks_of<zb_h1>(5) == 15);

constexpr int most_tasks = 256; // 32 micro-batches, 4 chunks, there and back

/// "f0 F0 B1 b1 W2": the letter is small for chunk 0 of two or more.
template <class S>
std::string letters(int stages, int stage, int micro_batches) {
    auto const order = S::template order<most_tasks>(stages, stage, micro_batches);
    std::string out;
    for (int i = 0; i < order.count; ++i) {
        task const& t     = order.item[i];
        char const letter = "FBBW"[static_cast<int>(t.kind)];
        out += joined(i > 0 ? " " : "", S::chunks > 1 && t.chunk == 0 ? static_cast<char>(letter + 32) : letter, t.micro_batch);
    }
    return out;
}

/// What is wrong with a stage's order as a list of tasks, or nothing.
template <class S>
std::string fault_of(int stages, int stage, int micro_batches) {
    auto const order = S::template order<most_tasks>(stages, stage, micro_batches);
    std::map<std::pair<work, int>, int> last; // micro-batch, of a kind in a chunk
    for (int i = 0; i < order.count; ++i) {
        task const& t = order.item[i];
        if (t.micro_batch < 0 || t.micro_batch >= micro_batches || t.chunk < 0 || t.chunk >= S::chunks)
            return joined(i, " does not exist");
        if (auto const before = last.find({t.kind, t.chunk}); before != last.end() && before->second >= t.micro_batch)
            return joined(i, " does not come in rising order");
        last[{t.kind, t.chunk}] = t.micro_batch;
    }
    // In rising order and so many of them: each comes once, if no kind is there that should not be.
    for (auto const& [kind_and_chunk, m] : last)
        if (kind_and_chunk.first != work::forward && (kind_and_chunk.first == work::backward) == S::splits_backward)
            return "backward of the wrong kind";
    return order.count == micro_batches * S::chunks * (S::splits_backward ? 3 : 2) ? "" : "not all tasks, or too many";
}
} // namespace

TEST_CASE("every schedule computes every task once, and in a chunk in rising order of micro-batches") {
    each_schedule([]<class S>() {
        each_size([](int stages, int micro_batches) {
            for (int s = 0; s < stages; ++s) {
                std::string const fault = fault_of<S>(stages, s, micro_batches);
                if (fault.empty()) continue;
                INFO(S::name << ", stage " << s << " of " << stages << ", " << micro_batches << " micro-batches");
                CHECK(fault == "");
            }
        });
    });
    CHECK(fault_of<whole>(1, 0, 1) != ""); // the check itself finds what is missing
}

TEST_CASE("GPipe goes forward with all, then backward with all") {
    for (int stage : {0, 1, 2}) CHECK(letters<gpipe>(3, stage, 3) == "F0 F1 F2 B0 B1 B2");
}

TEST_CASE("1F1B is in the order of its paper") { // Narayanan 2021, figure 4 top: 4 devices
    CHECK(letters<one_f_one_b>(4, 0, 8) == "F0 F1 F2 F3 B0 F4 B1 F5 B2 F6 B3 F7 B4 B5 B6 B7");
    CHECK(letters<one_f_one_b>(4, 1, 8) == "F0 F1 F2 B0 F3 B1 F4 B2 F5 B3 F6 B4 F7 B5 B6 B7");
    CHECK(letters<one_f_one_b>(4, 3, 8) == "F0 B0 F1 B1 F2 B2 F3 B3 F4 B4 F5 B5 F6 B6 F7 B7");
    CHECK(letters<one_f_one_b>(4, 0, 2) == "F0 F1 B0 B1");
    CHECK(letters<one_f_one_b>(1, 0, 2) == "F0 B0 F1 B1");
}

TEST_CASE("interleaved 1F1B is in the order of its paper") {
    // Narayanan 2021, figure 4 bottom: 4 devices, 2 chunks, 8 micro-batches.
    CHECK(letters<interleaved<2>>(4, 0, 8) ==
          "f0 f1 f2 f3 F0 F1 F2 F3 f4 f5 f6 B0 f7 B1 F4 B2 F5 B3 F6 b0 F7 b1 b2 b3 B4 B5 B6 B7 b4 b5 b6 b7");
    CHECK(letters<interleaved<2>>(4, 3, 8) ==
          "f0 f1 f2 f3 F0 B0 F1 B1 F2 B2 F3 B3 f4 b0 f5 b1 f6 b2 f7 b3 F4 B4 F5 B5 F6 B6 F7 B7 b4 b5 b6 b7");
}

TEST_CASE("interleaving with one chunk is 1F1B") {
    each_size([](int stages, int micro_batches) {
        for (int s = 0; s < stages; ++s)
            if (letters<interleaved<1>>(stages, s, micro_batches) != letters<one_f_one_b>(stages, s, micro_batches))
                FAIL_CHECK("stage " << s << " of " << stages << ", " << micro_batches << " micro-batches");
    });
}

TEST_CASE(
    "the interleaved order of a number of micro-batches that does not divide is that of the next one that does, with gaps") {
    // The first line of the figure without 5, 6 and 7.
    CHECK(letters<interleaved<2>>(4, 0, 5) == "f0 f1 f2 f3 F0 F1 F2 F3 f4 B0 B1 F4 B2 B3 b0 b1 b2 b3 B4 b4");
    CHECK(letters<interleaved<2>>(4, 3, 1) == "f0 F0 B0 b0");
}

TEST_CASE("where there is one stage, a micro-batch passes all chunks and comes back") {
    CHECK(letters<interleaved<2>>(1, 0, 2) == "f0 F0 B0 b0 f1 F1 B1 b1");
}

TEST_CASE("ZB-H1 puts the gradients of weights where 1F1B waits") { // worked out by hand from Qi 2023, section 2.1
    CHECK(letters<zb_h1>(4, 0, 8) == "F0 F1 F2 F3 B0 W0 F4 B1 W1 F5 B2 W2 F6 B3 W3 F7 B4 W4 B5 W5 B6 W6 B7 W7");
    CHECK(letters<zb_h1>(4, 3, 8) == "F0 B0 F1 B1 F2 B2 F3 B3 W0 F4 B4 W1 F5 B5 W2 F6 B6 W3 F7 B7 W4 W5 W6 W7");
    CHECK(letters<zb_h1>(4, 3, 2) == "F0 B0 F1 B1 W0 W1");
}

TEST_CASE("a schedule refuses a stage that is not there") {
    auto const refuses =
        ContainsSubstring("espalier: schedule: requires at least one micro-batch and a stage of 0 … stages − 1; got ");
    CHECK_THROWS_WITH(gpipe::order<8>(2, 2, 1), refuses && ContainsSubstring("stage 2 of 2 and 1 micro-batches"));
    CHECK_THROWS_WITH(one_f_one_b::order<8>(2, -1, 1), refuses && ContainsSubstring("stage -1 of 2"));
    CHECK_THROWS_WITH(interleaved<2>::order<8>(0, 0, 1), refuses && ContainsSubstring("stage 0 of 0"));
    CHECK_THROWS_WITH(zb_h1::order<8>(2, 0, 0), refuses && ContainsSubstring("0 micro-batches. Ask for a stage that there is. "
                                                                             "See docs/explanation/pipelines.md."));
}

TEST_CASE("an order without room for its tasks says so") {
    CHECK(gpipe::order<8>(2, 0, 4).count == 8);
    CHECK_THROWS_WITH(gpipe::order<7>(2, 0, 4),
                      ContainsSubstring("room for every task of a stage; got an order of 7 and another one"));
}

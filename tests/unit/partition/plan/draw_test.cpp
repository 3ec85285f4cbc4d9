// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/observe/report/markup.hpp"
#include "unit/partition/deep_lstm_model.hpp"
#include "unit/partition/small_lstm_model.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/partition/plan/draw.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <locale>
#include <sstream>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::count_in;
using espalier_test::deep_pipeline;
using espalier_test::deep_shards;
using espalier_test::plans_on;
using espalier_test::tiny_model;

namespace {
template <class Partition>
std::string drawn(int ranks) {
    return draw(plans_on<Partition, tiny_model<>>(ranks));
}

template <class Plans>
timeline timeline_for(Plans const& plans) {
    return timeline_of(std::span{plans});
}

/// The only box of a row with these words.
timeline_box const& box_with(timeline_row const& row, std::string const& words) {
    auto const at = std::find_if(row.boxes.begin(), row.boxes.end(), [&](timeline_box const& b) { return b.words == words; });
    REQUIRE(at != row.boxes.end());
    return *at;
}

/// The most that a row holds in a layer of this name.
std::int64_t most_held(timeline const& t, std::size_t row, std::string_view name) {
    std::int64_t most = 0;
    for (timeline_level const& l : t.rows[row].levels)
        if (t.layers[static_cast<std::size_t>(l.layer)] == name) most = std::max(most, l.value);
    return most;
}

/// Whether what each region holds at most is what the plan makes room for.
template <class Plans>
void check_room_is_used(Plans const& plans) {
    timeline const t = timeline_for(plans);
    for (std::size_t r = 0; r < plans.size(); ++r) {
        CHECK(t.rows[r].room == plans[r].memory.bytes());
        for (memory_region const& region : plans[r].memory.item) {
            INFO("rank " << r << " of " << plans.size() << ", " << name_of(region.kind));
            CHECK(most_held(t, r, name_of(region.kind)) == plans[r].memory.bytes_of(region.kind));
        }
    }
}

std::string contents_of(std::filesystem::path const& path) {
    std::ostringstream out;
    out << std::ifstream{path, std::ios::binary}.rdbuf();
    return out.str();
}
} // namespace

TEST_CASE("a picture of plans has a row a rank, and a box an action that is no message") {
    auto const svg = drawn<data_parallel<lanes<8>, samples<5>>>(2);
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK_THAT(svg, Catch::Matchers::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK_THAT(svg, ContainsSubstring(">A step on 2 ranks</text>"));
    CHECK(count_in(svg, ">rank ") == 2 + 2);
    CHECK(count_in(svg, ">lanes 0-3<") == 1);
    for (auto const& [words, times] : {std::pair{"clear buffer ", 8}, {"load lane ", 8}, {"forward lane ", 8}, {"backward lane ", 8}, {"fold buffer ", 6},
                                       {"all_reduce buffer 0<", 2}, {"update buffer 0<", 2}})
        CHECK(count_in(svg, joined("<title>", words)) == times);
    CHECK(count_in(svg, "class=\"in\"") == 24); // load, forward and backward of eight lanes
    CHECK_THAT(svg, ContainsSubstring("<title>backward lane 7, micro-batch 0, buffer 2</title>"));
    CHECK_THAT(svg, ContainsSubstring("<title>parameters: at most 640</title>"));
    for (auto const* kind : {"forward", "backward", "fold", "load", "update", "clear", "all_reduce"}) CHECK(count_in(svg, joined(">", kind, "</text>")) == 1);
    CHECK(count_in(svg, ">gather</text>") == 0);
}

TEST_CASE("ranks meet in a collective: who comes first waits") {
    timeline const t = timeline_for(plans_on<data_parallel<lanes<3>, samples<5>>, tiny_model<>>(2)); // rank 0 has one lane, rank 1 two
    // Rank 1: clear and load 1 each, forward 4, backward 8, twice; its lanes are no siblings.
    for (timeline_row const& row : t.rows) CHECK(box_with(row, "all_reduce buffer 0").begins == 28);
    CHECK(box_with(t.rows[0], "update buffer 0").begins == 29);
    REQUIRE(t.meetings.size() == 1);
    CHECK(t.meetings[0].at == 28);
    CHECK(t.meetings[0].rows == std::vector<int>{0, 1});
    CHECK(t.messages.empty());
}

TEST_CASE("one rank meets nobody") {
    auto const svg = drawn<data_parallel<lanes<2>, samples<5>>>(1);
    CHECK(count_in(svg, "class=\"meet\"") == 0);
    CHECK(count_in(svg, "all_reduce") == 0);
    CHECK_THAT(svg, ContainsSubstring(">A step on 1 rank</title>"));
}

TEST_CASE("micro-batches are numbered where there are several, and labels that do not fit are left out") {
    CHECK_THAT((drawn<data_parallel<lanes<2>, micro_batches<2>, samples<5>>>(2)), ContainsSubstring(">1.1</text>"));
    auto const crowded = drawn<data_parallel<lanes<8>, micro_batches<8>, samples<5>>>(1);
    CHECK(espalier_test::fault_in(crowded) == "");
    CHECK(count_in(crowded, "class=\"in\"") == 0);
    CHECK(count_in(crowded, "<title>forward lane ") == 64);
}

TEST_CASE("what memory holds rises with forward and falls with backward") {
    timeline const t = timeline_for(plans_on<data_parallel<lanes<1>, samples<5>>, tiny_model<>>(1));
    // In the order of layers: parameters, optimizer state, gradients; input, target; activations, signals, scratch. Bytes as counted by hand
    // in memory_test.cpp. clear 0-1, load 1-2, forward 2-6, backward 6-14, update 14-15.
    std::vector<timeline_level> const expected = {{0, 640, 0},  {0, 1280, 1}, {0, 704, 2},  {1, 128, 5}, {1, 64, 6}, {2, 1664, 8},
                                                  {2, 256, 10}, {6, 384, 9},  {14, 0, 5},   {14, 0, 6},  {14, 0, 8}, {14, 0, 9},
                                                  {14, 0, 10},  {15, 0, 0},   {15, 0, 1},   {15, 0, 2}};
    REQUIRE(t.rows[0].levels.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO(i);
        CHECK(t.rows[0].levels[i].at == expected[i].at);
        CHECK(t.rows[0].levels[i].value == expected[i].value);
        CHECK(t.rows[0].levels[i].layer == expected[i].layer);
    }
}

TEST_CASE("each region is filled at some time, and never more than filled") {
    for (int ranks : {1, 2, 3}) check_room_is_used(plans_on<data_parallel<lanes<3>, micro_batches<2>, samples<5>, prefetch<2>>, tiny_model<>>(ranks));
    for (int ranks : {1, 2, 4}) {
        check_room_is_used(plans_on<deep_shards<1>>(ranks));
        check_room_is_used(plans_on<deep_shards<2>>(ranks));
        check_room_is_used(plans_on<deep_shards<3>>(ranks));
    }
    for (int ranks : {4, 8, 12}) {
        check_room_is_used(plans_on<deep_pipeline<gpipe>>(ranks));
        check_room_is_used(plans_on<deep_pipeline<one_f_one_b, zero<2>>>(ranks));
        check_room_is_used(plans_on<deep_pipeline<interleaved<2>, zero<3>>>(ranks));
        check_room_is_used(plans_on<deep_pipeline<zb_h1, micro_batches<2>>>(ranks));
    }
}

TEST_CASE("a pipeline's picture names stages, shades chunks and shows its messages") {
    auto const plans = plans_on<deep_pipeline<interleaved<2>>>(8);
    timeline const t = timeline_for(plans);
    CHECK(espalier_test::fault_in(draw(t)) == "");
    CHECK(t.title == "A step on 8 ranks: 4 stages, 2 replicas, 27.27 % idle"); // (P − 1)/(v·M + P − 1) with P = 4, v = 2, M = 4
    CHECK(t.rows[5].note == "stage 1, lanes 4-7");
    CHECK(t.messages.size() == 7 * 4 * 2 * 2); // 7 borders, 4 micro-batches, there and back, 2 replicas
    CHECK(std::all_of(t.messages.begin(), t.messages.end(), [](timeline_message const& m) { return m.from / 4 == m.to / 4 && m.comes >= m.leaves; }));
    CHECK(box_with(t.rows[5], "forward lane 4, micro-batch 0, chunk 1, activations 4, box 4").part == 1);
    CHECK_THAT(draw(t), ContainsSubstring(">backward, chunk 1</text>"));
}

TEST_CASE("a step in which a rank waits for ever is drawn as far as it comes, and says where it stands") {
    auto plans  = plans_on<deep_pipeline<one_f_one_b>>(4);
    auto& first = plans[0];
    auto* const end = first.item + first.count;
    std::copy(std::find_if(first.item, end, [](action const& a) { return a.kind == action_kind::post_send; }) + 1, end,
              std::find_if(first.item, end, [](action const& a) { return a.kind == action_kind::post_send; }));
    --first.count;
    auto const svg = draw(plans);
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK_THAT(svg, ContainsSubstring(">A step on 4 ranks: rank 0 waits for ever at action 4, wait_send forward to rank 1</text>"));
}

TEST_CASE("the bytes of a picture of plans do not depend on the locale") {
    struct points_in_thousands : std::numpunct<char> {
        char do_thousands_sep() const override { return '.'; }
        std::string do_grouping() const override { return "\1"; }
    };
    auto const plans         = plans_on<deep_pipeline<one_f_one_b>>(16);
    auto const bytes         = draw(plans);
    std::locale const before = std::locale::global(std::locale{std::locale::classic(), new points_in_thousands});
    auto const again         = draw(plans);
    std::locale::global(before);
    CHECK(bytes == again);
}

TEST_CASE("no plan is an empty picture") {
    auto const svg = draw(std::vector<rank_plan<4>>{});
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK(count_in(svg, "class=\"k") == 0);
    CHECK(count_in(draw(std::vector<rank_plan<4>>(1)), "<path") == 0); // a plan without actions or memory
}

TEST_CASE("the pictures of plans in the documents are what the code draws") {
    using alice = model<sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>, mean_squared_error, adamw>;
    auto const folder = std::filesystem::path{__FILE__}.parent_path() / "../../../../docs/pictures";
    for (auto const& [name, svg] : {std::pair{"plan.svg", draw(plans_on<data_parallel<lanes<8>, samples<32>>, alice>(2))},
                                    {"plan-gpipe.svg", draw(plans_on<deep_pipeline<gpipe>>(4))},
                                    {"plan-1f1b.svg", draw(plans_on<deep_pipeline<one_f_one_b>>(4))},
                                    {"plan-interleaved.svg", draw(plans_on<deep_pipeline<interleaved<2>>>(4))},
                                    {"plan-zb-h1.svg", draw(plans_on<deep_pipeline<zb_h1>>(4))},
                                    {"plan-zero3.svg", draw(plans_on<deep_shards<3>>(4))}}) {
        if (contents_of(folder / name) == svg) continue;
        std::ofstream{name, std::ios::binary} << svg;
        FAIL_CHECK("docs/pictures/" << name << " is another; what the code draws is " << std::filesystem::absolute(name));
    }
}

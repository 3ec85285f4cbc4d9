// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/observe/report/markup.hpp"
#include "unit/partition/small_lstm_model.hpp"

#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/plan/draw.hpp>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::count_in;
using espalier_test::tiny_model;

namespace {
template <class Partition>
std::string drawn(int ranks) {
    std::vector<typename Partition::plan_type> plans;
    for (int r = 0; r < ranks; ++r) plans.push_back(Partition::template plan<tiny_model<>>(ranks, r));
    return draw(plans);
}

/// The x of the only box of a kind in a row, of the rank counted from 0.
double x_of(std::string const& svg, std::string const& kind, int rank) {
    std::string const start = "<rect class=\"action " + kind + "\" x=\"";
    std::size_t at          = svg.find(start);
    for (; rank > 0; --rank) at = svg.find(start, at + 1);
    return std::stod(svg.substr(at + start.size()));
}
} // namespace

TEST_CASE("a picture has a row a rank, a box an action and a bar a kind of memory") {
    auto const svg = drawn<data_parallel<lanes<8>, samples<5>>>(2);
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK_THAT(svg, Catch::Matchers::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK(count_in(svg, ">rank ") == 2);
    CHECK(count_in(svg, ">lanes 0-3<") == 1);
    for (auto const& [kind, times] :
         {std::pair{"clear", 8}, {"load", 8}, {"forward", 8}, {"backward", 8}, {"fold", 6}, {"all_reduce", 2}, {"update", 2}})
        CHECK(count_in(svg, joined("class=\"action ", kind, "\"")) == times + 1); // one more in the legend
    for (int kind = 0; kind < memory_plan::regions; ++kind) CHECK(count_in(svg, joined("class=\"memory m", kind, "\"")) == 2 + 1);
    CHECK(count_in(svg, "class=\"in\"") == 24); // load, forward and backward of eight lanes
    CHECK_THAT(svg, ContainsSubstring("<title>forward lane 7 micro-batch 0 buffer 2</title>"));
    CHECK_THAT(svg, ContainsSubstring("<title>parameters: 640 B</title>"));
}

TEST_CASE("ranks meet in a collective: who comes first waits") {
    using partition = data_parallel<lanes<3>, samples<5>>; // rank 0 has one lane, rank 1 two
    auto const svg  = drawn<partition>(2);
    CHECK(x_of(svg, "all_reduce", 0) == x_of(svg, "all_reduce", 1));
    CHECK(x_of(svg, "update", 0) > x_of(svg, "all_reduce", 0));
    CHECK(count_in(svg, "class=\"meet\"") == 1);
    // Rank 1: lanes 1 and 2, of 1 + 1 + 2 + 2 slots each; they are no siblings, so without a fold. 24 pixels a slot from 92 on.
    CHECK(x_of(svg, "all_reduce", 1) == Approx(92 + 12 * 24));
}

TEST_CASE("one rank meets nobody") {
    auto const svg = drawn<data_parallel<lanes<2>, samples<5>>>(1);
    CHECK(count_in(svg, "class=\"meet\"") == 0);
    CHECK(count_in(svg, "action all_reduce") == 0);
    CHECK_THAT(svg, ContainsSubstring(">A step on 1 rank</title>"));
}

TEST_CASE("micro-batches are numbered where there are several, and labels that do not fit are left out") {
    CHECK_THAT((drawn<data_parallel<lanes<2>, micro_batches<2>, samples<5>>>(2)), ContainsSubstring(">1.1</text>"));
    auto const crowded =
        drawn<data_parallel<lanes<8>, micro_batches<8>, samples<5>>>(1); // 8 · (1 + 8 · 5) + 7 + 1 slots of 4 pixels
    CHECK(espalier_test::fault_in(crowded) == "");
    CHECK(count_in(crowded, "class=\"in\"") == 0);
    CHECK(count_in(crowded, "class=\"action forward\"") == 64 + 1);
}

TEST_CASE("no plan is an empty picture") {
    auto const svg = draw(std::vector<rank_plan<4>>{});
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK(count_in(svg, "class=\"action") == 0);
    CHECK(count_in(draw(std::vector<rank_plan<4>>(1)), "class=\"memory") == 0); // a plan without actions or memory
}

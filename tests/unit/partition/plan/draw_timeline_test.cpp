// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/observe/report/markup.hpp"

#include <espalier/partition/plan/draw_timeline.hpp>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::count_in;

namespace {
/// Two ranks that hold bytes: 10 units of time, 24 pixels each from 76 on.
timeline ranks_with_bytes() {
    timeline t;
    t.id         = "ranks";
    t.title      = "a < b";
    t.kinds      = {"compute", "send & receive"};
    t.level_name = "bytes of activations";
    t.rows = {{"rank 0", {{0, 4, 0, 0, "17", "the \"first\""}, {4, 10, 1, 0, "", ""}}, {{0, 500'000}, {4, 2'000'000}, {10, 0}}},
              {"rank 1", {{5, 6, 0, 0, "too long", ""}}, {{5, 1'000'000}}}};
    return t;
}

/// Two ranks that meet, send, and hold two things: 760 pixels for 38 units from 76 on.
timeline ranks_with_layers() {
    timeline t;
    t.kinds  = {"compute"};
    t.layers = {"below", "above", "never"};
    t.rows   = {{.name = "rank 0", .boxes = {{0, 38, 0, 0, "", ""}}, .levels = {{0, 100, 0}, {19, 300, 1}, {19, 50, 0}, {38, 0, 1}}, .room = 400},
                {.name = "rank 1", .boxes = {}, .levels = {{0, 10, 1}}}};
    t.messages = {{0, 1, 0, 19, "a message"}, {1, 0, 19, 38, "back"}};
    t.meetings = {{38, {0, 1}}, {19, {1}}};
    return t;
}
} // namespace

TEST_CASE("any timeline is drawn: with other kinds, and bytes held to one scale") {
    auto const svg = draw(ranks_with_bytes());
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK_THAT(svg, ContainsSubstring("<title id=\"ranks-title\">a &lt; b</title>"));
    CHECK_THAT(svg, ContainsSubstring("<title>the &quot;first&quot;</title>"));
    CHECK_THAT(svg, ContainsSubstring(">send &amp; receive</text>"));
    CHECK_THAT(svg, ContainsSubstring(">at most 2,000,000</text>"));
    CHECK_THAT(svg,
               ContainsSubstring("d=\"M76.0 200.0H76.0V193.0H172.0V172.0H316.0V200.0H316.0V200.0Z\"")); // a quarter, all, none
    CHECK_THAT(svg, ContainsSubstring("d=\"M196.0 238.0H196.0V224.0H316.0V238.0Z\""));                  // the half, to the end
    CHECK(count_in(svg, "class=\"in\"") == 1);
    CHECK(count_in(svg, "too long") == 0);
}

TEST_CASE("a timeline without rows, without boxes or without levels is drawn as well") {
    CHECK(espalier_test::fault_in(draw(timeline{})) == "");
    timeline t;
    t.rows = {{"nobody", {}, {}}};
    CHECK(espalier_test::fault_in(draw(t)) == "");
    CHECK(count_in(draw(t), "class=\"held\"") == 0);
    CHECK(count_in(draw(t), ">nobody<") == 1);
}

TEST_CASE("layers of what is held are stacked, below the room that there is") {
    auto const svg = draw(ranks_with_layers());
    CHECK(espalier_test::fault_in(svg) == "");
    // Rows of 38 pixels from 56 on, axis 44, a line of 10: levels of 62 pixels end at 56 + 2 · 38 + 54 + 62 = 248; 400 is the full height.
    CHECK_THAT(svg, ContainsSubstring("<path class=\"l0\" d=\"M76.0 248.0H76.0V232.5H456.0V240.3H836.0V248.0Z\"><title>below: at most 100</title>"));
    CHECK_THAT(svg, ContainsSubstring("<path class=\"l1\" d=\"M76.0 248.0H76.0V232.5H456.0V193.8H836.0V240.3H836.0V248.0Z\"><title>above: at most 300<"));
    CHECK(svg.find("class=\"l1\" d=\"") < svg.find("class=\"l0\" d=\"")); // painted over it
    CHECK_THAT(svg, ContainsSubstring("<line class=\"room\" x1=\"76.0\" y1=\"186.0\" x2=\"836.0\" y2=\"186.0\"/>"));
    CHECK_THAT(svg, ContainsSubstring("<circle class=\"peak\" cx=\"456.0\" cy=\"193.8\" r=\"2.5\"><title>the most: 350</title>"));
    CHECK_THAT(svg, ContainsSubstring(">at most 350</text>"));
    CHECK_THAT(svg, ContainsSubstring(">of 400</text>"));
    CHECK_THAT(svg, ContainsSubstring(">at most 10</text>"));
    CHECK(count_in(svg, "class=\"room\"") == 1); // of rank 1 none is known
    CHECK(count_in(svg, ">never<") == 0);
    CHECK(count_in(svg, ">below</text>") == 1);
}

TEST_CASE("messages go from the edge of one row to that of the other, and meetings through all that meet") {
    auto const svg = draw(ranks_with_layers());
    CHECK_THAT(svg, ContainsSubstring("<line class=\"sent\" x1=\"76.0\" y1=\"82.0\" x2=\"456.0\" y2=\"94.0\"><title>a message</title>"));
    CHECK_THAT(svg, ContainsSubstring("<line class=\"sent\" x1=\"456.0\" y1=\"94.0\" x2=\"836.0\" y2=\"82.0\"><title>back</title>"));
    CHECK_THAT(svg, ContainsSubstring("<line class=\"meet\" x1=\"835.5\" y1=\"52.0\" x2=\"835.5\" y2=\"124.0\"/>"));
    CHECK(count_in(svg, "class=\"meet\"") == 1); // one alone meets nobody
}

TEST_CASE("a row has a note below its name, for which there is room") {
    timeline t;
    t.rows = {{.name = "rank 0", .boxes = {}, .levels = {}, .note = "stage 0, replica 1, lanes 4-7"}};
    auto const svg = draw(t);
    CHECK_THAT(svg, ContainsSubstring("y=\"67.0\">rank 0</text>"));
    CHECK_THAT(svg, ContainsSubstring("y=\"80.0\">stage 0, replica 1, lanes 4-7</text>"));
    CHECK_THAT(svg, ContainsSubstring("<rect class=\"track\" x=\"195.8\"")); // 16 + 6.2 · 29
}

TEST_CASE("a timeline that cannot be drawn is refused") {
    auto const refuses = [](timeline_box const& box, std::string const& text) {
        timeline t = ranks_with_bytes();
        t.rows[1].boxes.push_back(box);
        CHECK_THROWS_WITH(draw(t), ContainsSubstring(text));
    };
    refuses({3, 2, 0, 0, "", ""},
            "espalier: draw: requires boxes that begin at 0 or later and end after that; got one from 3 to 2. ");
    refuses({-1, 2, 0, 0, "", ""}, "got one from -1 to 2. ");
    refuses({0, 2, 2, 0, "", ""}, "requires a name for every kind of box; got kind 2 and 2 names. ");
    refuses({0, 2, -1, 0, "", ""}, "got kind -1 and 2 names. ");
    auto const refuses_levels = [](std::vector<timeline_level> const& levels, std::string const& got) {
        timeline t       = ranks_with_bytes();
        t.rows[0].levels = levels;
        CHECK_THROWS_WITH(draw(t),
                          ContainsSubstring("requires levels of 0 or more in rising order of time from 0 on; got " + got));
    };
    refuses_levels({{-1, 5}}, "5 at -1 after 0. ");
    refuses_levels({{3, 5}, {2, 7}}, "7 at 2 after 3. ");
    refuses_levels({{3, -5}}, "-5 at 3 after 0. ");
    timeline t;
    t.kinds.resize(13);
    CHECK_THROWS_WITH(draw(t), ContainsSubstring("requires at most 12 kinds of boxes; got 13. "));
    t = ranks_with_layers();
    t.layers.resize(13);
    CHECK_THROWS_WITH(draw(t), ContainsSubstring("requires at most 12 layers of what is held; got 13. "));
    t = ranks_with_layers();
    t.rows[0].levels.push_back({38, 1, 3});
    CHECK_THROWS_WITH(draw(t), ContainsSubstring("requires a name for every layer of what is held; got layer 3 and 3 names. "));
    t = ranks_with_layers();
    t.messages.push_back({0, 2, 0, 1, ""});
    CHECK_THROWS_WITH(draw(t), ContainsSubstring("requires messages and meetings between rows that there are, at 0 or later; got row 2 of 2 at 1. "));
    t = ranks_with_layers();
    t.meetings.push_back({-1, {0, 1}});
    CHECK_THROWS_WITH(draw(t), ContainsSubstring("got row 0 of 2 at -1. "));
}

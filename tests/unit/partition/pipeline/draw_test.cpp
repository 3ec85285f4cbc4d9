// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/observe/report/markup.hpp"
#include "unit/partition/pipeline/each_size.hpp"
#include "unit/partition/pipeline/own_schedules.hpp"

#include <espalier/partition/pipeline/draw.hpp>

#include <filesystem>
#include <fstream>
#include <locale>
#include <sstream>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::count_in;

namespace {
struct points_in_thousands : std::numpunct<char> {
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\1"; }
};

std::string contents_of(std::filesystem::path const& path) {
    std::ostringstream out;
    out << std::ifstream{path, std::ios::binary}.rdbuf();
    return out.str();
}
} // namespace

TEST_CASE("a picture of a schedule has a row and levels a stage, and a box with its number a task") {
    auto const svg = draw_schedule<one_f_one_b>(4, 8);
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK_THAT(svg, Catch::Matchers::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK_THAT(svg, ContainsSubstring(">1F1B: 4 stages, 8 micro-batches, 27.27 % idle</text>"));
    CHECK_THAT(svg,
               ContainsSubstring(">A row a stage, a box a micro-batch. Forward through a stage takes 1, backward 2.</text>"));
    CHECK(count_in(svg, ">stage ") == 4 + 4);
    CHECK(count_in(svg, "class=\"k0 p1\"") == 32 + 1); // one more in the legend
    CHECK(count_in(svg, "class=\"k1 p1\"") == 32 + 1);
    CHECK(count_in(svg, ">7</text>") == 8);
    CHECK(count_in(svg, "class=\"held\"") == 4);
    for (int most : {4, 3, 2, 1}) CHECK(count_in(svg, joined(">at most ", most, "<")) == 1);
    // Stage 3 waits for 3 forwards; 33 units of time are 760 pixels from 76 on: 76 + 3 · 760/33 = 145.1.
    CHECK_THAT(
        svg, ContainsSubstring("x=\"145.1\" y=\"149.0\" width=\"21.8\" height=\"26.0\"><title>forward of micro-batch 0</title>"));
}

TEST_CASE("chunks have shades, and times are in units of a whole stage") {
    auto const svg = draw_schedule<interleaved<2>>(4, 8);
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK_THAT(svg, ContainsSubstring(">interleaved 1F1B, 2 chunks a stage: 4 stages, 8 micro-batches, 15.79 % idle</text>"));
    for (auto const* style : {"k0 p0", "k0 p1", "k1 p0", "k1 p1"})
        CHECK(count_in(svg, joined("class=\"", style, "\"")) == 32 + 1);
    CHECK_THAT(svg, ContainsSubstring("<title>backward of micro-batch 7 through chunk 1</title>"));
    CHECK_THAT(svg, ContainsSubstring(">chunks of micro-batches held</text>"));
    CHECK_THAT(svg, ContainsSubstring(">backward, chunk 1</text>"));
    CHECK_THAT(svg, ContainsSubstring(">28</text>")); // of 57/2
    CHECK(count_in(svg, ">29</text>") == 0);
}

TEST_CASE("the two parts of backward have a colour each") {
    auto const svg = draw_schedule<zb_h1>(2, 3, {.forward = 10, .backward_input = 1200, .backward_weights = 9});
    CHECK(espalier_test::fault_in(svg) == "");
    for (int kind : {0, 1, 2}) CHECK(count_in(svg, joined("class=\"k", kind, " p1\"")) == 6 + 1);
    CHECK_THAT(svg, ContainsSubstring("takes 10, backward 1,200 for the gradients of its input and 9 for those of its weights."));
    CHECK_THAT(svg, ContainsSubstring("<title>backward_weights of micro-batch 2</title>"));
}

TEST_CASE("one stage with one micro-batch is drawn to the pixel") {
    auto const svg = draw_schedule<gpipe>(1, 1);
    CHECK_THAT(svg, ContainsSubstring(">GPipe: 1 stage, 1 micro-batch, 0.00 % idle</text>"));
    CHECK_THAT(svg, ContainsSubstring("<rect class=\"k0 p1\" x=\"76.0\" y=\"56.0\" width=\"22.8\" height=\"26.0\">"));
    CHECK_THAT(svg, ContainsSubstring("<rect class=\"k1 p1\" x=\"100.0\" y=\"56.0\" width=\"46.8\" height=\"26.0\">"));
    // Levels begin 56 + 31 + 44 + 10 pixels down and are 28 high: held from 0 to 3.
    CHECK_THAT(svg, ContainsSubstring("<path class=\"held\" d=\"M76.0 169.0H76.0V141.0H148.0V169.0H148.0V169.0Z\"/>"));
}

TEST_CASE("the bytes of a picture do not depend on the locale") {
    auto const bytes = draw_schedule<one_f_one_b>(12, 40);
    std::locale const before = std::locale::global(std::locale{std::locale::classic(), new points_in_thousands});
    auto const again = draw_schedule<one_f_one_b>(12, 40);
    std::locale::global(before);
    CHECK(bytes == again);
}

TEST_CASE("a schedule that cannot be drawn is refused") {
    CHECK_THROWS_WITH((draw_schedule<espalier_test::remainder_group<3>>(4, 5)),
                      ContainsSubstring("espalier: draw_schedule: requires a schedule that finishes; got stage 0 at its task "));
}

TEST_CASE("the pictures in the documents are what the code draws") {
    auto const folder = std::filesystem::path{__FILE__}.parent_path() / "../../../../docs/pictures";
    for (auto const& [name, svg] : {std::pair{"pipeline-gpipe.svg", draw_schedule<gpipe>(4, 8)},
                                    {"pipeline-1f1b.svg", draw_schedule<one_f_one_b>(4, 8)},
                                    {"pipeline-interleaved.svg", draw_schedule<interleaved<2>>(4, 8)},
                                    {"pipeline-zb-h1.svg", draw_schedule<zb_h1>(4, 8)},
                                    {"pipeline-own.svg", draw_schedule<espalier_test::held_at_most<2>>(4, 8)}}) {
        if (contents_of(folder / name) == svg) continue;
        std::ofstream{name, std::ios::binary} << svg;
        FAIL_CHECK("docs/pictures/" << name << " is another; what the code draws is " << std::filesystem::absolute(name));
    }
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/observe/report/markup.hpp"

#include <espalier/observe/report/canvas.hpp>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a drawing has a title and a description that it is labelled by, both escaped") {
    charts::canvas on{100, 50};
    on.line(0, 1.26, 2, 3, "grid");
    on.rect(1, 2, -3, 4, "bar");
    on.text(5, 6, "end", "a < b");
    on.begin_clip("x", 0, 0, 10, 10);
    on.dot(1, 1, 2, "mark");
    on.end_clip();
    auto const svg = on.to_svg({"x", "T & t", "d <e>"});
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK_THAT(svg,
               Catch::Matchers::StartsWith("<svg viewBox=\"0 0 100 50\" role=\"img\" aria-labelledby=\"x-title x-desc\">\n"
                                           "<title id=\"x-title\">T &amp; t</title>\n<desc id=\"x-desc\">d &lt;e&gt;</desc>\n"));
    CHECK_THAT(svg, ContainsSubstring("<line class=\"grid\" x1=\"0.0\" y1=\"1.3\" x2=\"2.0\" y2=\"3.0\"/>"));
    CHECK_THAT(svg, ContainsSubstring("width=\"0.0\" height=\"4.0\"")); // never below 0
    CHECK_THAT(svg, ContainsSubstring(">a &lt; b</text>"));
}

TEST_CASE("a line is broken where a point is not finite") {
    charts::path_data path;
    path.add(1, 2), path.add(3, 4), path.add(std::nan(""), 0), path.add(5, 6), path.add(7, 8);
    CHECK(path.to_string() == "M1.0 2.0L3.0 4.0M5.0 6.0L7.0 8.0");
}

TEST_CASE("a frame puts low values to the left and below") {
    charts::frame const f{10, 20, 100, 50, {.low = 0, .high = 1}, {.low = -1, .high = 1}};
    CHECK(f.at_x(0) == 10);
    CHECK(f.at_x(1) == 110);
    CHECK(f.at_y(-1) == 70);
    CHECK(f.at_y(1) == 20);
}

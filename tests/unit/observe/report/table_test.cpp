// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/observe/report/markup.hpp"

#include <espalier/observe/report/table.hpp>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a cell is a number where it begins with one, and no date or time") {
    for (char const* text :
         {"0", "1,234.5", "−0.5\u00A0%", "+3", "-2", "–", "7\u00A0min 13\u00A0s", "1.5<small>1 to 2</small>", "1e-09"})
        CHECK(html::is_number(text));
    for (char const* text : {"", "T1", "2024-01-08", "14:30", "a 1", "−"}) CHECK_FALSE(html::is_number(text));
}

TEST_CASE("a table has a caption, headers with a scope, and columns of numbers set as such") {
    auto const out = html::to_html({.caption = "c",
                                    .header  = {"name", "n", "text"},
                                    .rows    = {{{"a", "1", "x"}}, {{"b", "–", "2"}, "strong"}},
                                    .total   = {"all", "1"}});
    CHECK(espalier_test::fault_in(out) == "");
    CHECK_THAT(out, ContainsSubstring("<caption>c</caption>"));
    CHECK_THAT(out, ContainsSubstring(
                        "<th scope=\"col\">name</th><th scope=\"col\" class=\"number\">n</th><th scope=\"col\">text</th>"));
    CHECK_THAT(out, ContainsSubstring("<tr><th scope=\"row\">a</th><td class=\"number\">1</td><td>x</td></tr>"));
    CHECK_THAT(out, ContainsSubstring("<tr class=\"strong\"><th scope=\"row\">b</th>"));
    CHECK_THAT(out,
               ContainsSubstring("<tfoot><tr><th scope=\"row\">all</th><td class=\"number\">1</td><td></td></tr>")); // filled up
}

TEST_CASE("a table without rows is nothing, and one with longer rows than its header grows") {
    CHECK(html::to_html({.caption = "c", .header = {"a"}}).empty());
    auto const out = html::to_html({.caption = "c", .header = {"a"}, .rows = {{{"x", "y", "z"}}}});
    CHECK(espalier_test::count_in(out, "scope=\"col\"") == 3);
    CHECK_THAT(out, ContainsSubstring("<td>z</td>"));
}

TEST_CASE("a table of texts is escaped") {
    auto const out = html::to_html(html::to_table("c", {{"<a>"}, {{"<b>", "&"}}, {"<d>"}}));
    CHECK_THAT(out, ContainsSubstring("&lt;a&gt;"));
    CHECK_THAT(out, ContainsSubstring("<td>&amp;</td>"));
    CHECK_THAT(out, ContainsSubstring("&lt;d&gt;"));
}

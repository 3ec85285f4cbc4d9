// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/data/table.hpp>

TEST_CASE("A table is written with its first column flush left and the others flush right") {
    espalier::table const t{.head = {"ticker", "rows"}, .rows = {{"A", "12"}, {"ÄÖÜ", "7"}}, .total = {"all", "12345"}};
    CHECK(t.to_string() == "ticker   rows\n"
                           "A          12\n"
                           "ÄÖÜ         7\n"
                           "all     12345\n");
    CHECK(espalier::table{.head = {"only"}, .rows = {{"x"}}}.to_string() == "only\nx\n");
}

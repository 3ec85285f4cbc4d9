// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/csv.hpp>

#include <clocale>

using namespace espalier;
using espalier_test::words_of;

TEST_CASE("Rows are read whatever ends their lines") {
    std::string const text =
        GENERATE(as<std::string>{}, "a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r\n1,2\r\n3,4",
                 "\xEF\xBB\xBF"
                 "a,b\n1,2\n3,4\n",
                 "a , b\n 1,\t2\n3 ,4 \n", "a,b\n\n1,2\n\r\n3,4\n\n");
    csv_reader csv{"x.csv", text};
    auto const a = csv.column("a"), b = csv.column("b");
    REQUIRE(csv.next());
    CHECK(csv.number<int>(a) == 1);
    CHECK(csv.number<double>(b) == 2.0);
    REQUIRE(csv.next());
    CHECK(csv.number<int>(a) == 3);
    CHECK(csv.field(b) == "4");
    CHECK_FALSE(csv.next());
    CHECK_FALSE(csv.next());
}

TEST_CASE("Lines count from 1 with the header, empty ones too") {
    csv_reader csv{"x.csv", "a\n1\n\n2\n"};
    REQUIRE(csv.next());
    CHECK(csv.line() == 2);
    REQUIRE(csv.next());
    CHECK(csv.line() == 4);
}

TEST_CASE("Columns are found by name, wherever they stand") {
    csv_reader const csv{"x.csv", "volume,close\n1,2\n"};
    CHECK(csv.column("close") == 1);
    CHECK(csv.find_column("volume") == 0u);
    CHECK(csv.find_column("Close") == std::nullopt);
    CHECK(
        words_of<bad_data>([&] { static_cast<void>(csv.column("open")); }) ==
        "espalier: csv: requires a column 'open' (x.csv); got the columns volume, close. Rename the column that holds it in the "
        "file's first line. See docs/howto/data.md.");
}

TEST_CASE("Two columns of one name are rejected when it is asked for") {
    csv_reader const csv{"x.csv", "a,b,a\n1,2,3\n"};
    CHECK(csv.column("b") == 1);
    CHECK(words_of<bad_data>([&] { static_cast<void>(csv.find_column("a")); }) ==
          "espalier: csv: requires one column of the name 'a' (x.csv); got columns 1 and 3. Rename or remove one. See "
          "docs/howto/data.md.");
}

TEST_CASE("A field that is no finite number is named with file, line, column and text") {
    std::string const field = GENERATE(as<std::string>{}, "", "x", "1.5x", "1 2", "nan", "inf", "-inf", "1e999", "0x10", "1;5");
    csv_reader csv{"f/x.csv", "a,price\n1,2\n3," + field + "\n"};
    REQUIRE((csv.next() && csv.next()));
    CHECK(words_of<bad_data>([&] { static_cast<void>(csv.number<float>(1)); }) ==
          "espalier: csv: requires a finite number in column price (f/x.csv, line 3); got '" + field +
              "'. Correct the line or remove it. See docs/howto/data.md.");
}

TEST_CASE("A fraction is no whole number") {
    csv_reader csv{"x.csv", "a\n1.5\n"};
    REQUIRE(csv.next());
    CHECK_THROWS_AS(csv.number<std::int64_t>(0), bad_data);
    CHECK(csv.number<float>(0) == 1.5f);
}

TEST_CASE("Numbers are read alike under every locale") {
    std::string const before = std::setlocale(LC_ALL, nullptr);
    for (char const* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) {
        std::setlocale(LC_ALL, name); // where it is not installed, nothing changes
        csv_reader csv{"x.csv", "a\n2.25e1\n"};
        bool const has_row = csv.next();
        float const value  = csv.number<float>(0);
        std::setlocale(LC_ALL, before.c_str());
        CHECK(has_row);
        CHECK(value == 22.5f);
    }
}

TEST_CASE("A row with more or fewer fields than the header is rejected with both numbers") {
    csv_reader more{"x.csv", "a,b\n1,2,3\n"}, fewer{"x.csv", "a,b\n1,2\n1\n"};
    CHECK(words_of<bad_data>([&] { static_cast<void>(more.next()); }) ==
          "espalier: csv: requires 2 fields, as the header has (x.csv, line 2); got 3. Correct the line or remove it. See "
          "docs/howto/data.md.");
    REQUIRE(fewer.next());
    CHECK(words_of<bad_data>([&] { static_cast<void>(fewer.next()); }) ==
          "espalier: csv: requires 2 fields, as the header has (x.csv, line 3); got 1. Correct the line or remove it. See "
          "docs/howto/data.md.");
}

TEST_CASE("A text without a header is rejected as empty") {
    std::string const text = GENERATE(as<std::string>{}, "", "\n", "\r\n\r\n", "\xEF\xBB\xBF");
    CHECK(words_of<bad_data>([&] {
              csv_reader{"x.csv", text};
          }) == "espalier: csv: requires a line of column names and at least one row; got an empty file (x.csv). Remove the file "
                "or fill it. "
                "See docs/howto/data.md.");
}

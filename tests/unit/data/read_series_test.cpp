// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/read_series.hpp>

#include <algorithm>
#include <clocale>

#if defined(ESPALIER_USE_ZLIB)
#    include <zlib.h>
#endif

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::temporary_folder;
using espalier_test::words_of;

namespace {

dated_series series_of(std::string const& text, series_format const& format = {.value = "Price"}) {
    temporary_folder const folder;
    return read_series(folder.write("A.csv", text), format);
}
std::string words_of_reading(std::string const& text, series_format const& format = {.value = "Price"}) {
    return words_of<bad_data>([&] { static_cast<void>(series_of(text, format)); });
}

} // namespace

TEST_CASE("A column is found by its name, the dates in the first one or by name, and the file names the series") {
    temporary_folder const folder;
    auto const file = folder.write("spot.daily.csv", "Date,Open,Price\n1970-01-02,1,2.5\n1970-01-12,3,-4e-1\n");
    auto const open = read_series(file, {.value = "Open"}), price = read_series(file, {.value = "Price", .name = "oil"});
    CHECK(open.name == "spot");
    CHECK(open.source == file.string());
    CHECK(open.values == std::vector<dated_value>{{1, 1}, {11, 3}});
    CHECK(price.name == "oil");
    CHECK(price.values == std::vector<dated_value>{{1, 2.5}, {11, -0.4}});
    CHECK(series_of("Price,day\n7,1969-12-31\n", {.value = "Price", .date = "day"}).values == std::vector<dated_value>{{-1, 7}});
}

TEST_CASE("Dates are written with dashes or slashes, padded or not, with or without a time") {
    // 18,372 days lie between 1970-01-01 and 2020-04-20: `date -d 2020-04-20 +%s` over 86,400.
    for (char const* date : {"2020-04-20", "2020/4/20", "2020/04/20", "2020-4-20", "2020-04-20 00:00:00", "2020-04-20T16:00",
                             "2020-04-20 00:00:00+00:00", "2020-04-20T23:59:60.123Z", "2020-04-20 09:30:00-05:00"}) {
        CAPTURE(date);
        CHECK(series_of(std::string{"Date,Price\n"} + date + ",1\n").values == std::vector<dated_value>{{18'372, 1}});
    }
    CHECK(day_of(2020, 4, 20) == 18'372);
    CHECK(series_of("Date,Price\n2024-02-29,1\n").values.front().day == 19'782);
}

TEST_CASE("What is no date is rejected with its text") {
    for (char const* date : {"",
                             "2020",
                             "2020-04",
                             "20-04-20",
                             "04/20/2020",
                             "2020-04/20",
                             "2020.04.20",
                             "2020-13-01",
                             "2020-00-01",
                             "2023-02-29",
                             "2020-04-31",
                             "2020-004-20",
                             "2020-04-200",
                             "2020-04-20x",
                             "2020-04-20 ab",
                             "2020-04-20 24:00",
                             "2020-04-20 1:00",
                             "2020-04-20 12:60:00",
                             "2020-04-20 12:00:00+",
                             "2020-04-20 12:00:00.",
                             "2020-04-20 12",
                             "-2020-04-20",
                             "20200420"}) {
        CAPTURE(date);
        CHECK_THAT(words_of_reading(std::string{"Date,Price\n2019-01-01,1\n"} + date + ",1\n"),
                   ContainsSubstring("espalier: read_series: requires a date such as 2020-04-20 or 2020/4/20 in column Date (") &&
                       ContainsSubstring("A.csv, line 3); got '" + std::string{date} +
                                         "'. Correct the line or remove it. See docs/howto/panel.md."));
    }
}

TEST_CASE("A day without a value is left out and counted; a zero and a negative value stay") {
    auto const s = series_of("Date,Price\n2020-01-01,\n2020-01-02,0\n2020-01-03, nan\n2020-01-06,-36.98\n2020-01-07,-0\n");
    CHECK(s.missing == 2);
    CHECK(s.values == std::vector<dated_value>{{18'263, 0}, {18'267, -36.98}, {18'268, 0}});
    auto const fred = series_of("DATE,X\n2020-01-01,.\n2020-01-02,1.5\n", {.value = "X", .missing = "."});
    CHECK(fred.missing == 1);
    CHECK(fred.values == std::vector<dated_value>{{18'263, 1.5}});
}

TEST_CASE("A row that is none is rejected with file, line, column and text") {
    struct row {
        char const *line, *required, *got;
    };
    auto const bad = GENERATE(row{"2020-01-02,1x,3", "a finite number in column Price", "'1x'"},
                              row{"2020-01-02,inf,3", "a finite number in column Price", "'inf'"},
                              row{"2020-01-02,1e999,3", "a finite number in column Price", "'1e999'"},
                              row{"2020-01-02,.,3", "a finite number in column Price", "'.'"},
                              row{"2020-01-02,1", "3 fields, as the first line has", "2"},
                              row{"2020-01-02,1,2,3", "3 fields, as the first line has", "4"},
                              row{"2020-01-01,1,2", "days that rise from row to row, each once", "2020-01-01 after 2020-01-01"},
                              row{"2019-12-31,1,2", "days that rise from row to row, each once", "2019-12-31 after 2020-01-01"});
    CHECK_THAT(words_of_reading(std::string{"Date,Price,Note\n\n2020-01-01,,x\n"} + bad.line + "\n2020-01-03,y,\n"),
               ContainsSubstring(std::string{"espalier: read_series: requires "} + bad.required + " (") &&
                   ContainsSubstring("A.csv, line 4); got " + std::string{bad.got} +
                                     ". Correct the line or remove it. See docs/howto/panel.md."));
}

TEST_CASE("A series' column that is not there, or twice, or that of the dates is rejected by name") {
    CHECK_THAT(words_of_reading("Date,Open,Close\n2020-01-01,1,2\n"),
               ContainsSubstring("requires a column 'Price' (") &&
                   ContainsSubstring("A.csv); got the columns Date, Open, Close. Name one of these. See docs/howto/panel.md."));
    CHECK_THAT(words_of_reading("Date,Price\n2020-01-01,1\n", {.value = "Price", .date = "Day"}),
               ContainsSubstring("requires a column 'Day' ("));
    CHECK_THAT(words_of_reading("Date,Price,Price\n2020-01-01,1,2\n"),
               ContainsSubstring("requires one column of the name 'Price' ("));
    CHECK_THAT(words_of_reading("Date,Price\n2020-01-01,1\n", {.value = "Date"}),
               ContainsSubstring("requires two columns, one of dates and one of values (") &&
                   ContainsSubstring("got column Date for both"));
    CHECK(words_of<invalid_setting>([] { static_cast<void>(read_series("anywhere", {})); }) ==
          "espalier: read_series: requires the name of the column of the values; got none. Set value to it, such as \"close\". "
          "See docs/howto/panel.md.");
}

TEST_CASE("A series' file that is missing, a folder, empty or without a value is rejected") {
    temporary_folder const folder;
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(read_series(folder.path() / "none.csv", {.value = "Price"})); }),
               ContainsSubstring("none.csv', which does not exist. Check the path."));
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(read_series(folder.path(), {.value = "Price"})); }),
               ContainsSubstring("', which is no file. Check the path."));
    for (char const* text : {"", "\n\r\n", "\xEF\xBB\xBF"})
        CHECK_THAT(words_of_reading(text), ContainsSubstring("A.csv); got an empty file."));
    for (char const* text : {"Date,Price", "Date,Price\n2020-01-01,\n"})
        CHECK_THAT(words_of_reading(text), ContainsSubstring("A.csv); got none in column Price."));
}

TEST_CASE("Line ends, byte-order mark, empty lines, blanks and the locale do not matter to a series") {
    std::vector<dated_value> const expected{{18'262, 1.5}, {18'263, 2.25}};
    std::string const before = std::setlocale(LC_ALL, nullptr);
    std::setlocale(LC_ALL, "de_DE.UTF-8"); // where it is not installed, nothing changes
    for (char const* text : {"Date,Price\n2020-01-01,1.5\n2020-01-02,2.25\n", "Date,Price\r\n2020-01-01,1.5\r\n2020-01-02,2.25",
                             "\xEF\xBB\xBF\nDate, Price\n\n 2020-01-01\t,1.5 \n\r\n2020-01-02,\t2.25\n\n"})
        CHECK(series_of(text).values == expected);
    std::setlocale(LC_ALL, before.c_str());
}

#if defined(ESPALIER_USE_ZLIB)

TEST_CASE("A compressed series is read like a plain one, and rejected where it is cut off") {
    std::string text = "Date,Price\n"; // more than one block of the reader
    for (int year = 1000; year < 2400; ++year)
        for (int month = 1; month <= 12; ++month) text += std::to_string(year) + "-" + std::to_string(month) + "-1,0.5\n";
    temporary_folder const folder;
    auto const file  = folder.path() / "B.csv.gz";
    gzFile const out = gzopen(file.c_str(), "wb");
    gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    gzclose(out);
    CHECK(read_series(file, {.value = "Price"}).values.size() == 1400 * 12);
    CHECK(read_series(file, {.value = "Price"}).values == series_of(text).values);
    CHECK(read_series(file, {.value = "Price"}).name == "B");
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 3);
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(read_series(file, {.value = "Price"})); }),
               ContainsSubstring("got one that is cut off after "));
}

#endif

TEST_CASE("The eighteen real daily files are read to the last row", "[data]") {
    auto const folder = espalier_test::require_data("macro_multiasset") / "daily";
#if !defined(ESPALIER_USE_ZLIB)
    espalier_test::skip("needs zlib");
#endif
    // Rows of each file without the first line: zcat FILE | tail -n +2 | wc -l
    struct file_facts {
        char const *name, *value;
        std::int64_t rows, missing;
        dated_value first, last;
    };
    file_facts const facts[] = {
        {"brent", "Price", 9958, 0, {day_of(1987, 5, 20), 18.63}, {day_of(2026, 8, 18), 95.29}},
        {"fx_audusd", "Close", 5051, 0, {day_of(2007, 7, 16), 0.87367}, {day_of(2023, 9, 11), 0.6428}},
        {"fx_eurusd", "Close", 5013, 0, {day_of(2007, 9, 4), 1.36221}, {day_of(2023, 9, 11), 1.07325}},
        {"fx_gbpusd", "Close", 5013, 0, {day_of(2007, 9, 3), 2.0169}, {day_of(2023, 9, 11), 1.25331}},
        {"fx_usdcad", "Close", 5013, 0, {day_of(2007, 9, 3), 1.05262}, {day_of(2023, 9, 11), 1.3593}},
        {"fx_usdchf", "Close", 5012, 0, {day_of(2007, 9, 4), 1.2103}, {day_of(2023, 9, 11), 0.89143}},
        {"fx_usdjpy", "Close", 5022, 0, {day_of(2007, 8, 14), 117.53}, {day_of(2023, 9, 11), 146.671}},
        {"index_csi300", "close", 3886, 0, {day_of(2010, 1, 4), 3535.229}, {day_of(2025, 12, 31), 4629.9395}},
        {"index_ftse100", "close", 4038, 0, {day_of(2010, 1, 4), 5500.299805}, {day_of(2025, 12, 30), 9940.700195}},
        {"index_kospi", "close", 3894, 0, {day_of(2010, 1, 4), 223.4900055}, {day_of(2025, 12, 30), 605.9799805}},
        {"index_n225", "close", 3913, 0, {day_of(2010, 1, 4), 10654.79004}, {day_of(2025, 12, 30), 50339.48047}},
        {"index_sp500", "close", 4027, 0, {day_of(2010, 1, 4), 1132.99}, {day_of(2025, 12, 31), 6845.5}},
        {"natgas_henryhub", "Price", 7437, 1, {day_of(1997, 1, 7), 3.82}, {day_of(2026, 8, 18), 2.82}},
        {"ust_curve", "20year", 6816, 939, {}, {day_of(2017, 3, 29), 0.0274}},
        {"vix", "CLOSE", 9235, 0, {day_of(1990, 1, 2), 17.24}, {day_of(2026, 7, 23), 18.7}},
        {"wti", "Price", 10226, 0, {day_of(1986, 1, 2), 25.56}, {day_of(2026, 8, 18), 86.48}},
        {"xagusd", "Close", 3900, 0, {day_of(2011, 2, 17), 31.638}, {day_of(2023, 9, 11), 23.128}},
        {"xauusd", "Close", 5172, 0, {day_of(2007, 2, 2), 647.066}, {day_of(2023, 9, 11), 1925.265}},
    };
    CHECK(std::size(facts) == 18);
    for (auto const& [name, value, rows, missing, first, last] : facts) {
        auto const s = read_series(folder / (std::string{name} + ".csv.gz"), {.value = value});
        CAPTURE(name);
        CHECK(s.name == name);
        CHECK(s.missing == missing);
        CHECK(static_cast<std::int64_t>(s.values.size()) + missing == rows);
        if (first.day != 0) CHECK(s.values.front() == first);
        CHECK(s.values.back() == last);
    }
}

TEST_CASE("Oil below zero and the day without a gas price are as the real files have them", "[data]") {
    auto const folder = espalier_test::require_data("macro_multiasset") / "daily";
#if !defined(ESPALIER_USE_ZLIB)
    espalier_test::skip("needs zlib");
#endif
    auto const on = [](dated_series const& s, std::int64_t day) {
        return std::find_if(s.values.begin(), s.values.end(), [&](dated_value const& v) { return v.day >= day; });
    };
    auto const oil = read_series(folder / "wti.csv.gz", {.value = "Price"});
    CHECK(*on(oil, day_of(2020, 4, 20)) == dated_value{day_of(2020, 4, 20), -36.98});
    CHECK(std::count_if(oil.values.begin(), oil.values.end(), [](dated_value const& v) { return v.value <= 0; }) == 1);

    auto const gas = read_series(folder / "natgas_henryhub.csv.gz", {.value = "Price"});
    auto const gap = on(gas, day_of(2018, 1, 5));
    CHECK(*(gap - 1) == dated_value{day_of(2018, 1, 4), 4.65});
    CHECK(*gap == dated_value{day_of(2018, 1, 8), 2.89});
}

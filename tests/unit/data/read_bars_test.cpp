// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/read_bars.hpp>

#include <clocale>
#include <cmath>

#if defined(ESPALIER_USE_ZLIB)
#    include <zlib.h>
#endif

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::temporary_folder;
using espalier_test::words_of;

namespace {

std::string const header = "timestamp_ms_utc,open,high,low,close,vwap,volume\n";

std::string words_of_reading(std::string const& text) {
    temporary_folder const folder;
    folder.write("A.csv", text);
    return words_of<bad_data>([&] { static_cast<void>(read_bars(folder.path())); });
}

} // namespace

TEST_CASE("Bars are read from every CSV file, in the order of names") {
    temporary_folder const folder;
    folder.write("ZZZ_2024_1m.csv", header + "60000,1,2,0.5,1.5,1.25,100\n120000,1.5,1.75,1.5,1.75,1.6,0\n");
    folder.write("BRK.B.csv", header + "0,1,1,1,1,1,7\n");
    folder.write("README.md", "no bars");
    std::filesystem::create_directory(folder.path() / "folder.csv");

    auto const all = read_bars(folder.path());
    REQUIRE(all.size() == 2);
    CHECK(all[0].ticker == "BRK");
    CHECK(all[0].source == (folder.path() / "BRK.B.csv").string());
    CHECK(all[0].bars == std::vector<bar>{{0, 1, 1, 1, 1, 1, 7}});
    CHECK(all[1].ticker == "ZZZ");
    CHECK(all[1].bars == std::vector<bar>{{60000, 1, 2, 0.5f, 1.5f, 1.25f, 100}, {120000, 1.5f, 1.75f, 1.5f, 1.75f, 1.6f, 0}});
}

TEST_CASE("Time, close and volume are enough, in any order; the other prices are the close's") {
    temporary_folder const folder;
    auto const file = folder.write("A.csv", "volume,exchange,close,timestamp_ms_utc\r\n5,XNYS,2.5,1704205800000\r\n");
    CHECK(read_bar_file(file).bars == std::vector<bar>{{1704205800000, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 5}});
}

TEST_CASE("A missing folder, a file in its place and a folder without bars are told apart") {
    temporary_folder const folder;
    auto const words = [](std::filesystem::path const& p) {
        return words_of<bad_data>([&] { static_cast<void>(read_bars(p)); });
    };
    std::string const wanted = "espalier: read_bars: requires a folder with *.csv or *.csv.gz files; got '";
    CHECK(words(folder.path() / "none") ==
          wanted + (folder.path() / "none").string() + "', which does not exist. Check the path. See docs/howto/data.md.");
    CHECK(words(folder.write("A.txt", "")) ==
          wanted + (folder.path() / "A.txt").string() + "', which is no folder. Check the path. See docs/howto/data.md.");
    CHECK(words(folder.path()) == wanted + folder.path().string() +
                                      "', which holds none. Check the path and the names' endings. See docs/howto/data.md.");
}

TEST_CASE("A missing column is named, with the file and the columns that are there") {
    std::string const words = words_of_reading("timestamp_ms_utc,price,volume\n1,2,3\n");
    CHECK_THAT(words, ContainsSubstring("requires a column 'close' (") && ContainsSubstring("A.csv); got the columns ") &&
                          ContainsSubstring("got the columns timestamp_ms_utc, price, volume."));
    CHECK_THAT(words_of_reading("close,volume\n1,2\n"), ContainsSubstring("a column 'timestamp_ms_utc'"));
    CHECK_THAT(words_of_reading("close,timestamp_ms_utc\n1,2\n"), ContainsSubstring("a column 'volume'"));
}

TEST_CASE("What is no row of numbers is rejected with file, line, column and text") {
    struct row {
        char const *fields, *required, *got;
    };
    auto const bad = GENERATE(
        row{"60000,1,1,1,x,1,1", "a finite number in column close", "'x'"},
        row{"60000,1,1,1,1,1,12x", "a finite number in column volume", "'12x'"},
        row{"60000,1,1,1,1,1 2,1", "a finite number in column vwap", "'1 2'"},
        row{"60000,inf,1,1,1,1,1", "a finite number in column open", "'inf'"},
        row{"60000,1,1e999,1,1,1,1", "a finite number in column high", "'1e999'"},
        row{"60000,1,1,0x10,1,1,1", "a finite number in column low", "'0x10'"},
        row{"60000,1,-nan,1,1,1,1", "a finite number in column high", "'-nan'"},
        row{"noon,1,1,1,1,1,1", "a whole number in column timestamp_ms_utc", "'noon'"},
        row{",1,1,1,1,1,1", "a whole number in column timestamp_ms_utc", "''"},
        row{"nan,1,1,1,1,1,1", "a whole number in column timestamp_ms_utc", "'nan'"},
        row{"1704205800000.5,1,1,1,1,1,1", "a whole number in column timestamp_ms_utc", "'1704205800000.5'"},
        row{"60000,1,1,1,1,1", "7 fields, as the header has", "6"}, row{"60000,1,1,1,x,1", "7 fields, as the header has", "6"},
        row{"60000,1,1,1,1,1,1,1", "7 fields, as the header has", "8"}, row{" ", "7 fields, as the header has", "1"});
    std::string const words = words_of_reading(header + "0,1,1,1,1,1,1\n" + bad.fields + "\n120000,1,1,1,y,1,1\n");
    CHECK_THAT(words, ContainsSubstring(std::string{"espalier: csv: requires "} + bad.required + " (") &&
                          ContainsSubstring("A.csv, line 3); got " + std::string{bad.got} +
                                            ". Correct the line or remove it. See docs/howto/data.md."));
}

TEST_CASE("What can be parsed is passed on as it stands, in the order of the file") {
    temporary_folder const folder;
    auto const file = folder.write("A.csv", header + "60000,1,2,0.5,0,-1,-7\n60000,1,2,0.5,-1e-3,1,0\n-60000,1,2,0.5,1,1,1e9\n");
    CHECK(read_bar_file(file).bars ==
          std::vector<bar>{{60000, 1, 2, 0.5f, 0, -1, -7}, {60000, 1, 2, 0.5f, -1e-3f, 1, 0}, {-60000, 1, 2, 0.5f, 1, 1, 1e9f}});
}

TEST_CASE("An empty or nan price or volume is a NaN, and so is what is taken from it") {
    temporary_folder const folder;
    auto const all = read_bar_file(folder.write("A.csv", header + "0,,1,NaN,nan, ,\r\n1,2,3,4,5,6,\n")).bars;
    REQUIRE(all.size() == 2);
    CHECK((std::isnan(all[0].open) && std::isnan(all[0].low) && std::isnan(all[0].close) && std::isnan(all[0].vwap) &&
           std::isnan(all[0].volume)));
    CHECK((all[0].time_ms == 0 && all[0].high == 1));
    CHECK((all[1].vwap == 6 && std::isnan(all[1].volume)));

    auto const from_close = read_bar_file(folder.write("B.csv", "timestamp_ms_utc,close,volume\n1704205800000,,3\n")).bars;
    REQUIRE(from_close.size() == 1);
    CHECK((std::isnan(from_close[0].open) && std::isnan(from_close[0].vwap) && from_close[0].volume == 3));
}

TEST_CASE("Line ends, byte-order mark, empty lines and blanks around fields do not matter") {
    std::string const text =
        GENERATE(as<std::string>{}, "timestamp_ms_utc,close,volume\n1704205800000,2,3\n1704205860000,4.5,6\n",
                 "timestamp_ms_utc,close,volume\n1704205800000,2,3\n1704205860000,4.5,6",
                 "timestamp_ms_utc,close,volume\r\n1704205800000,2,3\r\n1704205860000,4.5,6\r\n",
                 "timestamp_ms_utc,close,volume\r\n1704205800000,2,3\r\n1704205860000,4.5,6",
                 "\xEF\xBB\xBFtimestamp_ms_utc,close,volume\n1704205800000,2,3\n1704205860000,4.5,6\n",
                 "\xEF\xBB\xBF\n\r\ntimestamp_ms_utc,close,volume\n1704205800000,2,3\n1704205860000,4.5,6\n",
                 "timestamp_ms_utc ,\tclose , volume\n 1704205800000,\t2,3 \n1704205860000 ,4.5\t, 6 \r\n",
                 "\ntimestamp_ms_utc,close,volume\n\n1704205800000,2,3\n\r\n\n1704205860000,4.5,6\n\n\n");
    temporary_folder const folder;
    CHECK(read_bar_file(folder.write("A.csv", text)).bars ==
          std::vector<bar>{{1704205800000, 2, 2, 2, 2, 2, 3}, {1704205860000, 4.5f, 4.5f, 4.5f, 4.5f, 4.5f, 6}});
}

TEST_CASE("Lines count from 1 with the header, empty ones too") {
    CHECK_THAT(words_of_reading("\n\r\ntimestamp_ms_utc,close,volume\n\n1,1,1\n\n1,x,1\n"),
               ContainsSubstring("A.csv, line 7); got 'x'"));
}

TEST_CASE("Two columns of one name are rejected where the name is asked for") {
    CHECK_THAT(words_of_reading("timestamp_ms_utc,close,note,close,volume,note\n1,1,1,1,1,1\n"),
               ContainsSubstring("espalier: csv: requires one column of the name 'close' (") &&
                   ContainsSubstring("A.csv); got columns 2 and 4. Rename or remove one. See docs/howto/data.md."));
    temporary_folder const folder;
    auto const file = folder.write("A.csv", "note,timestamp_ms_utc,close,volume,note\na b,1,2,3,\"c\"\n,4,5,6,\n");
    CHECK(read_bar_file(file).bars == std::vector<bar>{{1, 2, 2, 2, 2, 2, 3}, {4, 5, 5, 5, 5, 5, 6}});
}

TEST_CASE("Bars are read alike under every locale") {
    temporary_folder const folder;
    auto const file          = folder.write("A.csv", "timestamp_ms_utc,close,volume\n1704205800000,22.5,2.25e1\n");
    std::string const before = std::setlocale(LC_ALL, nullptr);
    for (char const* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) {
        std::setlocale(LC_ALL, name); // where it is not installed, nothing changes
        auto const all = read_bar_file(file).bars;
        std::setlocale(LC_ALL, before.c_str());
        CHECK(all == std::vector<bar>{{1704205800000, 22.5f, 22.5f, 22.5f, 22.5f, 22.5f, 22.5f}});
    }
}

TEST_CASE("A number of threads below 0 is no setting") {
    CHECK(
        words_of<invalid_setting>([] { static_cast<void>(read_bars("anywhere", {.threads = -1})); }) ==
        "espalier: read_bars: requires threads of 0 (as many as there are cores) or more; got -1. Give another number, or none. "
        "See docs/howto/data.md.");
}

TEST_CASE("A file without rows is rejected") {
    for (char const* text : {"", "\n", "\r\n\r\n", "\xEF\xBB\xBF"})
        CHECK_THAT(
            words_of_reading(text),
            ContainsSubstring("espalier: csv: requires a line of column names and at least one row; got an empty file (") &&
                ContainsSubstring("A.csv). Remove the file or fill it. See docs/howto/data.md."));
    CHECK_THAT(words_of_reading(header),
               ContainsSubstring("requires at least one row; got only the column names (") && ContainsSubstring("A.csv)"));
}

#if defined(ESPALIER_USE_ZLIB)

namespace {

std::filesystem::path write_gzip(temporary_folder const& folder, std::string const& name, std::string const& text) {
    auto const file  = folder.path() / name;
    gzFile const out = gzopen(file.c_str(), "wb");
    gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    gzclose(out);
    return file;
}

std::string many_rows() {
    std::string text = header;
    for (int i = 0; i < 5000; ++i) text += std::to_string(60000 * i) + ",1,2,1," + std::to_string(1 + i * 7919 % 1000) + ",1,5\n";
    return text;
}

} // namespace

TEST_CASE("A compressed file gives the bars of the plain one") {
    temporary_folder const folder;
    auto const plain = folder.write("A.csv", many_rows()), compressed = write_gzip(folder, "B.csv.gz", many_rows());
    auto const bars = read_bar_file(plain).bars;
    REQUIRE(bars.size() == 5000);
    CHECK(read_bar_file(compressed).bars == bars);
    CHECK(read_bars(folder.path()).at(1).ticker == "B");
}

TEST_CASE("A compressed file that is cut off anywhere is rejected") {
    temporary_folder const folder;
    auto const file = write_gzip(folder, "A.csv.gz", many_rows());
    auto const size = std::filesystem::file_size(file);
    // Within the checksum at the end, between two rows' bytes, within the header.
    std::uintmax_t const kept = GENERATE_COPY(size - 1, size - 8, size - 9, size / 2, std::uintmax_t{12}, std::uintmax_t{5});
    std::filesystem::resize_file(file, kept);
    CAPTURE(size, kept);
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(read_bar_file(file)); }),
               ContainsSubstring("requires a complete gzip file in " + file.string() + "; got one that is cut off after "));
}

TEST_CASE("A compressed file with a damaged byte is rejected") {
    temporary_folder const folder;
    auto const file = write_gzip(folder, "A.csv.gz", many_rows());
    std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekg(-6, std::ios::end); // within the checksum
    int const old = bytes.get();
    bytes.seekp(-6, std::ios::end);
    bytes.put(static_cast<char>(old ^ 1));
    bytes.close();
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(read_bar_file(file)); }),
               ContainsSubstring("requires a complete gzip file in " + file.string()));
}

TEST_CASE("What damage makes of a compressed file's rows is told as damage") {
    temporary_folder const folder;
    auto const file  = write_gzip(folder, "A.csv.gz", header + "0,x,1,1,1,1,1\n" + many_rows());
    auto const check = [&](auto const& words) {
        for (std::size_t const threads : {1, 2, 3})
            for (std::size_t const block_bytes : {10, 1000, 1'000'000})
                CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(detail::read_files({file}, threads, block_bytes)); }),
                           words);
    };
    check(ContainsSubstring("A.csv.gz, line 2); got 'x'."));
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    check(ContainsSubstring("requires a complete gzip file in ") && ContainsSubstring("got one that is cut off after "));
}

TEST_CASE("A plain file that is named as if compressed is rejected") {
    temporary_folder const folder;
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(read_bar_file(folder.write("A.csv.gz", many_rows()))); }),
               ContainsSubstring("got a file that is not compressed"));
}

#else

TEST_CASE("Without zlib a compressed file is rejected by name") {
    temporary_folder const folder;
    folder.write("A.csv.gz", "\x1f\x8b");
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(read_bars(folder.path())); }),
               ContainsSubstring("requires zlib to read compressed files; got ") &&
                   ContainsSubstring("A.csv.gz in a build without it"));
}

#endif

TEST_CASE("The ten real files hold 420,020 bars", "[data]") {
    auto const folder = espalier_test::require_data("intraday_stocks_1m");
#if !defined(ESPALIER_USE_ZLIB)
    espalier_test::skip("needs zlib");
#endif
    auto const all   = read_bars(folder);
    std::size_t rows = 0;
    for (auto const& series : all) rows += series.bars.size();
    CHECK(all.size() == 10);
    CHECK(rows == 420'020);
    CHECK(all.front().ticker == "BKNG");
    CHECK(all.front().bars.front() == bar{1704205800000, 3520, 3524.405f, 3520, 3524.405f, 3520.4257f, 4707});
}

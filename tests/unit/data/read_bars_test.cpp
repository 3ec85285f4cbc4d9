// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/read_bars.hpp>

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

TEST_CASE("What cannot be a bar is rejected with file and line") {
    struct row {
        char const *fields, *required, *got;
    };
    auto const bad = GENERATE(
        row{"60000,1,1,1,x,1,1", "a finite number in column close", "'x'"},
        row{"60000,1,1,1,nan,1,1", "a finite number in column close", "'nan'"},
        row{"60000,1,1,1,inf,1,1", "a finite number in column close", "'inf'"}, row{"60000,1,1,1,0,1,1", "a close above 0", "0"},
        row{"60000,1,1,1,-3.5,1,1", "a close above 0", "-3.5"}, row{"60000,1,1,1,1,1,-1", "a volume of 0 or more", "-1"},
        row{"noon,1,1,1,1,1,1", "a finite number in column timestamp_ms_utc", "'noon'"},
        row{"60000,1,1,1,1,1", "7 fields, as the header has", "6"},
        row{"60000,1,1,1,1,1,1,1", "7 fields, as the header has", "8"},
        row{"0,1,1,1,1,1,1", "times that rise from row to row", "0 after 0"},
        row{"-60000,1,1,1,1,1,1", "times that rise from row to row", "-60000 after 0"});
    std::string const words = words_of_reading(header + "0,1,1,1,1,1,1\n" + bad.fields + "\n120000,1,1,1,1,1,1\n");
    CHECK_THAT(words, ContainsSubstring(std::string{"requires "} + bad.required + " (") && ContainsSubstring("A.csv, line 3)") &&
                          ContainsSubstring(std::string{"; got "} + bad.got + "."));
}

TEST_CASE("A file without rows is rejected") {
    CHECK_THAT(words_of_reading(""), ContainsSubstring("got an empty file (") && ContainsSubstring("A.csv)"));
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

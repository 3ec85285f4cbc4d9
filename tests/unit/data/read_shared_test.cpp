// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/read_bars.hpp>

#include <fstream>
#include <random>
#include <thread>

#include <sys/resource.h>
#include <sys/stat.h>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::temporary_folder;
using espalier_test::words_of;

namespace {

std::string const header = "timestamp_ms_utc,close,note,volume\n";

/// Rows of many forms, and the bars that they are, made from the same numbers.
struct sample {
    std::string text = header;
    std::vector<bar> bars;

    explicit sample(int rows, unsigned seed) {
        std::mt19937 random{seed};
        for (int i = 0; i < rows; ++i) {
            auto const time     = static_cast<std::int64_t>(1704205800000 - 1000 * static_cast<std::int64_t>(random() % 5));
            auto const quarters = random() % 100'000, volume = random() % 10 == 0 ? random() % 4'000'000 * 100 : random() % 1000;
            char const* const parts[] = {"", ".25", ".50", ".750"};
            std::string const price   = std::to_string(quarters / 4) + parts[quarters % 4];
            std::string const blank = random() % 7 == 0 ? " " : "", end = random() % 5 == 0   ? "\r\n"
                                                                          : random() % 9 == 0 ? "\n\n"
                                                                                              : "\n";
            text += std::to_string(time) + "," + blank + price + "," + std::string(random() % 20, 'n') + "," +
                    std::to_string(volume) + blank + end;
            float const p = 0.25f * static_cast<float>(quarters);
            bars.push_back({time, p, p, p, p, p, static_cast<float>(volume)});
        }
    }
};

} // namespace

TEST_CASE("A file is the same bars for every size of its blocks and every number of threads") {
    temporary_folder const folder;
    for (int const rows : {1, 2, 17, 300}) {
        sample const made{rows, static_cast<unsigned>(rows)};
        auto const file = folder.write("A.csv", made.text);
        for (std::size_t const block_bytes : {1, 2, 10, 33, 34, 35, 64, 100, 1000, 100'000})
            for (std::size_t const threads : {1, 2, 3, 4}) {
                CAPTURE(rows, block_bytes, threads);
                REQUIRE(detail::read_files({file}, threads, block_bytes).at(0).bars == made.bars);
            }
    }
}

TEST_CASE("A folder is the same series for every number of threads") {
    temporary_folder const folder;
    std::vector<sample> made;
    for (int i = 0; i < 8; ++i) {
        made.emplace_back(100 + 400 * (i * 5 % 8), static_cast<unsigned>(i));
        folder.write(std::string(1, static_cast<char>('A' + i)) + "_1m.csv", made.back().text);
    }
    for (int const threads : {0, 1, 2, 3, 4, 20}) {
        auto const all = read_bars(folder.path(), {.threads = threads});
        REQUIRE(all.size() == made.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            CHECK(all[i].ticker == std::string(1, static_cast<char>('A' + i)));
            CHECK(all[i].source == (folder.path() / (all[i].ticker + "_1m.csv")).string());
            CHECK(all[i].bars == made[i].bars);
        }
    }
}

TEST_CASE("As many threads as are asked for read at the same time") {
    temporary_folder const folder;
    std::vector<std::filesystem::path> pipes;
    for (char const* const name : {"A.csv", "B.csv", "C.csv"}) {
        pipes.push_back(folder.path() / name);
        REQUIRE(::mkfifo(pipes.back().c_str(), 0600) == 0);
    }
    // A pipe opens for writing when somebody reads it: all three only where three threads read. Nothing is written before.
    std::thread writer{[&] {
        std::vector<std::ofstream> open;
        for (auto const& pipe : pipes) open.emplace_back(pipe);
        for (auto& pipe : open) pipe << header << "1,2,n,3\n" << std::flush;
    }};
    auto const all = detail::read_files(pipes, 3);
    writer.join();
    REQUIRE(all.size() == 3);
    for (auto const& series : all) CHECK(series.bars == std::vector<bar>{{1, 2, 2, 2, 2, 2, 3}});
}

TEST_CASE("Many files are read with few open at a time") {
    temporary_folder const folder;
    for (int i = 0; i < 100; ++i)
        folder.write(joined(i, i % 2 == 0 ? ".csv" : "_bad.csv"), header + (i % 2 == 0 ? "1,1,,1\n" : "1,bad,,1\n"));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit few        = before;
    few.rlim_cur      = 40;
    std::string words = "none were read";
    REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    words = words_of<bad_data>([&] { static_cast<void>(read_bars(folder.path(), {.threads = 2})); });
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK_THAT(words, ContainsSubstring("11_bad.csv, line 2); got 'bad'.")); // the first by name
}

TEST_CASE("Of several errors the first line of the first file is told, for every number of threads") {
    temporary_folder const folder;
    std::string rows;
    for (int line = 2; line <= 400; ++line)
        rows += line == 123 || line == 124 || line == 390 ? "1,1,,bad" + std::to_string(line) + "\n" : "1,1,,1\n";
    std::vector<std::filesystem::path> const files{
        folder.write("A.csv", header + "1,1,,1\n"), folder.write("B.csv", header + rows),
        folder.write("C.csv", header + "1,early,,1\n" + rows + rows), folder.write("D.csv", "no header of bars\n")};
    for (std::size_t const block_bytes : {1, 8, 50, 100'000})
        for (std::size_t const threads : {1, 2, 3, 4})
            CHECK_THAT(
                words_of<bad_data>([&] { static_cast<void>(detail::read_files(files, threads, block_bytes)); }),
                ContainsSubstring("a finite number in column volume (" + files[1].string() + ", line 123); got 'bad123'."));
}

TEST_CASE("A file that is cut or changed anywhere gives bars or an error of its data, never anything else") {
    temporary_folder const folder;
    sample const made{6, 7};
    int read = 0, rejected = 0;
    auto const try_text = [&](std::string const& text) {
        auto const file       = folder.write("A.csv", text);
        std::string const one = words_of<bad_data>([&] { read += !detail::read_files({file}, 1).at(0).bars.empty(); });
        rejected += !one.empty();
        std::string const two = words_of<bad_data>([&] { static_cast<void>(detail::read_files({file}, 2, 16)); });
        if (one != two) FAIL("one thread says " << one << " and two say " << two << " of " << text);
    };
    for (std::size_t n = 0; n < made.text.size(); ++n) try_text(made.text.substr(0, n));
    std::mt19937 random{8};
    for (int i = 0; i < 3000; ++i) {
        std::string text = made.text;
        for (std::size_t changes = 1 + random() % 3; changes > 0; --changes)
            text[random() % text.size()] = static_cast<char>(random() % 256);
        try_text(text);
    }
    CHECK(read > 200);
    CHECK(rejected > 200);
    CHECK(read + rejected == 3000 + static_cast<int>(made.text.size()));
}

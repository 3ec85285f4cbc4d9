// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --bytes 2000000
// Reading bars: a folder of compressed files beside the bytes that it decompresses to, and a plain file beside its bytes and
// beside std::getline and std::from_chars, in turns.
#include "checkpoint/plain_files.hpp"
#include "data/files_of_bars.hpp"
#include "support/report.hpp"

#include <csignal>
#include <iostream>

using namespace espalier;
using bench::files_of_bars;

/// An operation on some files of bars.
struct operation {
    std::string name;
    void (*run)(files_of_bars&);
};

static std::vector<operation> const operations{
    {"bytes", [](files_of_bars& f) { f.read_bytes(); }},
    {"getline, from_chars", [](files_of_bars& f) { f.read_by_line(); }},
    {"1 thread", [](files_of_bars& f) { f.read_bars(1); }},
    {"2 threads", [](files_of_bars& f) { f.read_bars(2); }},
};

/// Prints what each operation takes, and that all read the same bars.
static bool measure(bench::report& out, files_of_bars& files, long turns, bench::clock_kind clock) {
    std::vector<std::vector<double>> seconds(operations.size());
    bool right = true;
    for (long turn = 0; turn <= turns; ++turn)
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if (!files.has(operations[i].name)) continue;
            double const s = bench::seconds_of([&] { operations[i].run(files); }, clock);
            right          = right && files.are_as_made();
            if (turn > 0) seconds[i].push_back(s);
        }
    double const bytes = static_cast<double>(files.text_bytes()), one = bench::median(seconds[2]);
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (seconds[i].empty()) continue;
        std::vector<double> ratio;
        for (std::size_t turn = 0; turn < seconds[i].size(); ++turn) ratio.push_back(seconds[2][turn] / seconds[i][turn]);
        out.add({{"files", files.name()},
                 {"operation", operations[i].name},
                 {"MB", bytes * 1e-6},
                 {"bars", files.bars()},
                 {"ms", bench::median(seconds[i]) * 1e3},
                 {"MB/s", bytes / bench::median(seconds[i]) * 1e-6},
                 {"1 thread / this", one > 0 ? bench::median(ratio) : 0},
                 {"read", right ? "right" : "WRONG"}});
    }
    return right;
}

/// Prints each set of files, then answers `<set> <operation>` with its seconds, until the input ends.
static int serve(std::vector<files_of_bars>& sets) {
    for (auto const& files : sets)
        std::printf("%s %zu %s\n", files.name().c_str(), files.text_bytes(), std::filesystem::absolute(files.path()).c_str());
    std::printf("\n");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
        std::size_t const blank = std::min(line.find(' '), line.size() - 1);
        auto const files =
            std::find_if(sets.begin(), sets.end(), [&](auto const& f) { return f.name() == line.substr(0, blank); });
        auto const op =
            std::find_if(operations.begin(), operations.end(), [&](auto const& o) { return o.name == line.substr(blank + 1); });
        if (files == sets.end() || op == operations.end()) return 2;
        std::printf("%.6f\n", bench::seconds_of([&] { op->run(*files); }));
        std::fflush(stdout);
    }
    return 0;
}

int main(int argc, char** argv) try {
    bench::arguments args{
        argc, argv,
        "Reads bars by one and two threads, in turns with a reading of the bytes alone and a hand-written loop.\n"
        "All files come from the page cache, not from a disk. Two threads need two free cores.\n"
        "  --data F    a folder of files of bars; otherwise one is made of the built-in market, compressed where there is zlib\n"
        "  --bytes N   of the plain file, whose rows are the market's over and over (1000000000)\n"
        "  --scratch F where the files are made; a folder is made there, and deleted unless the run is killed (beside it)\n"
        "  --turns N   how often each is run (5)\n"
        "  --serve     prints the files, an empty line, then answers their name and an operation with its seconds\n"
        "  --json      one JSON object a line\n"};
    bool const json = args.flag("--json"), serves = args.flag("--serve");
    long const turns = args.number("--turns", 5), bytes = args.number("--bytes", 1'000'000'000);
    auto const clock       = args.clock();
    std::string const data = args.word("--data", "");
    auto const beside      = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "data_read_bars.files";
    auto const above       = args.word("--scratch", beside.string());
    args.finish();
    std::signal(SIGPIPE, SIG_IGN); // who no longer reads the figures is not to leave files behind
    bench::scratch_folder const scratch{above};
    std::vector<files_of_bars> sets;
    sets.push_back(data.empty() ? files_of_bars::made_folder(scratch.path() / "folder") : files_of_bars{"folder", data});
    sets.push_back(files_of_bars::made_file(scratch.path() / "plain.csv", static_cast<std::size_t>(bytes)));
    if (serves) return serve(sets);
    bench::report out{args.command(), json};
    bool right = true;
    for (auto& files : sets) right = measure(out, files, turns, clock) && right;
    return right ? 0 : 1;
} catch (std::exception const& e) { // caught, so that the folder is deleted
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}

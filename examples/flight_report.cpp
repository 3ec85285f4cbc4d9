// SPDX-License-Identifier: BSL-1.0
// Brings the flight files of a run's ranks together: who failed first, who is out of step, who comes last.
//
//     examples/run flight_report DIR                    what is wrong, each rank's last operation, the last 10 operations
//     examples/run flight_report DIR --last 50          the last 50
//     examples/run flight_report DIR --svg FILE         and a picture: time to the right, a row a rank, waiting in grey
//     examples/run flight_report --demo DIR             writes the files of three small runs below DIR and reports on each
//
// It returns 1 where anything is wrong, 0 where all ranks were in step, 2 for unusable options or files. docs/howto/flight-recorder.md
// says how to read it.
//
// test: --demo flight_report_test
#include "support/command_line.hpp"

#include <espalier/comm/flight_report.hpp>
#include <espalier/observe/flight_timeline.hpp>
#include <espalier/partition/plan/draw_timeline.hpp>

#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

using namespace espalier;

namespace {

struct options {
    std::filesystem::path folder, svg;
    int last = 10;
};

void write_picture(flight_report const& report, options const& o) {
    std::ofstream out{o.svg, std::ios::binary};
    out << draw(timeline_of(report, o.last));
    out.close();
    if (!out)
        throw invalid_setting{{"flight_report", "a file that can be written after --svg", o.svg.string(), "Name another one", "howto/flight-recorder.md"}};
}

int report_on(options const& o) {
    flight_report const report = compare_flights(read_flight_logs(o.folder));
    fmt::print("{}", to_text(report, o.last));
    if (!o.svg.empty()) write_picture(report, o);
    return report.is_well() ? 0 : 1;
}

/// What becomes of two operations of two ranks: in step, with other elements on rank 1, or with rank 1 missing in the second.
enum class story { in_step, disagreement, missing_rank };

void write_files(std::filesystem::path const& folder, story how) {
    flight_recorder ranks[2];
    flight_entry const sum{.sequence = 2, .operation = "all_reduce", .element = "float", .count = 12'265, .reduction = "sum", .at = call_site::here()};
    flight_entry wider = sum;
    wider.element      = "double";
    flight_record_header headers[] = {{.rank = 0, .size = 2, .communicator = "threads"}, {.rank = 1, .size = 2, .communicator = "threads"}};
    for (auto& r : ranks) r.end(r.begin({.sequence = 1, .operation = "barrier", .at = call_site::here()}));
    for (int r = 0; r < 2; ++r)
        if (r == 0 || how != story::missing_rank) ranks[r].end(ranks[r].begin(r == 1 && how == story::disagreement ? wider : sum), how != story::in_step);
    for (auto& h : headers) {
        if (how == story::disagreement) h.failure_class = "mismatched_collective", h.failure = "float on rank 0, double on rank 1";
        if (how == story::missing_rank) h.failed_rank = 0, h.failure_class = h.rank == 0 ? "deadline_passed" : "rank_failed", h.failure = "rank 1 did not come";
        if (!write_flight_file(folder, h, ranks[h.rank]))
            throw invalid_setting{{"flight_report", "a folder that can be written after --demo", folder.string(), "Name another one", "howto/flight-recorder.md"}};
    }
}

/// Returns 0 where each story is seen for what it is.
int demo(std::filesystem::path const& folder) {
    std::filesystem::remove_all(folder);
    bool is_seen = true;
    for (auto const& [how, name] : {std::pair{story::in_step, "in_step"}, std::pair{story::disagreement, "disagreement"}, std::pair{story::missing_rank, "missing_rank"}}) {
        fmt::print("== {}\n", name);
        write_files(folder / name, how);
        is_seen = (report_on({folder / name, folder / name / "picture.svg"}) == 0) == (how == story::in_step) && is_seen;
        fmt::print("\n");
        auto const report = compare_flights(read_flight_logs(folder / name));
        auto const& last  = report.meetings.back();
        is_seen = is_seen && last.is_agreed == (how != story::disagreement) && last.absent.size() == (how == story::missing_rank ? 1u : 0u);
    }
    return is_seen ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    std::string demo_folder;
    example::command_line line{"flight_report", "Says who is out of step in a run that failed, from the flight files that its ranks have left."};
    line.add("folder", o.folder, "where rank-0.json, rank-1.json, … are");
    line.add("--last", o.last, "how many of the last collective operations are shown", example::between(1, 1'000'000));
    line.add("--svg", o.svg, "write a picture of them to this file");
    line.add("--demo", demo_folder, "write files of three small runs below this folder, which is emptied before, and report on each");
    if (auto const status = line.parse(argc, argv)) return *status;
    if (o.folder.empty() && demo_folder.empty()) return line.help();
    try {
        return demo_folder.empty() ? report_on(o) : demo(demo_folder);
    } catch (std::exception const& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 2;
    }
}

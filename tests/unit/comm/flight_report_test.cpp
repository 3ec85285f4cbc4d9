// SPDX-License-Identifier: BSL-1.0
/// @file
/// What is said of runs made by hand, each with one thing wrong, and of one with nothing wrong.
#include "support/catch.hpp"

#include <espalier/comm/flight_report.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::int64_t ms = 1'000'000, start = 1'000'000'000'000'000'000;  // 2001-09-09 01:46:40

flight_operation barrier(std::uint64_t sequence, std::int64_t begins, std::int64_t ends, std::uint64_t group = 0) {
    flight_operation o;
    o.group     = group;
    o.sequence  = sequence;
    o.operation = "barrier";
    o.file      = "src/train.cpp";
    o.line      = 10;
    o.begins_ns = start + begins * ms;
    o.ends_ns   = ends < 0 ? 0 : start + ends * ms;
    o.state     = ends < 0 ? flight_state::under_way : flight_state::done;
    return o;
}
flight_operation failed(flight_operation o) {
    o.state = flight_state::failed;
    return o;
}
flight_operation all_reduce(std::uint64_t sequence, std::int64_t count, std::int64_t begins, std::int64_t ends) {
    flight_operation o = barrier(sequence, begins, ends);
    o.operation        = "all_reduce";
    o.element          = "float";
    o.reduction        = "sum";
    o.count            = count;
    o.line             = 20;
    return o;
}
flight_log rank(int r, int size, std::vector<flight_operation> operations, std::string failure_class = {}, int failed_rank = -1, std::int64_t at = 1000) {
    flight_log log;
    log.header     = {.rank = r, .size = size, .communicator = "threads", .host = "n1", .process = 100 + r, .failed_rank = failed_rank,
                      .failure_class = failure_class, .failure = failure_class.empty() ? "" : joined("the words of rank ", r)};
    log.made_ns    = start - ms;
    log.written_ns = start + at * ms;
    log.begun      = operations.size();
    for (std::size_t i = 0; i < operations.size(); ++i) operations[i].ticket = i;
    log.operations = std::move(operations);
    return log;
}
/// The meetings that are in trouble, as (group, sequence).
std::vector<std::pair<std::uint64_t, std::uint64_t>> troubles(flight_report const& report) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    for (auto const& m : report.meetings)
        if (flight_report::is_trouble(m)) out.emplace_back(m.group, m.sequence);
    return out;
}
using steps = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

TEST_CASE("ranks in step give no trouble, and who comes late is named", "[comm]") {
    auto const report = compare_flights({rank(0, 3, {barrier(1, 0, 10), barrier(2, 20, 30)}), rank(1, 3, {barrier(1, 9, 10), barrier(2, 21, 30)}),
                                         rank(2, 3, {barrier(1, 1, 10), barrier(2, 22, 30)})});
    CHECK(report.is_well());
    CHECK(troubles(report).empty());
    REQUIRE(report.meetings.size() == 2);
    CHECK(report.meetings[0].first_ns == start);
    CHECK(report.meetings[0].last_ns == start + 9 * ms);
    CHECK(report.slowest.rank == 1);  // (9 + 1) / 2 against (1 + 2) / 2
    CHECK(report.slowest.times_last == 1);
    CHECK(report.slowest.meetings == 2);
    CHECK(report.slowest.mean_late_ns == 5.0 * ms);
    auto const last_only = compare_flights(report.logs, 1).slowest;
    CHECK(last_only.rank == 2);
    CHECK(last_only.mean_late_ns == 2.0 * ms);
    auto const text = to_text(report);
    CHECK_THAT(text, ContainsSubstring("3 ranks of threads, 3 files\nno rank reports a failure\n"));
    CHECK_THAT(text, ContainsSubstring("every operation was joined by all, and is over"));
    CHECK_THAT(text, ContainsSubstring("slowest to come: rank 1, the last at 1 of the last 2 complete operations, on average 5.00 ms after the first"));
    CHECK_THAT(text, ContainsSubstring("  0      1       3 of 3  rank 1, after 9.00 ms  1.00 ms    barrier (train.cpp:10)"));
    CHECK(to_text(report, 1).find(" 9.00 ms ") == std::string::npos);
}

TEST_CASE("a rank that threw before an operation is said not to have reached it", "[comm]") {
    auto const report = compare_flights({rank(0, 3, {barrier(1, 0, 1), failed(all_reduce(2, 5, 2, 9))}, "rank_failed", 1, 9),
                                         rank(1, 3, {barrier(1, 0, 1)}, "std::runtime_error", 1, 8),
                                         rank(2, 3, {barrier(1, 0, 1), failed(all_reduce(2, 5, 3, 9))}, "rank_failed", 1, 9)});
    CHECK(troubles(report) == steps{{0, 2}});
    CHECK(report.meetings[1].absent == std::vector<int>{1});
    CHECK(report.first_failure.rank == 1);
    CHECK(report.first_failure.failure_class == "std::runtime_error");
    CHECK_FALSE(report.first_failure.is_hearsay);
    auto const text = to_text(report);
    CHECK_THAT(text, ContainsSubstring("first failure: std::runtime_error on rank 1, 2001-09-09 01:46:40.008000 UTC\n    the words of rank 1\n"));
    CHECK_THAT(text, ContainsSubstring("out of step: operation 2 of group 0, rank 1 did not come\n"
                                       "    ranks 0, 2  all_reduce of 5 float by sum  train.cpp:20  failed\n"
                                       "    rank 1      did not come; its last operation: barrier (train.cpp:10), operation 1 of group 0, done after 1.00 ms\n"));
}

TEST_CASE("of a deadline, the rank that noticed is the first to fail, and who kept it waiting is absent", "[comm]") {
    auto const report = compare_flights({rank(0, 4, {barrier(1, 0, 1), failed(barrier(2, 2, 500))}, "deadline_passed", 0, 500),
                                         rank(1, 4, {barrier(1, 0, 1)}, "rank_failed", 0, 700), rank(2, 4, {barrier(1, 0, 1)}, "rank_failed", 0, 600),
                                         rank(3, 4, {barrier(1, 0, 1), failed(barrier(2, 2, 501))}, "rank_failed", 0, 501)});
    CHECK(report.first_failure.rank == 0);
    CHECK(report.meetings[1].absent == std::vector<int>{1, 2});
    CHECK_THAT(to_text(report), ContainsSubstring("out of step: operation 2 of group 0, ranks 1, 2 did not come\n    ranks 0, 3 "));
    CHECK_THAT(to_text(report), ContainsSubstring("2 of 4  ranks 1, 2 never    not over   barrier (train.cpp:10)\n"));
}

TEST_CASE("only the first operation that a rank missed is out of step", "[comm]") {
    auto const report = compare_flights({rank(0, 2, {barrier(1, 0, 1), barrier(2, 2, 3), barrier(3, 4, -1)}), rank(1, 2, {barrier(1, 0, 1)})});
    CHECK(troubles(report) == steps{{0, 2}});
    CHECK(report.meetings[2].absent == std::vector<int>{1});
    CHECK_FALSE(report.is_well());
}

TEST_CASE("ranks that came for different things disagree, with both call sites", "[comm]") {
    auto const other  = failed(all_reduce(2, 5, 3, 4));
    std::vector<flight_log> logs{rank(0, 3, {barrier(1, 0, 1), failed(barrier(2, 2, 4))}, "mismatched_collective", -1, 5),
                                 rank(1, 3, {barrier(1, 0, 1), other}, "mismatched_collective", -1, 4),
                                 rank(2, 3, {barrier(1, 0, 1), failed(barrier(2, 2, 4))}, "mismatched_collective", -1, 6)};
    for (flight_log& log : logs) log.header.failure = "alike";
    auto const report = compare_flights(logs);
    CHECK(troubles(report) == steps{{0, 2}});
    CHECK_FALSE(report.meetings[1].is_agreed);
    CHECK(report.first_failure.rank == 1);
    CHECK_THAT(to_text(report), ContainsSubstring("mismatched_collective seen by rank 1, 2001-09-09 01:46:40.004000 UTC, and alike by ranks 0, 2\n    alike\n"));
    CHECK_THAT(to_text(report), ContainsSubstring("disagreement: operation 2 of group 0\n"
                                                  "    ranks 0, 2  barrier                       train.cpp:10  failed\n"
                                                  "    rank 1      all_reduce of 5 float by sum  train.cpp:20  failed\n"));
}

TEST_CASE("each thing that ranks agree on can be what they disagree in", "[comm]") {
    flight_operation const mine = failed(all_reduce(1, 5, 2, 4));
    auto const agrees = [&](auto change, std::string const& failure_class) {
        flight_operation theirs = mine;
        change(theirs);
        auto const report = compare_flights({rank(0, 2, {mine}, failure_class), rank(1, 2, {theirs}, failure_class)});
        return report.meetings.at(0).is_agreed;
    };
    for (std::string const of : {"mismatched_collective", "deadline_passed"}) {
        CHECK(agrees([](flight_operation& o) { o.file = "b.cpp", o.line = 5, o.function = "g", o.is_posted = true; }, of));
        CHECK_FALSE(agrees([](flight_operation& o) { o.operation = "reduce"; }, of));
        CHECK_FALSE(agrees([](flight_operation& o) { o.element = "double"; }, of));
        CHECK_FALSE(agrees([](flight_operation& o) { o.reduction = "maximum"; }, of));
        CHECK_FALSE(agrees([](flight_operation& o) { o.parameter_name = "root"; }, of));
        CHECK_FALSE(agrees([](flight_operation& o) { o.parameter = 1; }, of));
        // Ranks may bring different counts to a gather: a mistake only where the communicator says that there is one.
        CHECK(agrees([](flight_operation& o) { o.count = 6; }, of) == (of == "deadline_passed"));
    }
    flight_operation gathered = all_reduce(1, 6, 2, 4);
    CHECK(compare_flights({rank(0, 2, {all_reduce(1, 5, 2, 4)}, "mismatched_collective"), rank(1, 2, {gathered})}).meetings[0].is_agreed);
}

TEST_CASE("a killed rank leaves no file, and the others' words are hearsay", "[comm]") {
    auto const report = compare_flights({rank(0, 4, {barrier(1, 0, 1), failed(barrier(2, 2, 4))}, "rank_failed", 2, 5),
                                         rank(1, 4, {barrier(1, 0, 1), barrier(2, 2, -1)}, "rank_failed", 2, 4)});
    CHECK(report.without_file == std::vector<int>{2, 3});
    CHECK(report.first_failure.rank == 2);
    CHECK(report.first_failure.is_hearsay);
    CHECK(troubles(report) == steps{{0, 2}});
    auto const text = to_text(report);
    CHECK_THAT(text, ContainsSubstring("4 ranks of threads, 2 files\nranks 2, 3 have left no file: their processes were killed, or they run on another node\n"));
    CHECK_THAT(text, ContainsSubstring("first failure: rank_failed of rank 2, 2001-09-09 01:46:40.004000 UTC, as the other ranks heard\n    the words of rank 1\n"));
    CHECK_THAT(text, ContainsSubstring("not through: operation 2 of group 0\n    rank 0  barrier  train.cpp:10  failed\n    rank 1  barrier  train.cpp:10  under way\n"));
    CHECK_THAT(to_text(compare_flights({rank(1, 2, {})})), ContainsSubstring("rank 0 has left no file: its process was killed, or it runs on another node\n"));
}

TEST_CASE("a rank belongs to the world from the start, and to a part once it has joined something there", "[comm]") {
    auto const report = compare_flights({rank(0, 3, {barrier(1, 0, 1), barrier(1, 2, 3, 6), barrier(2, 4, -1, 6), barrier(1, 5, -1, 1)}),
                                         rank(1, 3, {barrier(1, 0, 1), barrier(1, 2, 3, 6)}), rank(2, 3, {})});
    CHECK(report.meetings[0].absent == std::vector<int>{2});
    CHECK(report.meetings[1].absent.empty());
    CHECK(report.meetings[2].absent == std::vector<int>{1});
    CHECK(report.meetings[3].absent == std::vector<int>{1, 2});  // what the world posts
    CHECK(troubles(report) == steps{{0, 1}, {6, 2}, {1, 1}});
    CHECK_THAT(to_text(report), ContainsSubstring("rank 2      did not come; its last operation: none\n"));
    CHECK(compare_flights({rank(0, 2, {barrier(1, 2, 3, 8)}), rank(1, 2, {barrier(1, 2, 3, 7)})}).meetings[0].absent.empty());
    CHECK(compare_flights({rank(0, 2, {barrier(1, 2, 3, 7)}), rank(1, 2, {barrier(1, 3, 4, 6)})}).meetings[0].absent == std::vector<int>{1});
}

TEST_CASE("where every rank's file tells of the same rank's failure, it is that rank's", "[comm]") {
    auto const report = compare_flights({rank(0, 2, {barrier(1, 0, 1)}, "exception", 1, 9), rank(1, 2, {barrier(1, 0, 1)}, "exception", 1, 10)});
    CHECK(report.first_failure.rank == 1);
    CHECK_FALSE(report.first_failure.is_hearsay);
    auto const text = to_text(report);
    CHECK_THAT(text, ContainsSubstring("first failure: exception on rank 1, 2001-09-09 01:46:40.009000 UTC\n"));
    CHECK_THAT(text, ContainsSubstring("    0     n1    100      1           that of rank 1  barrier"));
    CHECK_THAT(text, ContainsSubstring("    1     n1    101      1           exception       barrier"));
}

TEST_CASE("what a ring has forgotten is not missed", "[comm]") {
    flight_log old    = rank(0, 2, {barrier(1, 0, 1), barrier(2, 2, 3), barrier(3, 4, 5)});
    flight_log recent = rank(1, 2, {barrier(3, 4, 5)});
    recent.begun      = 3;
    recent.operations[0].ticket = 2;
    CHECK(compare_flights({old, recent}).is_well());
    recent.operations[0].group = 8;  // all that it remembers is of another group
    CHECK(troubles(compare_flights({old, recent})).empty());
}

TEST_CASE("sends and receives are not aligned, and listed where they are not over", "[comm]") {
    flight_operation send = all_reduce(1, 5, 2, 4), receive = all_reduce(1, 5, 2, -1);
    send.operation = "post_send", send.parameter_name = "to", send.parameter = 1, send.reduction = "";
    receive.operation = "post_recv", receive.parameter_name = "from", receive.parameter = 0, receive.reduction = "";
    auto const report = compare_flights({rank(0, 2, {barrier(1, 0, 1), send}), rank(1, 2, {barrier(1, 0, 1), receive})});
    CHECK(report.meetings.size() == 1);
    REQUIRE(report.open_messages.size() == 1);
    CHECK_FALSE(report.is_well());
    CHECK_THAT(to_text(report), ContainsSubstring("sends and receives that are not over:\n    rank 1  post_recv of 5 float, from 0  train.cpp:20  under way\n"));
}

TEST_CASE("the report holds no control characters but ends of lines", "[comm]") {
    auto log               = rank(0, 1, {barrier(1, 0, 1)}, "error", 0);
    log.header.host        = "\x1b[31mred";
    log.header.failure     = "a\r\tb\x7f";
    log.operations[0].file = "x\x1b]0;title\x07.cpp";
    for (char const c : to_text(compare_flights({log}))) CHECK(((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n'));
}

TEST_CASE("ranks and durations in words", "[comm]") {
    using namespace detail;
    CHECK(ranks_in_words({3}) == "rank 3");
    CHECK(ranks_in_words({0, 1}) == "ranks 0, 1");
    CHECK(ranks_in_words({0, 1, 2, 5, 7, 8, 9, 10}) == "ranks 0-2, 5, 7-10");
    CHECK(duration_in_words(std::int64_t{0}) == "0 ns");
    CHECK(duration_in_words(std::int64_t{999}) == "999 ns");
    CHECK(duration_in_words(std::int64_t{1000}) == "1.00 us");
    CHECK(duration_in_words(std::int64_t{12'345}) == "12.3 us");
    CHECK(duration_in_words(std::int64_t{999'600}) == "1.00 ms");
    CHECK(duration_in_words(std::int64_t{-412'000'000}) == "-412 ms");
    CHECK(duration_in_words(std::int64_t{61'200'000'000}) == "61.2 s");
    CHECK(duration_in_words(std::int64_t{5'000'000'000'000}) == "5000 s");
    CHECK(moment_in_words(951'826'154'123'456'789) == "2000-02-29 12:09:14.123456 UTC");  // date -u -d @951826154
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The picture of a run that failed: what is a box, what is waiting, which row it is in.
#include "support/catch.hpp"

#include "unit/observe/report/markup.hpp"

#include <espalier/observe/flight_timeline.hpp>
#include <espalier/partition/plan/draw_timeline.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace espalier;
using espalier_test::count_in;
using espalier_test::fault_in;

namespace {

constexpr std::int64_t start = 1'000'000'000'000'000'000;

flight_operation operation(std::string name, std::uint64_t sequence, std::int64_t begins, std::int64_t ends, flight_state state = flight_state::done) {
    flight_operation o;
    o.sequence  = sequence;
    o.operation = std::move(name);
    o.begins_ns = start + begins;
    o.ends_ns   = state == flight_state::under_way ? 0 : start + ends;
    o.state     = state;
    return o;
}
flight_operation posted(flight_operation o) {
    o.is_posted = true;
    return o;
}
flight_log rank(int r, int size, std::vector<flight_operation> operations) {
    flight_log log;
    log.header = {.rank = r, .size = size, .communicator = "threads"};
    log.begun  = operations.size();
    for (std::size_t i = 0; i < operations.size(); ++i) operations[i].ticket = i;
    log.operations = std::move(operations);
    return log;
}
/// "0-50 barrier", in order.
std::vector<std::string> boxes(timeline const& t, std::size_t row) {
    std::vector<std::string> out;
    for (timeline_box const& b : t.rows.at(row).boxes)
        out.push_back(joined(b.begins, "-", b.ends, " ", t.kinds.at(static_cast<std::size_t>(b.kind))));
    return out;
}
using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a rank's time in an operation is waiting until the last rank has come") {
    auto const t = timeline_of(compare_flights({rank(0, 2, {operation("barrier", 1, 100, 160), operation("reduce", 2, 170, 200)}),
                                                rank(1, 2, {operation("barrier", 1, 150, 161), operation("reduce", 2, 165, 190)})}));
    REQUIRE(t.rows.size() == 2);
    CHECK(t.rows[0].name == "rank 0");
    CHECK(boxes(t, 0) == texts{"0-50 waits for ranks that come later", "50-60 barrier", "70-100 reduce"});
    CHECK(boxes(t, 1) == texts{"50-61 barrier", "65-70 waits for ranks that come later", "70-90 reduce"});
    REQUIRE(t.meetings.size() == 2);
    CHECK(t.meetings[0].at == 50);
    CHECK(t.meetings[1].at == 70);
    CHECK(t.meetings[1].rows == std::vector<int>{0, 1});
    CHECK(t.units == 1);
    CHECK(t.time_name == "ns");
    CHECK(fault_in(draw(t)) == "");
    CHECK(count_in(draw(t), ": barrier") == 3);
}

TEST_CASE("what was not joined by all, failed or goes on is shown as such, to the end of the picture") {
    auto const t = timeline_of(compare_flights({rank(0, 2, {operation("barrier", 1, 0, 100'000), operation("reduce", 2, 300'000, 0, flight_state::under_way)}),
                                                rank(1, 2, {operation("barrier", 1, 0, 1'000'000, flight_state::failed)})}));
    CHECK(boxes(t, 0) == texts{"0-100000 barrier", "300000-1050000 did not end well"});
    CHECK(boxes(t, 1) == texts{"0-1000000 did not end well"});
    CHECK(t.meetings.size() == 1);
    CHECK(t.units == 1000);
    CHECK(t.time_name == "us");
    CHECK(fault_in(draw(t)) == "");
}

TEST_CASE("posted operations lie below their rank, beside each other where they overlap") {
    std::vector<flight_operation> all{operation("barrier", 1, 0, 100)};
    for (std::int64_t i = 0; i < 6; ++i) all.push_back(posted(operation("post_send", 0, 10 + i, 90 + i)));
    for (auto& o : all)
        if (o.is_posted) o.parameter_name = "to";
    all.push_back(posted(operation("broadcast", 2, 92, 110)));
    auto const t = timeline_of(compare_flights({rank(0, 1, all)}));
    REQUIRE(t.rows.size() == 4);
    CHECK(t.rows[1].note == "posted");
    CHECK(boxes(t, 0) == texts{"0-100 barrier"});
    CHECK(boxes(t, 1) == texts{"10-90 post_send", "92-110 broadcast"});
    CHECK(boxes(t, 2) == texts{"11-91 post_send"});
    CHECK(boxes(t, 3).size() == 4);  // no room for more rows
    CHECK(fault_in(draw(t)) == "");
}

TEST_CASE("the last operations are shown, with the messages since then") {
    auto send           = operation("post_send", 0, 350, 360);
    send.parameter_name = "to";
    auto early          = send;
    early.begins_ns     = start + 50;
    auto const report = compare_flights({rank(0, 1, {operation("barrier", 1, 0, 10), early, operation("barrier", 2, 200, 210), operation("barrier", 3, 300, 310), send})});
    CHECK(boxes(timeline_of(report, 2), 0) == texts{"0-10 barrier", "100-110 barrier", "150-160 post_send"});
    CHECK(boxes(timeline_of(report, 1), 0) == texts{"0-10 barrier", "50-60 post_send"});
    CHECK(boxes(timeline_of(report), 0).size() == 5);
}

TEST_CASE("nothing, and more kinds than there are colours, are drawn as well") {
    auto const nothing = timeline_of(compare_flights({rank(0, 1, {})}));
    CHECK(nothing.rows.size() == 1);
    CHECK(fault_in(draw(nothing)) == "");
    std::vector<flight_operation> many;
    for (std::uint64_t i = 0; i < 20; ++i) many.push_back(operation(joined("<", i, ">"), i, static_cast<std::int64_t>(i) * 10, static_cast<std::int64_t>(i) * 10 + 5));
    auto const t = timeline_of(compare_flights({rank(0, 1, many)}));
    CHECK(boxes(t, 0)[8] == "80-85 <8>");
    CHECK(boxes(t, 0)[9] == "90-95 other operations");
    CHECK(boxes(t, 0)[19] == "190-195 other operations");
    CHECK(fault_in(draw(t)) == "");
}

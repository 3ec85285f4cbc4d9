// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the ring keeps, what it forgets, and what a reader sees while others write.
#include "support/catch.hpp"

#include <espalier/comm/flight_recorder.hpp>

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace espalier;

namespace {

/// An entry whose fields all tell the same number, so that a mixture of two is seen.
flight_entry numbered(std::uint64_t n) {
    static char const* const operations[] = {"zero", "one", "two", "three", "four"};
    return {.group     = n,
            .sequence  = n,
            .operation = operations[n % 5],
            .element   = std::string_view{"abcdefg"}.substr(0, n % 7),
            .count     = static_cast<std::int64_t>(n),
            .reduction = std::string_view{"tuvwxyz"}.substr(n % 3, n % 4),
            .parameter = static_cast<std::int64_t>(n),
            .at        = {.file = "f.cpp", .function = "f", .line = static_cast<int>(n % 1000)},
            .is_posted = n % 2 == 1};
}
bool is_whole(flight_record const& r) {
    flight_entry const& e = r.entry;
    flight_entry const n  = numbered(e.group);
    return e.sequence == n.sequence && std::string_view{e.operation} == n.operation && e.element == n.element && e.count == n.count &&
           e.reduction == n.reduction && e.parameter == n.parameter && e.at.line == n.at.line && e.is_posted == n.is_posted;
}

}  // namespace

TEST_CASE("a record says all that was known when the operation began", "[comm]") {
    flight_recorder recorder;
    CHECK(recorder.records().empty());
    auto const t = recorder.begin({.group          = 0xffffffffffffffff,
                                   .sequence       = 7,
                                   .operation      = "all_reduce",
                                   .element        = "float",
                                   .count          = 12'265,
                                   .reduction      = "sum",
                                   .parameter_name = "lanes",
                                   .parameter      = -1,
                                   .at             = {.file = "train.cpp", .function = "step", .line = 40},
                                   .is_posted      = true});
    auto const before = recorder.records();
    REQUIRE(before.size() == 1);
    CHECK(before[0].state == flight_state::under_way);
    CHECK(before[0].ends_ns == 0);
    recorder.end(t);
    auto const r = recorder.records().at(0);
    CHECK(r.ticket == 0);
    CHECK(r.entry.group == 0xffffffffffffffff);
    CHECK(r.entry.sequence == 7);
    CHECK(std::string{r.entry.operation} == "all_reduce");
    CHECK(r.entry.element == "float");
    CHECK(r.entry.count == 12'265);
    CHECK(r.entry.reduction == "sum");
    CHECK(std::string{r.entry.parameter_name} == "lanes");
    CHECK(r.entry.parameter == -1);
    CHECK(std::string{r.entry.at.file} == "train.cpp");
    CHECK(std::string{r.entry.at.function} == "step");
    CHECK(r.entry.at.line == 40);
    CHECK(r.entry.is_posted);
    CHECK(r.state == flight_state::done);
}

TEST_CASE("texts that are null pointers are empty in the record", "[comm]") {
    flight_recorder recorder;
    recorder.begin({.operation = nullptr, .parameter_name = nullptr, .at = {.file = nullptr, .function = nullptr}});
    flight_entry const e = recorder.records().at(0).entry;
    CHECK(std::string{e.operation}.empty());
    CHECK(std::string{e.parameter_name}.empty());
    CHECK(std::string{e.at.file}.empty());
    CHECK(std::string{e.at.function}.empty());
    CHECK(e.element.empty());
}

TEST_CASE("an operation ends once, as done or as failed", "[comm]") {
    flight_recorder recorder;
    auto const a = recorder.begin({}), b = recorder.begin({});
    recorder.end(b, true);
    recorder.end(b);
    recorder.end(a);
    recorder.end(a, true);
    recorder.end(2);  // was never begun
    auto const both = recorder.records();
    REQUIRE(both.size() == 2);
    CHECK(both[0].state == flight_state::done);
    CHECK(both[1].state == flight_state::failed);
    CHECK(both[1].ends_ns <= both[0].ends_ns);
}

TEST_CASE("the ring keeps the last 4,096 operations, the oldest first", "[comm]") {
    for (std::uint64_t const n : {1u, 4095u, 4096u, 4097u, 10'000u}) {
        flight_recorder recorder;
        for (std::uint64_t i = 0; i < n; ++i) recorder.end(recorder.begin(numbered(i)));
        auto const kept = recorder.records();
        std::uint64_t const first = n < 4096 ? 0 : n - 4096;
        CHECK(recorder.begun() == n);
        REQUIRE(kept.size() == n - first);
        for (std::uint64_t i = 0; i < kept.size(); ++i) {
            bool const is_right = kept[i].ticket == first + i && kept[i].entry.group == first + i && is_whole(kept[i]);
            if (!is_right) FAIL("record " << i << " of " << n);
        }
    }
}

TEST_CASE("an operation that the ring has forgotten may still end, and changes no later one", "[comm]") {
    flight_recorder recorder;
    auto const old = recorder.begin(numbered(1));
    for (std::uint64_t i = 0; i < 4096; ++i) recorder.begin(numbered(2));
    recorder.end(old);
    auto const kept = recorder.records();
    REQUIRE(kept.size() == 4096);
    for (auto const& r : kept)
        if (r.entry.group != 2 || r.state != flight_state::under_way) FAIL("record " << r.ticket);
}

TEST_CASE("times are those of the steady clock, and the offset leads to those of the system", "[comm]") {
    auto const steady = [] {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
    auto const system = [] {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    };
    constexpr std::int64_t slack = 1'000'000;  // a look at all clocks takes less, unless the best of five is interrupted for two of these
    flight_recorder recorder;
    std::int64_t const begin = steady(), begin_system = system();
    auto const t = recorder.begin({});
    std::int64_t const begun = steady();
    std::int64_t ending      = begun;
    while (ending < begun + 20 * slack) ending = steady();  // or longer: each time is held against looks before and after it, not against a length
    recorder.end(t);
    std::int64_t const end = steady(), end_system = system();
    auto const r = recorder.records().at(0);
    CHECK(r.begins_ns >= begin - slack);
    CHECK(r.begins_ns <= begun + slack);
    CHECK(r.ends_ns >= ending - slack);
    CHECK(r.ends_ns <= end + slack);
    CHECK(r.begins_ns + recorder.system_offset_ns() >= begin_system - slack);
    CHECK(r.ends_ns + recorder.system_offset_ns() <= end_system + slack);
    CHECK(recorder.made_ns() <= begin + slack);
}

TEST_CASE("two threads record while a third reads, and no record is a mixture", "[comm]") {
    flight_recorder recorder;
    std::atomic<int> at_work{2};
    auto const write = [&](std::uint64_t first) {
        for (std::uint64_t i = first; i < first + 20'000; ++i) {
            auto const t = recorder.begin(numbered(i));
            if (i % 3 != 0) recorder.end(t, i % 5 == 0);
        }
        --at_work;
    };
    std::thread own{write, 0}, progress{write, 1'000'000};
    std::uint64_t mixed = 0, reads = 0, out_of_order = 0;
    while (at_work > 0 || reads == 0) {
        std::uint64_t before = 0;
        for (auto const& r : recorder.records()) {
            if (!is_whole(r)) ++mixed;
            if (r.ticket < before) ++out_of_order;
            before = r.ticket + 1;
        }
        ++reads;
    }
    own.join();
    progress.join();
    CHECK(mixed == 0);
    CHECK(out_of_order == 0);
    CHECK(recorder.begun() == 40'000);
    auto const kept = recorder.records();
    CHECK(kept.size() > 4096 - 16);  // where a thread slept through a whole turn of the ring, one is lost
    std::set<std::uint64_t> seen;
    for (auto const& r : kept) {
        bool const is_right = is_whole(r) && seen.insert(r.entry.group).second &&
                              (r.state == flight_state::under_way) == (r.entry.group % 3 == 0);
        if (!is_right) FAIL("record " << r.ticket);
    }
}

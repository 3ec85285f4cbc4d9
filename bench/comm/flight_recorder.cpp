// SPDX-License-Identifier: BSL-1.0
// test: --turns 2
// What the flight recorder costs an operation, beside two looks at the steady clock, in turns: alone, and while another thread
// records too.
#include "support/report.hpp"

#include <espalier/comm/flight_recorder.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace espalier;

/// Nanoseconds a call.
template <class F>
static double cost(long repeats, F&& f) {
    return bench::seconds_of([&] {
               for (long i = 0; i < repeats; ++i) f(i);
           }) /
           static_cast<double>(repeats) * 1e9;
}

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "The flight recorder's begin and end of one operation, beside two looks at std::chrono::steady_clock.\n"
                          "  --turns N   how often each is run (31)\n"
                          "  --json      one JSON object a line\n"};
    bool const json  = args.flag("--json");
    long const turns = args.number("--turns", 31);
    args.finish();
    bench::report out{args.command(), json};
    long const repeats = turns < 5 ? 5000 : 200'000;

    flight_recorder recorder;
    flight_entry entry{.operation      = "all_reduce",
                       .element        = "float",
                       .count          = 12'265,
                       .reduction      = "sum",
                       .parameter_name = "lanes",
                       .parameter      = 8,
                       .at             = call_site::here()};
    long long total   = 0;
    auto const record = [&](long i) {
        entry.sequence = static_cast<std::uint64_t>(i);
        recorder.end(recorder.begin(entry));
    };
    auto const look = [&](long) {
        for (int twice = 0; twice < 2; ++twice) total += std::chrono::steady_clock::now().time_since_epoch().count();
    };
    auto const measure = [&](char const* how) {
        auto const times = bench::in_turns(
            turns, [&] { return cost(repeats, record); }, [&] { return cost(repeats, look); });
        out.add({{"recording", how},
                 {"begin and end ns", times.first},
                 {"two looks at the clock ns", times.second},
                 {"clock / recorder", times.ratio}});
    };
    measure("alone");
    std::atomic<bool> is_over{false};
    std::thread progress{[&] {
        flight_entry const posted{.operation = "all_reduce", .is_posted = true};
        while (!is_over) recorder.end(recorder.begin(posted));
    }};
    measure("beside another thread");
    is_over = true;
    progress.join();

    auto const kept = recorder.records();
    return total != 0 && kept.size() > flight_recorder::capacity - 16 && recorder.begun() > flight_recorder::capacity ? 0 : 1;
}

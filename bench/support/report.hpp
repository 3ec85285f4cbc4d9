// SPDX-License-Identifier: BSL-1.0
/// @file
/// What every benchmark shares: its options, the clock, runs in turns, medians, and rows of figures as a table or as JSON lines.
/// It measures nothing by itself.
#pragma once

#include <espalier/math/backend.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bench {

/// The processor's name and how many cores this process sees.
[[nodiscard]] inline std::string machine() {
    std::ifstream info{"/proc/cpuinfo"};
    std::string name = "unknown processor";
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) {
            name = line.substr(line.find(':') + 2);
            break;
        }
    return name + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
}

/// Which seconds count: those of the wall, or those that the process spent on processors, which on a machine with
/// other work are the fairer ones for a single thread.
enum class clock_kind { wall, processor };

[[nodiscard]] inline double now(clock_kind clock = clock_kind::wall) {
    timespec t;
    clock_gettime(clock == clock_kind::wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

template <class F>
[[nodiscard]] double seconds_of(F&& f, clock_kind clock = clock_kind::wall) {
    double const start = now(clock);
    f();
    return now(clock) - start;
}

/// The options of a benchmark: flags and `--name number` or `--name word`; `--help` and what is unknown end the program.
class arguments {
public:
    /// @param usage what --help prints: a sentence, then one line an option
    arguments(int argc, char** argv, std::string usage) : words_(argv + 1, argv + argc), usage_{std::move(usage)}, command_{argv[0]} {
        for (auto const& w : words_) command_ += " " + w;
        if (flag("--help")) {
            std::printf("%s", usage_.c_str());
            std::exit(0);
        }
    }

    [[nodiscard]] bool flag(std::string_view name) {
        auto const at = std::find(words_.begin(), words_.end(), name);
        if (at == words_.end()) return false;
        words_.erase(at);
        return true;
    }
    [[nodiscard]] std::string word(std::string_view name, std::string otherwise) {
        auto const at = std::find(words_.begin(), words_.end(), name);
        if (at == words_.end() || at + 1 == words_.end()) return otherwise;
        std::string const value = *(at + 1);
        words_.erase(at, at + 2);
        return value;
    }
    [[nodiscard]] long number(std::string_view name, long otherwise) {
        std::string const value = word(name, std::to_string(otherwise));
        char* end               = nullptr;
        long const n            = std::strtol(value.c_str(), &end, 10);
        if (value.empty() || *end != '\0') refuse(std::string{name} + " " + value);
        return n;
    }
    /// `--clock processor` or `--clock wall`, the default.
    [[nodiscard]] clock_kind clock() {
        std::string const name = word("--clock", "wall");
        if (name != "wall" && name != "processor") refuse("--clock " + name);
        return name == "wall" ? clock_kind::wall : clock_kind::processor;
    }
    /// To be called when all options are read.
    void finish() const {
        if (!words_.empty()) refuse(words_.front());
    }
    [[nodiscard]] std::string const& command() const noexcept { return command_; }

private:
    [[noreturn]] void refuse(std::string const& what) const {
        std::fprintf(stderr, "does not understand %s\n%s", what.c_str(), usage_.c_str());
        std::exit(2);
    }

    std::vector<std::string> words_;
    std::string usage_;
    std::string command_;
};

/// Rows of figures: a table with a heading, or one JSON object a line.
class report {
public:
    using row = nlohmann::ordered_json;

    report(std::string const& command, bool as_json) : command_{command}, as_json_{as_json} {
        if (as_json_) return;
        std::printf("machine     %s\narithmetic  %s\ncommand     %s\n", machine().c_str(), espalier::math::backend_name().c_str(), command.c_str());
    }

    /// Prints a row; its keys are the columns, a heading is printed where they change.
    void add(row r) {
        if (as_json_) {
            r["machine"]    = machine();
            r["arithmetic"] = espalier::math::backend_name();
            r["command"]    = command_;
            std::printf("%s\n", r.dump().c_str());
        } else {
            std::string heading, line;
            for (auto const& [key, value] : r.items()) {
                std::size_t const width = std::max<std::size_t>(key.size(), value.is_string() ? 22 : 9) + 2;
                append(heading, key, width);
                append(line, value.is_string() ? value.get<std::string>() : value.is_number_float() ? rounded(value.get<double>()) : value.dump(), width);
            }
            if (heading != heading_) std::printf("\n%s\n", heading.c_str());
            heading_ = heading;
            std::printf("%s\n", line.c_str());
        }
        std::fflush(stdout);
    }

private:
    static void append(std::string& line, std::string const& word, std::size_t width) {
        line += word + std::string(width > word.size() ? width - word.size() : 1, ' ');
    }
    [[nodiscard]] static std::string rounded(double x) {
        char out[32];
        std::snprintf(out, sizeof out, "%.4g", x);
        return out;
    }

    std::string command_, heading_;
    bool as_json_;
};

[[nodiscard]] inline double median(std::span<double const> of) {
    std::vector<double> sorted(of.begin(), of.end());
    std::sort(sorted.begin(), sorted.end());
    std::size_t const n = sorted.size();
    return n == 0 ? 0 : n % 2 == 1 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

/// The medians of two things that are run in turns, and the median of their ratio, turn by turn: what slows the machine
/// for a while slows both.
struct pair_of_times {
    double first = 0, second = 0;  ///< seconds
    double ratio = 0;              ///< second / first
};

/// Runs a, b, a, b, …; each returns seconds, or is timed as a whole where it returns nothing. The first turn is not counted.
template <class A, class B>
[[nodiscard]] pair_of_times in_turns(long turns, A&& a, B&& b, clock_kind clock = clock_kind::wall) {
    auto const timed = [clock](auto&& f) {
        if constexpr (std::is_void_v<decltype(f())>)
            return seconds_of(f, clock);
        else
            return static_cast<double>(f());
    };
    std::vector<double> first, second, ratio;
    for (long i = 0; i <= turns; ++i) {
        double const x = timed(a), y = timed(b);
        if (i == 0) continue;
        first.push_back(x), second.push_back(y), ratio.push_back(y / x);
    }
    return {median(first), median(second), median(ratio)};
}

/// Keeps the compiler from dropping what computes `value`.
template <class T>
void keep(T const& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace bench

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Small random programs of three threads on two words, and a record of what came of each of their orders.
/// Which orders are of a kind is said here anew, from what the operations are, so that the search can be held against it.
#pragma once

#include "support/interleavings_atomics.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace espalier_test {

/// An operation of a program. `add`: nobody sees what was there; `exchange`: of 0 for 1; `sleep`: while the word is 0.
enum class deed { load, store, add, add_and_see, exchange, wake, sleep };

struct program {
    struct line {
        deed what;
        std::size_t word;
    };
    std::array<std::array<line, 3>, 3> of;  ///< of each thread

    [[nodiscard]] std::string to_string() const {
        static constexpr char const* names[] = {"load", "store", "add", "add_and_see", "exchange", "wake", "sleep"};
        std::string text;
        for (auto const& thread : of) {
            for (line const& l : thread) text += std::string{names[static_cast<int>(l.what)]} + " " + (l.word == 0 ? "x" : "y") + "; ";
            text += "\n";
        }
        return text;
    }
};

[[nodiscard]] inline program random_program(std::mt19937& random, std::vector<deed> const& deeds) {
    program p;
    for (auto& thread : p.of)
        for (auto& line : thread) {
            line.what = deeds[random() % deeds.size()];
            line.word = random() % 2;
        }
    return p;
}

/// What came of the orders that were played.
struct played {
    std::set<std::string> outcomes;  ///< what each operation saw, and what was left
    std::set<std::string> kinds;     ///< which of each two operations whose order matters came first
};

/// Plays a program, and adds to a record.
class play_program {
public:
    static constexpr int threads = 3;
    static std::vector<std::string_view> words() { return {"x", "y"}; }

    play_program(program const* p, played* record) : program_{p}, record_{record} {}

    void play(int me) {
        auto const t = static_cast<std::size_t>(me);
        for (std::size_t i = 0; i < 3; ++i) {
            auto const line = program_->of[t][i];
            bool writes     = true;
            saw_[t][i]      = run(line.what, word_[line.word], static_cast<std::uint32_t>(10 * me + 1), writes);
            done_[count_++] = {t, i, writes};
        }
    }
    void at_end() {
        std::string outcome;
        for (auto const& thread : saw_)
            for (auto const saw : thread) outcome += std::to_string(saw) + " ";
        for (auto const& word : word_) outcome += std::to_string(word.load()) + " ";
        record_->outcomes.insert(outcome);
        record_->kinds.insert(kind());
    }

private:
    struct event {
        std::size_t thread;
        std::size_t line;
        bool writes;
    };

    /// @return what it saw
    static std::uint32_t run(deed what, model_atomic<std::uint32_t>& word, std::uint32_t value, bool& writes) {
        std::uint32_t zero = 0;
        switch (what) {
        case deed::load: writes = false; return word.load();
        case deed::store: word.store(value); return 0;
        case deed::add: word.fetch_add(100); return 0;
        case deed::add_and_see: return word.fetch_add(100);
        case deed::exchange: writes = word.compare_exchange_strong(zero, 1); return zero;
        case deed::wake: word.wake_all(); return 0;
        case deed::sleep: word.sleep_while(0); return 0;
        }
        return 0;
    }
    /// For each two operations on one word that do not commute, in the order of the program: 1 if the first came first.
    [[nodiscard]] std::string kind() const {
        std::array<std::array<std::size_t, 3>, 3> at{};
        std::array<std::array<bool, 3>, 3> writes{};
        for (std::size_t k = 0; k < count_; ++k) {
            at[done_[k].thread][done_[k].line]     = k;
            writes[done_[k].thread][done_[k].line] = done_[k].writes;
        }
        std::string text;
        for (std::size_t a = 0; a < 9; ++a)
            for (std::size_t b = 0; b < 9; ++b) {
                auto const& la = program_->of[a / 3][a % 3];
                auto const& lb = program_->of[b / 3][b % 3];
                bool commute   = !writes[a / 3][a % 3] && !writes[b / 3][b % 3];
                commute        = commute || (la.what == deed::add && lb.what == deed::add);
                if (a / 3 >= b / 3 || la.word != lb.word) continue;
                text += commute ? '-' : at[a / 3][a % 3] < at[b / 3][b % 3] ? '1' : '0';
            }
        return text;
    }

    program const* program_;
    played* record_;
    model_atomic<std::uint32_t> word_[2] = {0, 0};
    std::array<std::array<std::uint32_t, 3>, 3> saw_{};
    std::array<event, 9> done_{};  // in the order in which they were done
    std::size_t count_ = 0;
};

}  // namespace espalier_test

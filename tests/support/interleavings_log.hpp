// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the steps of a run were, for people: who did what to which word.
/// Which of them touch each other is said in interleavings_search.hpp.
#pragma once

#include "support/interleavings_search.hpp"

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace espalier_test {

/// A step with its name, and its word's value before and after.
struct log_line {
    step done;
    char const* operation;
    std::uint64_t before;
    std::uint64_t after;
};

/// A line for each: `  thread 1  word.exchange 1 -> 8192`.
/// @param names   of the words, in the order in which they were made
[[nodiscard]] inline std::string to_text(std::vector<log_line> const& log, std::vector<std::string_view> const& names) {
    std::ostringstream text;
    for (log_line const& l : log) {
        auto const word = static_cast<std::size_t>(l.done.word);
        text << "  thread " << l.done.thread << "  ";
        if (word < names.size()) text << names[word];
        else text << "word " << word;
        text << "." << l.operation << " " << l.before;
        if (l.after != l.before) text << " -> " << l.after;
        text << "\n";
    }
    return text.str();
}

}  // namespace espalier_test

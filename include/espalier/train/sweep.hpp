// SPDX-License-Identifier: BSL-1.0
/// @file
/// A sweep: the same program run with one candidate's settings after another's, and a table of what came of each. It chooses by
/// validation alone, and it makes no candidates: a list is written down or computed before anything is run.
#pragma once

#include <espalier/core/error.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier {

/// What one run gave.
struct trial_result {
    double validation_loss = 0;  ///< candidates are chosen by this
    double test_loss       = 0;  ///< shown, and never looked at by the sweep
    double seconds         = 0;
    std::int64_t steps     = 0;
};

/// A line of the table.
struct trial {
    std::string name;
    trial_result result;  ///< zeros where the trial failed
    std::string failure;  ///< what it threw; empty where it ran

    [[nodiscard]] bool has_failed() const noexcept { return !failure.empty(); }
};

/// The trials of a sweep in the order of their candidates; at least one of them ran.
class sweep_result {
public:
    /// @throws error with the first failure where no trial ran; invalid_setting without any
    explicit sweep_result(std::vector<trial> trials) : trials_{std::move(trials)}, best_{trials_.size()} {
        for (std::size_t i = 0; i < trials_.size(); ++i) {
            bool const is_first = best_ == trials_.size();
            if (!trials_[i].has_failed() && (is_first || trials_[i].result.validation_loss < best().result.validation_loss)) best_ = i;
        }
        if (trials_.empty())
            throw invalid_setting{{"sweep", "at least one candidate", "none", "Give the settings that are to be compared", "policies/model.md"}};
        if (best_ == trials_.size())
            throw error{{"sweep", "a candidate that runs", joined("failures of all ", trials_.size(), " (", trials_[0].name, ": ", trials_[0].failure, ")"),
                         "Mend what the first one says", "policies/model.md"}};
    }

    [[nodiscard]] std::vector<trial> const& trials() const noexcept { return trials_; }
    /// The trial with the lowest validation loss, the first of equal ones.
    [[nodiscard]] trial const& best() const noexcept { return trials_[best_]; }
    [[nodiscard]] std::size_t best_index() const noexcept { return best_; }
    /// A line a trial; a star marks the best.
    [[nodiscard]] std::string table() const;

private:
    std::vector<trial> trials_;
    std::size_t best_;
};

inline std::string sweep_result::table() const {
    std::size_t width = std::string_view{"candidate"}.size();
    for (auto const& t : trials_) width = t.name.size() > width ? t.name.size() : width;
    auto const padded = [&](std::string const& name) { return name + std::string(width - name.size(), ' '); };
    std::string out   = "  " + padded("candidate") + "    validation          test     steps   seconds\n";
    for (auto const& t : trials_) {
        out += (&t == &best() ? "* " : "  ") + padded(t.name);
        if (t.has_failed()) {
            out += "    " + t.failure + '\n';
            continue;
        }
        char row[120];
        std::snprintf(row, sizeof row, "%14.6g%14.6g%10lld%10.2f\n", t.result.validation_loss, t.result.test_loss,
                      static_cast<long long>(t.result.steps), t.result.seconds);
        out += row;
    }
    return out;
}

/// Calls run(candidate) for each candidate, one after the other. A trial that throws, or whose validation loss is not finite, is recorded
/// with its words, and the next one is run.
/// ```
///   struct candidate { std::string name; double rate; };
///   auto const found = sweep(std::vector<candidate>{{"small", 1e-4}, {"large", 1e-2}}, [&](candidate const& c) { … return trial_result{…}; });
///   std::cout << found.table();
/// ```
/// @par Ranks     local: call it outside of `launch`, and launch in each run. Where ranks are processes, every process sweeps alike
/// @param candidates a range of values with a member `name`
/// @throws error where every trial fails, with the first one's words; invalid_setting for no candidates
template <class Candidates, class Run>
[[nodiscard]] sweep_result sweep(Candidates const& candidates, Run&& run) {
    std::vector<trial> trials;
    for (auto const& candidate : candidates) {
        trial t{candidate.name, {}, {}};
        try {
            trial_result const result = run(candidate);
            if (std::isfinite(result.validation_loss)) t.result = result;
            else t.failure = joined("its validation loss is ", result.validation_loss);
        } catch (std::exception const& e) {
            t.failure = e.what();
            if (t.failure.empty()) t.failure = "an exception without words";
        }
        trials.push_back(std::move(t));
    }
    return sweep_result{std::move(trials)};
}

}  // namespace espalier

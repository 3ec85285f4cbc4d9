// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the intraday examples share that is not espalier: options, who watches, how a result is printed, how an error ends.
/// The run itself is in intraday_run.hpp.
#pragma once

#include "command_line.hpp"

#include <espalier/espalier.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <unistd.h>

namespace example {

/// The program's own options.
struct intraday_options {
    std::filesystem::path data, run;
    int ranks                     = 2;
    std::int64_t epochs           = 3;
    std::int64_t steps            = 0;
    std::int64_t checkpoint_every = 200;
    int keep                      = 3;
    bool fresh                    = false;
    std::uint64_t seed            = 7;
    double rate                   = 1e-3;
    std::int64_t patience         = 0;
    std::string command; ///< as it was typed, for the report
};

/// Progress to standard error, a bar on a terminal; metrics below the run's folder.
class watchers {
public:
    explicit watchers(intraday_options const& o) : run_{o.run} {}
    [[nodiscard]] std::vector<espalier::observer*> on(bool here) {
        if (!here) return {};
        progress_ = std::make_unique<espalier::progress>(
            std::cerr, isatty(STDERR_FILENO) != 0 ? espalier::progress::style::bar : espalier::progress::style::lines);
        metrics_ = std::make_unique<espalier::metrics_csv>(run_ / "metrics.csv");
        return {progress_.get(), metrics_.get()};
    }

private:
    std::filesystem::path run_;
    std::unique_ptr<espalier::progress> progress_;
    std::unique_ptr<espalier::metrics_csv> metrics_;
};

/// What was done and how the losses went.
inline void print_training(std::ostream& out, espalier::fit_result const& fitted) {
    char line[256];
    if (fitted.steps > 0) {
        std::snprintf(line, sizeof line, "trained     %lld steps, %lld an epoch (%lld samples an epoch do not fill a step); loss %.6f -> %.6f\n",
                      static_cast<long long>(fitted.steps), static_cast<long long>(fitted.steps_per_epoch),
                      static_cast<long long>(fitted.dropped_samples), fitted.first_loss, fitted.last_loss);
        out << line;
    }
    if (fitted.best_step > 0) {
        std::snprintf(line, sizeof line, "validated   lowest loss %.6f after step %lld, whose weights are kept%s\n", fitted.best_validation_loss,
                      static_cast<long long>(fitted.best_step), fitted.stopped_early ? "; it no longer fell, so training ended early" : "");
        out << line;
    }
}

/// How long a run trains, what it saves, and when it ends.
inline void add_training_options(command_line& line, intraday_options& o) {
    line.add("--epochs", o.epochs, "times through the training windows", positive);
    line.add("--steps", o.steps, "stop after this many steps; 0: no limit", not_negative);
    line.add("--rate", o.rate, "learning rate", positive);
    line.add("--patience", o.patience, "end after so many epochs without a lower validation loss; 0: never", not_negative);
    line.add("--checkpoint-every", o.checkpoint_every, "steps between checkpoints; 0: only at the end", not_negative);
    line.add("--keep", o.keep, "checkpoints that stay, the newest", positive);
    line.flag("--fresh", o.fresh, "start over: remove the checkpoints of the run that is there");
}

/// The options of a training run of `name`, and the run.
/// @param of_processes mpirun says how many ranks there are, so that --ranks is no option
template <class Run>
int main_of(int argc, char** argv, char const* name, bool of_processes, Run run) {
    intraday_options o;
    o.run = std::filesystem::path{"runs"} / name;
    command_line line{name, "Trains an LSTM on one-minute bars to forecast the return five minutes ahead, data-parallel on " +
                                std::string{of_processes ? "processes that mpirun starts." : "threads."}};
    line.add("--data", o.data, "folder of bars, *.csv or *.csv.gz; without it the built-in market serves");
    if (!of_processes) line.add("--ranks", o.ranks, "ranks, each a thread; at most 8");
    line.add("--seed", o.seed, "of weights, sample order and the built-in market");
    line.add("--run", o.run, "folder for checkpoints, weights, metrics and the report; a run that is there is resumed");
    add_training_options(line, o);
    return parse_and_run(line, argc, argv, [&] {
        o.command = line.typed();
        return run(o);
    });
}

}  // namespace example

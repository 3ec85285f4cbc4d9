// SPDX-License-Identifier: BSL-1.0
// The network of the CS205 group-11 study, trained on bars of your own: how long an epoch takes, and what the study's split did.
//
//     examples/run cs205 --data DIR --epochs 1 --ranks 1            seconds an epoch, scaled to the study's 775,248 sequences
//     examples/run cs205 --data DIR --epochs 1 --ranks 2            the same on two ranks
//     examples/run cs205 --data DIR --compare --epochs 3            split at random or by time, scaled with all data or training data
//
// The study forecasts the scaled close five minutes ahead from sixty minutes of {close, volume}. docs/explanation/random-splits.md
// tells what comes of it.
//
// test: --epochs 1 --steps 3 --compare
#include "support/intraday_options.hpp"
#include "support/level_windows.hpp"

#include <espalier/espalier.hpp>

#include <chrono>
#include <iostream>

using namespace espalier;

// LSTM(50), dense 32 with ReLU, dense 1; Adam; batches of 32 a rank: two lanes, so that one rank computes what two share.
using cs205_network = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using cs205_trainer = trainer<model<cs205_network, mean_squared_error, adamw>, data_parallel<lanes<2>, samples<32>>, threads, checkpoint::none>;

namespace {

constexpr double sequences_of_study = 775'248;

struct options {
    std::filesystem::path data;
    int ranks           = 2;
    std::int64_t epochs = 1, steps = 0;
    std::uint64_t seed  = 7;
    bool compare        = false;
};

/// What one way to split and scale gave.
struct outcome_of_split {
    double seconds = 0, samples = 0; // of training
    double test_loss = 0, test_loss_of_last_close = 0;
};

outcome_of_split train(options const& o, example::level_split const& data) {
    outcome_of_split out;
    launch<cs205_trainer>(o.ranks, [&](threads& world) {
        cs205_trainer t{world, {.seed = o.seed, .learning_rate = 1e-3, .optimizer = {.weight_decay = 0}}};
        progress bar{std::cerr, progress::style::lines};
        auto const begin  = std::chrono::steady_clock::now();
        auto const fitted = t.fit(data.train, {.epochs = o.epochs, .steps = o.steps, .observers = {&bar}});
        double const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        auto const tested = t.evaluate(data.test);
        if (world.rank() == 0) out = {took, 64.0 * static_cast<double>(fitted.steps), tested.loss, data.test.loss_of_last_close()};
    });
    return out;
}

void time_epoch(options const& o, example::level_windows_of_year const& year) {
    auto const data = year.split(example::split_by::time, example::scale_by::training);
    auto const r    = train(o, data);
    char line[240];
    std::snprintf(line, sizeof line,
                  "%d ranks: %.0f sequences in %.1f s, %.0f a second; an epoch of the study's %.0f sequences: %.1f s (the study: 148 s on one "
                  "Tesla M60, 72 s on four)\n",
                  o.ranks, r.samples, r.seconds, r.samples / r.seconds, sequences_of_study, sequences_of_study * r.seconds / r.samples);
    std::cout << line;
}

void compare(options const& o, example::level_windows_of_year const& year) {
    table t{.head = {"split", "scaled with", "test error", "last close", "error / last close"}};
    for (auto const split : {example::split_by::random, example::split_by::time})
        for (auto const scale : {example::scale_by::everything, example::scale_by::training}) {
            auto const r = train(o, year.split(split, scale));
            char numbers[3][32];
            std::snprintf(numbers[0], 32, "%.3e", r.test_loss);
            std::snprintf(numbers[1], 32, "%.3e", r.test_loss_of_last_close);
            std::snprintf(numbers[2], 32, "%.2f", r.test_loss / r.test_loss_of_last_close);
            t.rows.push_back({split == example::split_by::random ? "at random" : "by time",
                              scale == example::scale_by::everything ? "the whole year" : "its first 80 %", numbers[0], numbers[1], numbers[2]});
        }
    std::cout << "mean squared errors of the scaled close five minutes ahead, after " << o.epochs << " epochs; beside them those of the last close\n\n"
              << t.to_string();
}

} // namespace

int main(int argc, char** argv) {
    options o;
    example::command_line line{"cs205", "Trains the network of the CS205 group-11 study: seconds an epoch, or what its split does to the test error."};
    line.add("--data", o.data, "folder of bars, *.csv or *.csv.gz; without it the built-in market serves");
    line.add("--ranks", o.ranks, "1 or 2, each a thread", example::between(1, 2));
    line.add("--epochs", o.epochs, "times through the training windows", example::positive);
    line.add("--steps", o.steps, "stop after this many steps of 64 sequences; 0: no limit", example::not_negative);
    line.add("--seed", o.seed, "of weights, sample order, random split and the built-in market");
    line.flag("--compare", o.compare, "train four times: split at random or by time, scaled with all data or training data");
    return example::parse_and_run(line, argc, argv, [&] {
        example::level_windows_of_year const year{o.data.empty() ? built_in_market({.days = 40, .seed = o.seed}) : read_bars(o.data), o.seed};
        o.compare ? compare(o, year) : time_epoch(o, year);
        return 0;
    });
}

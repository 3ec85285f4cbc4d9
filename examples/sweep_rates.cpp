// SPDX-License-Identifier: BSL-1.0
// Trains the intraday forecaster with several learning rates and rules, one after the other, and chooses by validation.
//
//     examples/run sweep_rates                                      the built-in market, two ranks
//     examples/run sweep_rates --data DIR --epochs 5                a folder of bars
//
// It prints a table and writes it, with the test forecasts of the model that was chosen, to runs/sweep_rates/report.html.
//
// test: --epochs 1 --steps 3 --run sweep_rates_test
#include "support/intraday_model.hpp"
#include "support/intraday_report.hpp"

#include <espalier/espalier.hpp>


#include <chrono>
#include <iostream>

using namespace espalier;
using sweep_trainer = trainer<example::intraday_model, data_parallel<lanes<8>, samples<32>>, threads, checkpoint::none>;

namespace {

struct candidate {
    std::string name;
    rate_rule rate;
};

/// Rates from small to large, each constant and falling to nothing along a cosine after a warm-up.
std::vector<candidate> candidates(std::int64_t steps) {
    std::vector<candidate> all;
    for (auto const& [name, rate] : {std::pair{"3e-4", 3e-4}, std::pair{"1e-3", 1e-3}, std::pair{"3e-3", 3e-3}}) {
        all.push_back({joined(name, " constant"), rate});
        all.push_back({joined(name, " cosine"), cosine(rate, steps, {.warm_up = steps / 20})});
    }
    return all;
}

/// One trial: trained on the training part, its best weights kept by validation.
trial_result run(candidate const& c, example::intraday_options const& o, split_windows const& data, std::vector<std::byte>& weights) {
    trial_result result;
    launch<sweep_trainer>(o.ranks, [&](threads& world) {
        sweep_trainer t{world, {.seed = o.seed, .learning_rate = c.rate}};
        auto const begin  = std::chrono::steady_clock::now();
        auto const fitted = t.fit(data.train, data.validation, {.epochs = o.epochs, .steps = o.steps, .early_stop = {.patience = 2}});
        double const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (fitted.best_step > 0) t.use_best_weights();
        auto const validated = t.evaluate(data.validation), tested = t.evaluate(data.test);
        if (world.rank() != 0) return;
        result  = {validated.loss, tested.loss, took, fitted.steps};
        weights = checkpoint::to_safetensors(t.weights());
    });
    std::cerr << c.name << ": validation " << result.validation_loss << ", " << result.steps << " steps in " << result.seconds << " s\n";
    return result;
}

int sweep_all(example::intraday_options const& o) {
    auto const bars  = clean(o.data.empty() ? built_in_market({.seed = o.seed}) : read_bars(o.data));
    auto const data  = windows_of<example::intraday_features>(bars, {.train_fraction = 0.7, .validation_fraction = 0.1});
    auto const steps = o.steps > 0 ? o.steps : data.train.size() / 256 * o.epochs;
    std::vector<std::vector<std::byte>> weights;
    auto const found = sweep(candidates(steps), [&](candidate const& c) { return run(c, o, data, weights.emplace_back()); });
    std::cout << found.table();

    report_contents page{.title = "Sweep of learning rates", .command = o.command, .hardware = hardware_text(), .arithmetic = math::backend_name()};
    page.state    = {run_ending::finished, found.best().result.steps, steps};
    page.split    = example::rows_of(data);
    page.cleaning = bars.to_table();
    for (auto const& t : found.trials())
        page.sweep.push_back({t.name, t.result.validation_loss, t.result.test_loss, t.result.seconds, &t == &found.best(), t.failure});
    predictor<example::intraday_model> chosen{checkpoint::safetensors_view::parse(weights[found.best_index()], "the chosen weights"), 256};
    page.test = forecasts_of(chosen, data.test);
    write_report(o.run / "report.html", page);
    std::cout << example::finding_in_words(page) << "\nreport      " << (o.run / "report.html").string() << '\n';
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    example::intraday_options o;
    o.run = "runs/sweep_rates";
    example::command_line line{"sweep_rates", "Trains the intraday forecaster with several learning rates and chooses by validation."};
    line.add("--data", o.data, "folder of bars, *.csv or *.csv.gz; without it the built-in market serves");
    line.add("--ranks", o.ranks, "ranks, each a thread; at most 8");
    line.add("--epochs", o.epochs, "times through the training windows, at most, a candidate", example::positive);
    line.add("--steps", o.steps, "stop after this many steps; 0: no limit", example::not_negative);
    line.add("--seed", o.seed, "of weights, sample order and the built-in market");
    line.add("--run", o.run, "folder for the report");
    return example::parse_and_run(line, argc, argv, [&] {
        o.command = line.typed();
        return sweep_all(o);
    });
}

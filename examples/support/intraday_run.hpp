// SPDX-License-Identifier: BSL-1.0
/// @file
/// The run that intraday_lstm and intraday_lstm_mpi share: what one rank does, from data to the report and the hash of the weights.
/// Which policies it runs with is the examples' own.
#pragma once

#include "intraday_model.hpp"
#include "intraday_options.hpp"
#include "intraday_report.hpp"

#include <espalier/espalier.hpp>

#include <chrono>
#include <iostream>

namespace example {

/// The bars as they were cleaned, and the windows that were cut from them.
struct intraday_data {
    table cleaning;
    split_windows parts;

    /// Of the folder that the options name, or of the built-in market.
    [[nodiscard]] static intraday_data of(intraday_options const& o) {
        auto const bars = clean(o.data.empty() ? built_in_market({.seed = o.seed}) : read_bars(o.data));
        return {bars.to_table(), windows_of<intraday_features>(bars, {.train_fraction = 0.7, .validation_fraction = 0.1})};
    }
};

/// Trains on one rank of `world`, from the newest checkpoint of the run's folder on.
/// @return exit status: 0, or exit_status_stopped where a signal stopped it before the end
template <class Trainer>
int train_intraday(typename Trainer::communicator& world, intraday_options const& o, intraday_data const& data, stop_on_signal const& signals) {
    auto const& [training, validation, test] = data.parts;
    bool const speaks                        = world.rank() == 0;
    window_scaling const scaling             = scaling_of(training); // refuses two files of one ticker before the work begins
    if (speaks)
        std::cout << "data        " << (o.data.empty() ? "the built-in market (give --data DIR for your own)" : o.data.string()) << "\n\n"
                  << data.cleaning.to_string() << '\n'
                  << data.parts.to_table().to_string() << '\n'
                  << "arithmetic  " << math::backend_name() << ", one thread a rank\n";

    Trainer t{world, {.seed = o.seed, .learning_rate = o.rate}, checkpoint::directory{o.run / "checkpoints", {.keep = o.keep}}};
    std::string const plan = explain(t.plan(), {.workspace_bytes = t.workspace_bytes()});
    if (speaks) std::cout << plan << std::flush;
    if (o.fresh) t.start_over();
    auto const from = t.resume();
    if (speaks) {
        for (auto const& note : from.notes) std::cerr << "note: " << note << '\n';
        if (from.step > 0) std::cout << "resumed     at step " << from.step << " from " << (o.run / "checkpoints").string() << std::endl;
    }

    watchers watch{o};
    auto const begin        = std::chrono::steady_clock::now();
    fit_result const fitted = t.fit(training, validation,
                                    {.epochs           = o.epochs,
                                     .steps            = o.steps,
                                     .checkpoint_every = o.checkpoint_every,
                                     .early_stop       = {.patience = o.patience},
                                     .observers        = watch.on(speaks),
                                     .stop             = signals.flag()});
    double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!fitted.stopped && fitted.best_step > 0) t.use_best_weights();
    evaluation const tested = fitted.stopped ? evaluation{} : t.evaluate(test);
    if (!speaks) return 0;

    auto const weights = o.run / "weights.safetensors";
    report_contents page{.command = o.command, .arithmetic = math::backend_name(), .plan = plan, .seconds = seconds};
    page.state = {fitted.stopped ? run_ending::interrupted : fitted.stopped_early ? run_ending::stopped_early : run_ending::finished,
                  t.steps_done(), fitted.steps_per_epoch * o.epochs};
    if (fitted.best_step > 0) page.best_step = fitted.best_step;
    page.split    = rows_of(data.parts);
    page.cleaning = data.cleaning;
    if (fitted.stopped) {
        std::cout << "stopped     after step " << t.steps_done() << " by a signal; the same command goes on from there\n";
    } else {
        if (fitted.steps == 0)
            std::cout << "finished    " << t.steps_done() << " steps are done, as many as asked for; nothing was trained (--fresh starts over)\n";
        print_training(std::cout, fitted);
        checkpoint::write_safetensors(weights, t.weights());
        write_scaling(o.run / "scaling.json", scaling);
        predictor<intraday_model> model{checkpoint::safetensors_file{weights}, 256};
        page.test = forecasts_of(model, test);
        std::cout << "tested      " << tested.samples << " windows, mean squared error " << tested.loss << '\n'
                  << "            " << finding_in_words(page) << '\n'
                  << "wrote       " << weights.string() << ", scaling.json, metrics.csv, validation.csv\n";
    }
    std::cout << "report      " << write_intraday_report(o.run, page) << '\n'
              << "weights xxh128 " << checkpoint::weights_hash(t.weights()) << std::endl;
    return fitted.stopped ? exit_status_stopped : 0;
}

} // namespace example

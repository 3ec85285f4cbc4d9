// SPDX-License-Identifier: BSL-1.0
/// @file
/// What programs share that train one BERT over a panel of daily series on the layout that is named: options, the plan in words and pictures,
/// training itself. Which layouts there are is the program's.
#pragma once

#include "intraday_options.hpp"
#include "macro_panel.hpp"

#include <espalier/espalier.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace example {

// What is learned: 32 days of nine series in, the change of the first over five days out.
using macro_encoder = espalier::bert_regressor<espalier::bert_shape{.features = macro_series, .steps = 32, .hidden = 64, .layers = 4, .heads = 4}>;
using macro_model   = espalier::model<macro_encoder, espalier::mean_squared_error, espalier::adamw>;

struct bert_options : intraday_options {
    std::string layout;
    std::filesystem::path drawing;
};

/// Prints a line for each rank's plan, and draws all of them where a drawing is wanted.
template <class Partition>
void show_plans(bert_options const& o) {
    std::vector<typename Partition::plan_type> plans;
    for (int r = 0; r < o.ranks; ++r) plans.push_back(Partition::template plan<macro_model>(o.ranks, r));
    std::cout << espalier::explain_all(plans) << std::flush;
    if (o.drawing.empty()) return;
    std::ofstream file{o.drawing};
    if (!(file << espalier::draw(plans))) throw std::runtime_error{"cannot write " + o.drawing.string()};
}

/// Trains, tests, and prints the hash of the weights.
template <class Partition>
int train_bert(bert_options const& o, espalier::split_panel_windows const& data, espalier::stop_on_signal const& signals) {
    using namespace espalier;
    using trainer_type = trainer<macro_model, Partition, threads, checkpoint::directory>;
    Partition::check_ranks(o.ranks);
    show_plans<Partition>(o);
    return launch<trainer_type>(o.ranks, [&](threads& world) {
        bool const speaks = world.rank() == 0;
        trainer_type t{world, {.seed = o.seed, .learning_rate = o.rate, .clip_norm = 1}, checkpoint::directory{o.run / "checkpoints", {.keep = o.keep}}};
        if (o.fresh) t.start_over();
        auto const from = t.resume();
        if (speaks && from.step > 0) std::cout << "resumed     at step " << from.step << std::endl;
        watchers watch{o};
        fit_result const fitted = t.fit(data.train, data.validation,
                                        {.epochs = o.epochs, .steps = o.steps, .checkpoint_every = o.checkpoint_every,
                                         .early_stop = {.patience = o.patience}, .observers = watch.on(speaks), .stop = signals.flag()});
        if (!fitted.stopped && fitted.best_step > 0) t.use_best_weights();
        evaluation const tested = t.evaluate(data.test);
        auto const weights      = t.weights();
        if (!speaks) return fitted.stopped ? exit_status_stopped : 0;
        print_training(std::cout, fitted);
        checkpoint::write_safetensors(o.run / "weights.safetensors", weights);
        std::cout << "tested      " << tested.samples << " windows, mean squared error " << tested.loss << "; of the training part's mean change "
                  << error_of_the_mean(data.test) << "\nweights xxh128 " << checkpoint::weights_hash(weights) << std::endl;
        return fitted.stopped ? exit_status_stopped : 0;
    });
}

/// A layout by name: what it is, on how many ranks it runs unless --ranks says otherwise, and the program compiled for it.
struct bert_layout {
    char const* name;
    char const* words;
    int ranks;
    std::function<int(bert_options const&, espalier::split_panel_windows const&, espalier::stop_on_signal const&)> run;
};

/// The whole program.
/// @param first the layout that is taken where none is named
inline int run_bert(std::string const& program, int argc, char** argv, std::vector<bert_layout> const& layouts, std::string const& first) {
    bert_options o;
    o.run      = "runs/" + program;
    o.ranks    = 0;
    o.rate     = 3e-4;
    o.layout   = first;
    bool lists = false;
    command_line line{program, "Trains a BERT over daily series on the layout that is named."};
    line.add("--layout", o.layout, "how the network and the step are cut; --layouts lists them");
    line.flag("--layouts", lists, "list the layouts and end");
    line.add("--ranks", o.ranks, "ranks, each a thread; 0: as many as the layout suggests", not_negative);
    line.add("--data", o.data, "folder of daily series (support/macro_panel.hpp names the files); without it SIMULATED series serve");
    line.add("--seed", o.seed, "of weights, sample order and simulated series");
    line.add("--run", o.run, "folder for checkpoints, weights and metrics; a run that is there is resumed, under any layout");
    line.add("--draw", o.drawing, "write a picture of who does what when, and of the memory in use, as SVG");
    add_training_options(line, o);
    return parse_and_run(line, argc, argv, [&]() -> int {
        if (lists) {
            for (bert_layout const& l : layouts) std::cout << l.name << std::string(13 - std::string_view{l.name}.size(), ' ') << l.words << " (" << l.ranks << " ranks)\n";
            return 0;
        }
        auto const chosen = std::find_if(layouts.begin(), layouts.end(), [&](bert_layout const& l) { return l.name == o.layout; });
        if (chosen == layouts.end())
            throw espalier::invalid_setting{{program, "the name of a layout", "\"" + o.layout + "\"", "Choose one that --layouts lists", "explanation/pipelines.md"}};
        if (o.ranks == 0) o.ranks = chosen->ranks;
        espalier::panel const rows = macro_panel(o.data, o.seed);
        auto const data = espalier::windows_of(rows, {.steps = 32, .horizon = 5, .train_fraction = 0.7, .validation_fraction = 0.15});
        std::cout << "data        " << (o.data.empty() ? "SIMULATED series (give --data DIR for real ones)" : o.data.string()) << "\n\n"
                  << rows.to_table().to_string() << '\n' << data.to_table().to_string() << '\n';
        espalier::stop_on_signal const signals;
        return chosen->run(o, data, signals);
    });
}

}  // namespace example

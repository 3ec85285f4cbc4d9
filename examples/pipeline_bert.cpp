// SPDX-License-Identifier: BSL-1.0
// Trains a BERT over a panel of daily series on the layout that is named: one rank, replicas with or without shards, pipelines of three
// schedules, meshes. All are compiled and proved here; the weights have the same bits on each.
//
//     examples/run pipeline_bert                                        a pipeline of two stages, simulated series
//     examples/run pipeline_bert --layout mesh --data DIR --epochs 4    two replicas of two stages, files of daily series
//     examples/run pipeline_bert --layouts                              what there is to choose from
//
// It prints the data, a line for each rank's plan, the losses beside a naive forecast, and last the hash of the weights.
// --draw FILE.svg draws who does what when. Checkpoints below runs/pipeline_bert (--run) go on under any other layout.
//
// test: --layout 1f1b --steps 3 --fresh --run pipeline_bert_test --draw pipeline_bert_test.svg
// test: --layout mesh --steps 6 --run pipeline_bert_test
#include "support/intraday_options.hpp"
#include "support/macro_panel.hpp"

#include <espalier/espalier.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>

using namespace espalier;

namespace {

// What is learned: 32 days of nine series in, the change of the first over five days out.
using encoder  = bert_regressor<bert_shape{.features = example::macro_series, .steps = 32, .hidden = 64, .layers = 4, .heads = 4}>;
using learned  = model<encoder, mean_squared_error, adamw>;

// How it is cut: a step is 8 lanes of 8 samples, whatever the layout.
template <class... More>
using replicas = data_parallel<lanes<8>, samples<8>, More...>;

struct options : example::intraday_options {
    std::string layout = "1f1b";
    std::filesystem::path drawing;
};

template <class Partition>
void show_plan(options const& o) {
    std::vector<typename Partition::plan_type> plans;
    for (int r = 0; r < o.ranks; ++r) plans.push_back(Partition::template plan<learned>(o.ranks, r));
    std::cout << explain_all(plans) << std::flush;
    if (o.drawing.empty()) return;
    std::ofstream file{o.drawing};
    if (!(file << draw(plans))) throw std::runtime_error{"pipeline_bert: cannot write " + o.drawing.string()};
}

template <class Partition>
int train(options const& o, split_panel_windows const& data, stop_on_signal const& signals) {
    using trainer_type = trainer<learned, Partition, threads, checkpoint::directory>;
    Partition::check_ranks(o.ranks);
    show_plan<Partition>(o);
    return launch<trainer_type>(o.ranks, [&](threads& world) {
        bool const speaks = world.rank() == 0;
        trainer_type t{world, {.seed = o.seed, .learning_rate = o.rate, .clip_norm = 1}, checkpoint::directory{o.run / "checkpoints", {.keep = o.keep}}};
        if (o.fresh) t.start_over();
        auto const from = t.resume();
        if (speaks && from.step > 0) std::cout << "resumed     at step " << from.step << std::endl;
        example::watchers watch{o};
        fit_result const fitted = t.fit(data.train, data.validation,
                                        {.epochs = o.epochs, .steps = o.steps, .checkpoint_every = o.checkpoint_every,
                                         .early_stop = {.patience = o.patience}, .observers = watch.on(speaks), .stop = signals.flag()});
        if (!fitted.stopped && fitted.best_step > 0) t.use_best_weights();
        evaluation const tested = t.evaluate(data.test);
        auto const weights      = t.weights();
        if (!speaks) return fitted.stopped ? exit_status_stopped : 0;
        example::print_training(std::cout, fitted);
        checkpoint::write_safetensors(o.run / "weights.safetensors", weights);
        std::cout << "tested      " << tested.samples << " windows, mean squared error " << tested.loss << "; of the training part's mean change "
                  << example::error_of_the_mean(data.test) << "\nweights xxh128 " << checkpoint::weights_hash(weights) << std::endl;
        return fitted.stopped ? exit_status_stopped : 0;
    });
}

/// A layout by name: what it is, on how many ranks it runs unless --ranks says otherwise, and the program compiled for it.
struct layout {
    char const* name;
    char const* words;
    int ranks;
    std::function<int(options const&, split_panel_windows const&, stop_on_signal const&)> run;
};
template <int P, class Schedule, class... More>
using staged = mesh<replicas<More...>, pipeline<P, Schedule>>;

layout const layouts[] = {
    {"data", "replicas that share the step; one rank alone is the plainest of all", 2, train<replicas<>>},
    {"zero3", "replicas that keep shards of parameters, gradients and optimizer state, in four buckets", 2, train<replicas<zero<3>, buckets<4>>>},
    {"1f1b", "a pipeline: one forward, one backward", 2, train<staged<2, one_f_one_b>>},
    {"interleaved", "a pipeline of two chunks a stage", 2, train<staged<2, interleaved<2>>>},
    {"zb-h1", "a pipeline of four stages with gradients of weights in its idle time", 4, train<staged<4, zb_h1>>},
    {"mesh", "two replicas of a pipeline of two stages, optimizer state in shards", 4, train<staged<2, one_f_one_b, zero<1>>>},
};

} // namespace

int main(int argc, char** argv) {
    options o;
    o.run   = "runs/pipeline_bert";
    o.ranks = 0;
    o.rate  = 3e-4;
    bool lists = false;
    CLI::App app{"Trains a BERT over daily series on the layout that is named.", "pipeline_bert"};
    app.add_option("--layout", o.layout, "how the network and the step are cut; --layouts lists them")->capture_default_str();
    app.add_flag("--layouts", lists, "list the layouts and end");
    app.add_option("--ranks", o.ranks, "ranks, each a thread; 0: as many as the layout suggests")->capture_default_str()->check(CLI::NonNegativeNumber);
    app.add_option("--data", o.data, "folder of daily series (support/macro_panel.hpp names the files); without it SIMULATED series serve");
    app.add_option("--epochs", o.epochs, "times through the training windows")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--steps", o.steps, "stop after this many steps; 0: no limit")->capture_default_str()->check(CLI::NonNegativeNumber);
    app.add_option("--rate", o.rate, "learning rate")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--patience", o.patience, "end after so many epochs without a lower validation loss; 0: never")->capture_default_str()->check(CLI::NonNegativeNumber);
    app.add_option("--seed", o.seed, "of weights, sample order and simulated series")->capture_default_str();
    app.add_option("--run", o.run, "folder for checkpoints, weights and metrics; a run that is there is resumed, under any layout")->capture_default_str();
    app.add_option("--checkpoint-every", o.checkpoint_every, "steps between checkpoints; 0: only at the end")->capture_default_str()->check(CLI::NonNegativeNumber);
    app.add_option("--keep", o.keep, "checkpoints that stay, the newest")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--draw", o.drawing, "write a picture of who does what when, and of the memory in use, as SVG");
    app.add_flag("--fresh", o.fresh, "start over: remove the checkpoints of the run that is there");
    return example::parse_and_run(app, argc, argv, o.command, [&]() -> int {
        if (lists) {
            for (layout const& l : layouts) std::cout << l.name << std::string(13 - std::string_view{l.name}.size(), ' ') << l.words << " (" << l.ranks << " ranks)\n";
            return 0;
        }
        auto const chosen = std::find_if(std::begin(layouts), std::end(layouts), [&](layout const& l) { return l.name == o.layout; });
        if (chosen == std::end(layouts))
            throw invalid_setting{{"pipeline_bert", "the name of a layout", "\"" + o.layout + "\"", "Choose one that --layouts lists", "explanation/pipelines.md"}};
        if (o.ranks == 0) o.ranks = chosen->ranks;
        panel const rows = example::macro_panel(o.data, o.seed);
        auto const data  = windows_of(rows, {.steps = 32, .horizon = 5, .train_fraction = 0.7, .validation_fraction = 0.15});
        std::cout << "data        " << (o.data.empty() ? "SIMULATED series (give --data DIR for real ones)" : o.data.string()) << "\n\n"
                  << rows.to_table().to_string() << '\n' << data.to_table().to_string() << '\n';
        stop_on_signal const signals;
        return chosen->run(o, data, signals);
    });
}

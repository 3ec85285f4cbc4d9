// SPDX-License-Identifier: BSL-1.0
// Trains the intraday forecaster: sixty one-minute bars in, the return five minutes ahead out, data-parallel on threads.
//
//     examples/run                                                  two ranks, the built-in market
//     examples/run intraday_lstm --data DIR --ranks 4 --epochs 2    a folder of bars (*.csv, *.csv.gz)
//
// It prints the data, the plan, the losses beside a naive forecast, and last the hash of the weights: the same on any number of ranks.
//
// test: --ranks 2 --steps 3 --run intraday_lstm_test
#include "support/intraday_options.hpp"

#include <espalier/espalier.hpp>

#include <iostream>

using namespace espalier;

// What is learned, how it is cut over ranks, who carries messages, where state survives: change a line, and run again.
using network_type = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using alice         = model<network_type, mean_squared_error, adamw>;
using alice_trainer = trainer<alice, data_parallel<lanes<8>, samples<32>>, threads, checkpoint::none>;

namespace {

int run(example::intraday_options const& o) {
    auto const bars = o.data.empty() ? built_in_market({.seed = o.seed}) : read_bars(o.data);
    auto const data = windows_of(bars);
    std::cout << "data        " << (o.data.empty() ? "the built-in market (give --data DIR for your own)" : o.data.string()) << '\n'
              << "            " << data.train.summary() << '\n'
              << "            " << data.train.size() << " windows to train on, " << data.test.size() << " later ones to test on\n"
              << "arithmetic  " << math::backend_name() << ", one thread a rank\n";

    std::string hash;
    int const status = launch<alice_trainer>(o.ranks, [&](auto& world) {
        alice_trainer t{world, {.seed = o.seed, .learning_rate = 1e-3f}};
        if (world.rank() == 0) std::cout << explain(t.plan(), {.workspace_bytes = t.workspace_bytes()}) << std::flush;

        example::watchers watch{o};
        fit_result const fitted = t.fit(data.train, {.epochs = o.epochs, .steps = o.steps, .observers = watch.on(world.rank() == 0)});
        evaluation const tested = t.evaluate(data.test);
        if (world.rank() != 0) return;

        example::print_result(std::cout, fitted, tested, example::loss_of_no_change(data.test));
        auto const weights = o.run / "weights.safetensors";
        checkpoint::write_safetensors(weights, t.weights());
        hash = checkpoint::weights_hash(t.weights());
        std::cout << "wrote       " << weights.string() << ", " << (o.run / "metrics.csv").string() << '\n';
    });
    std::cout << "weights xxh128 " << hash << '\n';
    return status;
}

}  // namespace

int main(int argc, char** argv) { return example::main_of(argc, argv, run); }

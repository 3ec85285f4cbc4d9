// SPDX-License-Identifier: BSL-1.0
// Trains the intraday forecaster: sixty one-minute bars in, the return five minutes ahead out, data-parallel on threads.
//
//     examples/run                                                  two ranks, the built-in market
//     examples/run intraday_lstm --data DIR --ranks 4 --epochs 2    a folder of bars (*.csv, *.csv.gz)
//
// It prints what became of the bars, the plan, the losses beside a naive forecast, and last the hash of the weights: the same on any
// number of ranks. Weights, scaling, metrics and a page about the run, report.html, lie below runs/intraday_lstm (--run).
// Stopped by SIGTERM or killed, the same command goes on from the newest checkpoint; examples/intraday_lstm_mpi.cpp goes on from it too.
//
// test: --ranks 2 --steps 3 --fresh --run intraday_lstm_test
#include "support/intraday_model.hpp"
#include "support/intraday_run.hpp"

#include <espalier/espalier.hpp>

using namespace espalier;

// What is learned (support/intraday_model.hpp), how it is cut over ranks, who carries messages, where state survives.
using alice_trainer = trainer<example::intraday_model, data_parallel<lanes<8>, samples<32>>, threads, checkpoint::directory>;

int main(int argc, char** argv) {
    return example::main_of(argc, argv, "intraday_lstm", false, [](example::intraday_options const& o) {
        stop_on_signal const signals;
        auto const data = example::intraday_data::of(o); // read once, shared by all ranks
        return launch<alice_trainer>(
            o.ranks, [&](threads& world) { return example::train_intraday<alice_trainer>(world, o, data, signals); });
    });
}

// SPDX-License-Identifier: BSL-1.0
// The intraday forecaster on ranks that are processes: on one node or many, with the bits of intraday_lstm.
//
//     examples/run intraday_lstm_mpi --np 4                         four processes under mpirun
//     mpirun -n 4 intraday_lstm_mpi --data DIR --epochs 2           the same by hand; --help shows the options
//
// It prints what intraday_lstm prints. SIGUSR1 to mpirun (or SIGTERM to examples/run) finishes the step, writes a checkpoint and ends
// with status 75; the same command goes on from there, on any number of processes, and so does intraday_lstm.
//
// test: --steps 3 --fresh --run intraday_lstm_mpi_test
#include "support/intraday_model.hpp"
#include "support/intraday_run.hpp"

#include <espalier/comm/mpi.hpp> // a policy with a dependency is included by name
#include <espalier/espalier.hpp>

using namespace espalier;

// As in intraday_lstm.cpp but for one word: who carries messages.
using alice_trainer = trainer<example::intraday_model, data_parallel<lanes<8>, samples<32>>, mpi, checkpoint::directory>;

int main(int argc, char** argv) {
    return example::main_of(argc, argv, "intraday_lstm_mpi", true, [](example::intraday_options const& o) {
        stop_on_signal const signals;
        return launch<alice_trainer>([&](mpi& world) { // as many ranks as mpirun has started
            auto const data = example::intraday_data::of(o);
            return example::train_intraday<alice_trainer>(world, o, data, signals);
        });
    });
}

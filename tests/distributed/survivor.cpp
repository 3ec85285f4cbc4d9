// SPDX-License-Identifier: BSL-1.0
// A small run that is made to be killed and stopped: it resumes, trains on, says after each checkpoint which step is safe, and at the
// end which weights it has. survive_kills.py, rank_dies.py and stop_and_go.py start it, kill or stop it, and start it again.
//
//     survivor threads RANKS FOLDER STEPS EVERY          mpirun -n RANKS survivor mpi RANKS FOLDER STEPS EVERY
#include "support/small_problem.hpp"

#include <espalier/comm/mpi.hpp>
#include <espalier/espalier.hpp>

#include <cstdint>
#include <iostream>
#include <string>

using namespace espalier;

namespace {

/// Says that a step is safe: checkpoints are written between the calls for one step and the next.
struct herald : observer {
    std::int64_t every, last = 0;
    explicit herald(std::int64_t n) : every{n} {}
    void on_step(step_report const& r) override {
        if (last > 0 && last % every == 0) std::cout << "safe " << last << std::endl;
        last = r.step;
    }
};

template <class C>
int live(C& world, std::string const& folder, std::int64_t steps, std::int64_t every, stop_on_signal const& signals) {
    using trainer_type = trainer<espalier_test::small_model_of_lstm, data_parallel<lanes<4>, micro_batches<2>, samples<8>>, C, checkpoint::directory>;
    auto const data    = espalier_test::small_problem(500);
    trainer_type t{world, {.seed = 11, .learning_rate = 1e-3}, checkpoint::directory{folder}};
    auto const from = t.resume();
    if (world.rank() == 0) {
        for (auto const& note : from.notes) std::cout << "note " << note << '\n';
        std::cout << "from " << from.step << std::endl;
    }
    herald says{every};
    fit_options options{.epochs = 1'000'000, .steps = steps, .checkpoint_every = every, .stop = signals.flag()};
    if (world.rank() == 0) options.observers = {&says};
    auto const fitted = t.fit(data, options);
    if (fitted.stopped) {
        if (world.rank() == 0) std::cout << "stopped " << t.steps_done() << std::endl;
        return exit_status_stopped;
    }
    if (world.rank() == 0) std::cout << "safe " << steps << "\nweights xxh128 " << checkpoint::weights_hash(t.weights()) << std::endl;
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) return 2;
    std::string const kind = argv[1], folder = argv[3];
    int const ranks = std::stoi(argv[2]);
    std::int64_t const steps = std::stoll(argv[4]), every = std::stoll(argv[5]);
    stop_on_signal const signals;
    int status     = 0;
    auto const run = [&](auto& world) {
        int const mine = live(world, folder, steps, every, signals);
        if (world.rank() == 0) status = mine;
    };
    try {
        if (kind == "mpi") mpi::launch(ranks, run);
        else threads::launch(ranks, run);
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
    return status;
}

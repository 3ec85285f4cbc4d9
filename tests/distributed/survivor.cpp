// SPDX-License-Identifier: BSL-1.0
// A small run that is made to be killed: it resumes, trains on, and says after each checkpoint which step is safe and at the end
// which weights it has. survive_kills.py starts it, kills it, and starts it again.
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
void live(C& world, std::string const& folder, std::int64_t steps, std::int64_t every) {
    using trainer_type = trainer<espalier_test::small_model_of_lstm, data_parallel<lanes<4>, micro_batches<2>, samples<8>>, C, checkpoint::directory>;
    auto const data    = espalier_test::small_problem(500);
    trainer_type t{world, {.seed = 11, .learning_rate = 1e-3}, checkpoint::directory{folder}};
    auto const from = t.resume();
    if (world.rank() == 0) {
        for (auto const& note : from.notes) std::cout << "note " << note << '\n';
        std::cout << "from " << from.step << std::endl;
    }
    herald says{every};
    fit_options options{.epochs = 1'000'000, .steps = steps, .checkpoint_every = every};
    if (world.rank() == 0) options.observers = {&says};
    t.fit(data, options);
    if (world.rank() == 0) std::cout << "safe " << steps << "\nweights xxh128 " << checkpoint::weights_hash(t.weights()) << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) return 2;
    std::string const kind = argv[1], folder = argv[3];
    int const ranks = std::stoi(argv[2]);
    try {
        if (kind == "mpi") mpi::launch(ranks, [&](mpi& world) { live(world, folder, std::stoll(argv[4]), std::stoll(argv[5])); });
        else threads::launch(ranks, [&](threads& world) { live(world, folder, std::stoll(argv[4]), std::stoll(argv[5])); });
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}

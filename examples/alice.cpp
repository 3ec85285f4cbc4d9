// SPDX-License-Identifier: BSL-1.0
// The program of the README: the four policies as four type names, and a run on any number of ranks.
//
//     examples/run alice
//
// It trains on two ranks, and then the same run in two halves, on one rank and on three. It prints the losses and the hashes
// of the weights, and returns 1 unless the hashes are equal and the loss on later windows has fallen.
//
// test:
#include <espalier/espalier.hpp>

#include <iostream>

using namespace espalier;

// What is learned: sixty one-minute bars of two features in, the return five minutes ahead out.
using alice_network =
    sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using alice = model<alice_network, mean_squared_error, adamw>;

// How it is cut, who carries messages, where state survives. Change a line, compile again, run elsewhere.
using alice_trainer = trainer<alice, data_parallel<lanes<8>, samples<32>>, threads, checkpoint::memory>;

int main() {
    auto const data = windows_of(built_in_market()); // your own bars: windows_of(read_bars("folder"))

    auto const train = [&](int ranks, std::int64_t steps, checkpoint::memory place) {
        std::string hash;
        launch<alice_trainer>(ranks, [&](auto& world) {
            alice_trainer t{world, {.seed = 7, .learning_rate = 1e-3f}, place};
            double const before = t.evaluate(data.test).loss;
            t.resume(); // from the place's newest checkpoint, whatever number of ranks wrote it; or a fresh start
            t.fit(data.train, {.epochs = 20, .steps = steps});
            double const after = t.evaluate(data.test).loss;
            if (world.rank() != 0) return;
            hash = after < before ? checkpoint::weights_hash(t.weights()) : "not better than at the start";
            std::cout << "step " << t.steps_done() << " on " << ranks << " ranks: loss " << before << " -> " << after << '\n';
        });
        return hash;
    };

    checkpoint::memory once, halves;
    std::string const whole = train(2, 16, once);
    train(1, 8, halves);
    std::string const halved = train(3, 16, halves);
    std::cout << "weights xxh128 " << whole << " and " << halved << '\n';
    return whole == halved && whole.size() == 32 ? 0 : 1;
}

// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --steps 2
// A step of two lanes on two thread ranks against the same step on one rank that computes both lanes, in turns.
#include "support/problem.hpp"
#include "support/report.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/nn/activation.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/train/trainer.hpp>

#include <cstring>

using namespace espalier;

/// The network of the CS205 study: 12,265 parameters with one bias a gate, 12,465 with two.
using network_type = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using model_type   = model<network_type, mean_squared_error, adamw>;
using partition    = data_parallel<lanes<2>, samples<32>>;

/// Adds up how long a rank is in its collective operations, which is waiting for the other rank and summing.
class stop_watch {
public:
    void operator()(action const& a) {
        stop();
        if (is_collective(a.kind) || a.kind == action_kind::wait_reduce) since_ = bench::now();
    }
    void stop() {
        if (since_ > 0) seconds_ += bench::now() - since_;
        since_ = 0;
    }
    [[nodiscard]] double seconds() const noexcept { return seconds_; }

private:
    double since_ = 0, seconds_ = 0;
};

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "Two lanes on two thread ranks against one rank that computes both; CS205 network, 2 x 32 samples. Needs two free cores.\n"
                          "  --turns N   how often each is run (15)\n"
                          "  --steps N   steps in a turn (100)\n"
                          "  --json      one JSON object a line\n"};
    bool const json  = args.flag("--json");
    long const turns = args.number("--turns", 15), steps = args.number("--steps", 100);
    args.finish();
    bench::report out{args.command(), json};
    auto const data = bench::random_sequences(4096, 60, 2);
    int result      = 0;

    threads::launch(2, [&](threads& world) {
        training_settings<adamw> const settings{.seed = 7, .learning_rate = 1e-3};
        trainer<model_type, partition, threads, checkpoint::none> both{world, settings};
        self alone;
        trainer<model_type, partition, self, checkpoint::none> one{alone, settings};
        std::vector<double> waiting;

        auto const on_two = [&] {
            stop_watch watch;
            world.barrier();
            double seconds = bench::seconds_of([&] {
                for (long i = 0; i < steps; ++i) {
                    bench::keep(both.train_step(data, watch));
                    watch.stop();
                }
            });
            world.all_reduce(&seconds, &seconds, std::int64_t{1}, maximum{});
            waiting.push_back(watch.seconds() / seconds);
            return seconds;
        };
        auto const on_one = [&] {  // rank 1 waits in the next barrier meanwhile
            if (world.rank() != 0) return 1.0;
            return bench::seconds_of([&] {
                for (long i = 0; i < steps; ++i) bench::keep(one.train_step(data));
            });
        };
        auto const times = bench::in_turns(turns, on_two, on_one);
        double share     = bench::median(waiting);
        world.all_reduce(&share, &share, std::int64_t{1}, maximum{});
        if (world.rank() != 0) return;

        bool same = true;
        auto const a = both.weights(), b = one.weights();
        for (std::size_t i = 0; i < a.size(); ++i)
            same = same && a[i].bytes.size() == b[i].bytes.size() && std::memcmp(a[i].bytes.data(), b[i].bytes.data(), a[i].bytes.size()) == 0;
        result = same ? 0 : 1;
        out.add({{"network", "lstm 60x2x50, 32, 1"},
                 {"one rank ms", times.second / static_cast<double>(steps) * 1e3},
                 {"two ranks ms", times.first / static_cast<double>(steps) * 1e3},
                 {"speed-up", times.ratio},
                 {"in collectives", share},
                 {"weights", same ? "same bits" : "DIFFERENT"}});
    });
    return result;
}

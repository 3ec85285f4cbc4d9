// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --steps 1
// How long the two stages of a pipeline are idle, measured against what their plans say, for the four schedules.
#include "support/problem.hpp"
#include "support/report.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/models/bert.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/mesh.hpp>
#include <espalier/partition/plan/clock.hpp>
#include <espalier/train/trainer.hpp>

#include <array>

using namespace espalier;

/// An encoder over 32 steps of 9 values: 4 layers of 128 features. A step is 8 micro-batches of 8 samples.
using network_type = bert_regressor<bert_shape{.features = 9, .steps = 32, .hidden = 128, .layers = 4, .heads = 4}>;
using model_type   = model<network_type, mean_squared_error, adamw>;
using step_of      = data_parallel<lanes<8>, samples<8>>;

/// Adds up what the actions of a rank take, by kind.
class stop_watch {
public:
    void operator()(action const& a) {
        stop();
        kind_  = static_cast<std::size_t>(a.kind);
        since_ = bench::now();
    }
    void stop() {
        if (since_ > 0) seconds_[kind_] += bench::now() - since_, ++times_[kind_];
        since_ = 0;
    }
    [[nodiscard]] double seconds(action_kind kind) const { return seconds_[static_cast<std::size_t>(kind)]; }
    [[nodiscard]] double computing() const {
        double sum = 0;
        for (int k = 0; k < action_kinds; ++k)
            if (computes(static_cast<action_kind>(k))) sum += seconds_[static_cast<std::size_t>(k)];
        return sum;
    }
    /// Of one action of this kind.
    [[nodiscard]] double mean(action_kind kind) const {
        auto const k = static_cast<std::size_t>(kind);
        return times_[k] > 0 ? seconds_[k] / static_cast<double>(times_[k]) : 0.0;
    }

private:
    std::array<double, action_kinds> seconds_{}, times_{};
    std::size_t kind_ = 0;
    double since_     = 0;
};

/// Two stages under a schedule; a line.
template <class S>
void measure(bench::report& out, in_memory<float> const& data, long turns, long steps) {
    using partition = mesh<step_of, pipeline<2, S>>;
    threads::launch(2, [&](threads& world) {
        trainer<model_type, partition, threads, checkpoint::none> t{world, {.seed = 7, .learning_rate = 1e-3}};
        for (int i = 0; i < 2; ++i) bench::keep(t.train_step(data));
        std::vector<double> idle, busy_here;
        stop_watch all;
        for (long turn = 0; turn < turns; ++turn) {
            stop_watch watch;
            world.barrier();
            double const seconds = bench::seconds_of([&] {
                for (long i = 0; i < steps; ++i) {
                    bench::keep(t.train_step(data, [&](action const& a) { watch(a), all(a); }));
                    watch.stop(), all.stop();
                }
            });
            double sums[2] = {watch.computing(), seconds};
            world.all_reduce(sums, sums, std::int64_t{2}, sum{});
            idle.push_back(1 - sums[0] / sums[1]);
            busy_here.push_back(watch.computing() / static_cast<double>(steps));
        }
        double mean[4] = {all.mean(action_kind::forward), all.mean(action_kind::backward), all.mean(action_kind::backward_input), all.mean(action_kind::backward_weights)};
        world.all_reduce(mean, mean, std::int64_t{4}, sum{});
        double busy[2] = {world.rank() == 0 ? bench::median(busy_here) : 0.0, world.rank() == 1 ? bench::median(busy_here) : 0.0};
        world.all_reduce(busy, busy, std::int64_t{2}, sum{});
        if (world.rank() != 0) return;
        std::vector<typename partition::plan_type> plans;
        for (int r = 0; r < 2; ++r) plans.push_back(partition::template plan<model_type>(2, r));
        auto const ns = [](double both) { return static_cast<std::int64_t>(both / 2 * 1e9); };
        bool const splits = S::splits_backward;
        action_costs const costs{ns(mean[0]), splits ? ns(mean[2]) : ns(mean[1]), splits ? ns(mean[3]) : 0, 0};
        out.add({{"schedule", std::string{S::name}},
                 {"planned, unit costs", on_clock(plans).idle_share()},
                 {"planned, measured costs", on_clock(plans, costs).idle_share()},
                 {"measured", bench::median(idle)},
                 {"stage 0 computes ms", busy[0] * 1e3},
                 {"stage 1 computes ms", busy[1] * 1e3}});
    });
}

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "Idle share of a pipeline of two stages on two threads, planned and measured; BERT over values, 8 micro-batches of 8 samples.\n"
                          "Needs two free cores.\n"
                          "  --turns N   how often each is run (9)\n"
                          "  --steps N   steps in a turn (10)\n"
                          "  --json      one JSON object a line\n"};
    bool const json  = args.flag("--json");
    long const turns = args.number("--turns", 9), steps = args.number("--steps", 10);
    args.finish();
    bench::report out{args.command(), json};
    auto const data = bench::random_sequences(1024, 32, 9);
    measure<gpipe>(out, data, turns, steps);
    measure<one_f_one_b>(out, data, turns, steps);
    measure<interleaved<2>>(out, data, turns, steps);
    measure<zb_h1>(out, data, turns, steps);
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
// test: --turns 0 --ranks 2
// Two thread ranks that share layers, against two that share the batch and two stages of a pipeline; and what exact<K> costs a rank alone.
#include "train/tensor_layouts.hpp"

#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

using namespace espalier;

/// One rank that computes whole layers, or all slices of them.
static bool measure_alone(bench::report& out, in_memory<float> const& data, bench::layout_options const& o) {
    using halves = data_parallel<lanes<2>, samples<bench::samples_a_step / 2>>;
    bench::timed<self> world{self{}};
    return bench::measure_layouts(world,
                                  {bench::train_under<halves>("one rank", world, data),
                                   bench::train_under<mesh<halves, tensor_parallel<1, exact<2>>>>("one rank, exact<2>", world, data),
                                   bench::train_under<mesh<halves, tensor_parallel<1, exact<4>>>>("one rank, exact<4>", world, data)},
                                  {0}, o, &out);
}

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "A BERT of two layers (128 steps, 768 features, 12 heads), 16 samples a step, on two threads: replicas, stages of a pipeline,\n"
                          "and ranks that share each layer; then the same on one rank, whole and in slices. Needs two free cores. Shares of time in\n"
                          "exchanges and in other messages include waiting for the other rank, and are the mean of both ranks.\n"
                          "  --ranks N   only layouts of 1 or of 2 ranks (0: both)\n" +
                              std::string{bench::layout_options::usage}};
    bool const json = args.flag("--json");
    long const only = args.number("--ranks", 0);
    bench::layout_options const o{args};
    args.finish();
    bench::report out{args.command(), json};
    auto const data = bench::sequences_to_train_on();
    bool same       = true;
    if (only != 1)
        threads::launch(2, [&](threads& real) {
            bench::timed<threads> world{real.split(0, real.rank())};
            bool const here = bench::measure_layouts(world, bench::layouts_of_two_ranks(world, data), {0, 2}, o, world.rank() == 0 ? &out : nullptr);
            if (world.rank() == 0) same = here;
        });
    if (only != 2) same = measure_alone(out, data, o) && same;
    return same ? 0 : 1;
}

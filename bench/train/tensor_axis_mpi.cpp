// SPDX-License-Identifier: BSL-1.0
// test: --turns 0
// Two processes that share layers, against two that share the batch and two stages of a pipeline.
#include "train/tensor_layouts.hpp"

#include <espalier/comm/mpi.hpp>

#include <cstdio>
#include <optional>

using namespace espalier;

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "The layouts of two ranks of train_tensor_axis on processes. Run it under mpirun -n 2; with more it measures nothing.\n" +
                              std::string{bench::layout_options::usage}};
    bool const json = args.flag("--json");
    bench::layout_options const o{args};
    args.finish();
    bool same = true;
    mpi::launch([&](mpi& real) {
        if (real.size() != 2) {
            if (real.rank() == 0) std::fprintf(stderr, "train_tensor_axis_mpi measures two ranks; here are %d: nothing to do.\n", real.size());
            return;
        }
        bench::timed<mpi> world{real.split(0, real.rank())};
        std::optional<bench::report> out;
        if (world.rank() == 0) out.emplace(args.command(), json);
        auto const data = bench::sequences_to_train_on();
        same            = bench::measure_layouts(world, bench::layouts_of_two_ranks(world, data), {0, 2}, o, out ? &*out : nullptr);
    });
    return same ? 0 : 1;
}

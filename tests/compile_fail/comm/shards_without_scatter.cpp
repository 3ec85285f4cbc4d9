// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a communicator that can reduce_scatter in order and all_gather, for shards of ZeRO; got the one named here. Use threads, mpi or self, or add both. See docs/policies/communicator.md.
// expect: scatters_and_gathers<whole, float>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
struct whole : self {
    whole split(int, int) const { return {}; }
};
#else
struct whole : self {
    whole split(int, int) const { return {}; }
    void reduce_scatter() const = delete;
};
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>, zero<1>>, whole, checkpoint::none>;

int main() {
    whole world;
    trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
    t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
}

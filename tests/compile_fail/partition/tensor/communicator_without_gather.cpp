// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a communicator that can reduce to all and to parts in order and gather, also doubles, for a tensor axis; got the one named here. Use threads or mpi, or add all_reduce, reduce_scatter and all_gather. See docs/policies/communicator.md.
// expect: carries_exchanges<adding, float>
#include <espalier/espalier.hpp>

using namespace espalier;

using net       = sequence<linear<2, 8>, relu, linear<8, 1>>;
using partition = mesh<data_parallel<lanes<1>, samples<1>>, tensor_parallel<2>>;

#ifdef ESPALIER_TWIN
struct adding : self {
    adding split(int, int) const { return {}; }
};
#else
struct adding : self {
    adding split(int, int) const { return {}; }
    void all_gather() const = delete;
};
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, adding, checkpoint::none>;

int main() {
    adding world;
    trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
    t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: within: requires a Partition that names no device yet as its second argument; got the type named here. Write within<Device, data_parallel<lanes<8>, samples<32>>>. See docs/policies/partition.md.
// expect: can_be_within<espalier::devices::h100_80gb, espalier::within<espalier::devices::l4_24gb
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using inner = data_parallel<lanes<2>, samples<1>>;
#else
using inner = within<devices::l4_24gb, data_parallel<lanes<2>, samples<1>>>;
#endif

using partition = within<devices::h100_80gb, inner>;
using trained   = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    });
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: tensor_parallel: requires that a layer's slice takes replicated values and gives those sharded by features or partial, or as sharded_inputs takes sharded and gives partial ones; got the layer and the slice named here. Say so by takes_placement and gives_placement. See docs/explanation/tensor-axis.md.
// expect: slice_says_placements<widened, widened::part<1>>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
struct widened : linear<2, 4> {
    template <int K>
    struct part : linear_columns<2, 4, K> {
        using takes_placement = replicated;
        using gives_placement = espalier::sharded<dim::features>;
    };
    template <int K>
    using sharded = part<K>;
};
#else
struct widened : linear<2, 4> {
    template <int K>
    struct part : linear<2, 4 / K> {};
    template <int K>
    using sharded = part<K>;
};
#endif

using net       = sequence<widened, relu, linear<4, 1>>;
using partition = mesh<data_parallel<lanes<1>, samples<1>>, tensor_parallel<2>>;
using trained   = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(2), dims(1), std::vector<float>(2, 1.0f), {3}});
    });
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: tensor_parallel: requires that a layer which exchanges by itself gives a value that every rank has; got the layer and the placement named here. Sum a partial value with p.exchange->sum before it is given. See docs/explanation/tensor-axis.md.
// expect: exchange_is_there<mixing, espalier::partial, espalier::replicated>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
/// Gives the same on every rank.
struct mixing : layer_norm<4> {
    template <class Cut>
    struct on_a_rank : layer_norm<4> {
        using takes_placement = replicated;
        using gives_placement = replicated;
    };
    template <class Cut>
    using sharded_over = on_a_rank<Cut>;
};
#else
/// Gives its rank's summand, and adds nobody's to it.
struct mixing : layer_norm<4> {
    template <class Cut>
    struct on_a_rank : layer_norm<4> {
        using takes_placement = replicated;
        using gives_placement = partial;
    };
    template <class Cut>
    using sharded_over = on_a_rank<Cut>;
};
#endif

using net       = sequence<linear<2, 4>, relu, mixing, linear<4, 1>>;
using partition = mesh<data_parallel<lanes<1>, samples<1>>, tensor_parallel<2>>;
using trained   = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(2), dims(1), std::vector<float>(2, 1.0f), {3}});
    });
}

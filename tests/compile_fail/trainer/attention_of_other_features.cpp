// SPDX-License-Identifier: BSL-1.0
// expect: espalier: sequence: requires that each layer takes what the one before it gives; got the two layers and the shape named here.
// expect: See docs/policies/model.md.
#include <espalier/espalier.hpp>
#include <espalier/nn/first_step.hpp>
#include <espalier/nn/self_attention.hpp>
#include <espalier/nn/value_embedding.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
constexpr int hidden = 8;
#else
constexpr int hidden = 6;
#endif

using net     = sequence<value_embedding<4, 2, 8>, self_attention<hidden, 2>, first_step, linear<hidden, 1>>;
using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](self& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(4, 2), dims(1), std::vector<float>(8, 1.0f), {3}});
    });
}

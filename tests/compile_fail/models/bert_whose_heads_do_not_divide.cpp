// SPDX-License-Identifier: BSL-1.0
// expect: espalier: self_attention: requires heads that divide the hidden features. Write self_attention<768, 12>. See docs/policies/model.md.
// expect: self_attention<24, 5, 2>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
constexpr bert_shape small{.vocabulary = 100, .steps = 8, .hidden = 24, .layers = 2, .heads = 4};
#else
constexpr bert_shape small{.vocabulary = 100, .steps = 8, .hidden = 24, .layers = 2, .heads = 5};
#endif

using trained = trainer<model<bert_classifier<small>, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](self& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(8, 3), dims(1), std::vector<float>(24, 1.0f), {3}});
    });
}

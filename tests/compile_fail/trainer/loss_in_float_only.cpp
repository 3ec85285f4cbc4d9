// SPDX-License-Identifier: BSL-1.0
// expect: espalier: model: requires a Loss as its second argument; got the type named here. Use mean_squared_error or write target and evaluate. See docs/policies/model.md.
// expect: is_loss<distance>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
struct distance : mean_squared_error {
    template <class T>
    static loss_sum evaluate(shape out, std::int64_t batch, T const* y, T const* target, T* dy) {
        return mean_squared_error::evaluate(out, batch, y, target, dy);
    }
};
#else
struct distance : mean_squared_error {
    static loss_sum evaluate(shape out, std::int64_t batch, float const* y, float const* target, float* dy) {
        return mean_squared_error::evaluate(out, batch, y, target, dy);
    }
};
#endif

using trained = trainer<model<net, distance, adamw>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

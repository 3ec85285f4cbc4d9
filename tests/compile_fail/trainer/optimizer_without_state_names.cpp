// SPDX-License-Identifier: BSL-1.0
// expect: espalier: model: requires an Optimizer as its third argument; got the type named here. Use adamw or sgd, or write states, settings and update. See docs/policies/model.md.
// expect: is_optimizer<heavy_ball>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
struct heavy_ball {
    using settings                         = sgd::settings;
    static constexpr int states            = 1;
    static constexpr std::string_view name = "heavy_ball";
    static constexpr std::string_view state_name(int) { return "velocity"; }

    template <class T>
    static void update(settings const& s, update_pass<T> const& p) { sgd::update(s, p); }
};
#else
struct heavy_ball {
    using settings              = sgd::settings;
    static constexpr int states = 1;

    template <class T>
    static void update(settings const& s, update_pass<T> const& p) { sgd::update(s, p); }
};
#endif

using trained = trainer<model<net, mean_squared_error, heavy_ball>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

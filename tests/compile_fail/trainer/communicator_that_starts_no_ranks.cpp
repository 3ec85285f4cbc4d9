// SPDX-License-Identifier: BSL-1.0
// expect: espalier: launch: requires a communicator that starts its own ranks; got one without launch(ranks, f). Start the ranks yourself or give it launch. See docs/policies/communicator.md.
// expect: started_elsewhere
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
struct started_elsewhere : self {
    started_elsewhere split(int, int) const { return {}; }
    template <class F>
    static void launch(int, F&& f) {
        started_elsewhere world;
        f(world);
    }
};
#else
struct started_elsewhere : self {
    started_elsewhere split(int, int) const { return {}; }
    template <class F>
    static void launch(int ranks, F&& f) = delete;
};
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, started_elsewhere, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    });
}

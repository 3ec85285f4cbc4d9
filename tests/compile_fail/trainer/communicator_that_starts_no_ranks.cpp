// SPDX-License-Identifier: BSL-1.0
// expect: espalier: launch: requires a communicator that starts its own ranks; got one without launch(ranks, f)
// expect: See docs/policies/communicator.md.
#include <espalier/espalier.hpp>

using namespace espalier;

struct started_elsewhere : self {
    template <class F>
    static void launch(int ranks, F&& f) = delete;
    started_elsewhere split(int, int) const { return {}; }
};

template <class C>
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, C,
                        checkpoint::none>;

#ifdef ESPALIER_TWIN
using communicator = self;
#else
using communicator = started_elsewhere;
#endif

int main() {
    return launch<trained<communicator>>(1, [](auto& world) {
        trained<communicator> t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}});
    });
}

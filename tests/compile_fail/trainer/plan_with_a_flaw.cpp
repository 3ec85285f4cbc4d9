// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a plan that is proved for every number of ranks
// expect: forgetful, 2, 
// expect: See docs/explanation/plans.md.
#include <espalier/espalier.hpp>

using namespace espalier;

/// A partition whose second rank forgets to reduce: alone it would wait for ever.
struct forgetful : data_parallel<lanes<2>, samples<1>> {
    using base = data_parallel<lanes<2>, samples<1>>;
    template <Model M>
    static constexpr plan_type plan(int ranks, int rank) {
        plan_type p = base::plan<M>(ranks, rank);
        if (rank == 1) {
            p.item[p.count - 2] = p.item[p.count - 1];
            --p.count;
        }
        return p;
    }
};
#ifdef ESPALIER_TWIN
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, data_parallel<lanes<2>, samples<1>>, self, checkpoint::none>;
#else
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, forgetful, self, checkpoint::none>;
#endif

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a plan that is proved for every number of ranks
// expect: waits_for_ever
// expect: stage_stands<1, 
// expect: wait_recv
// expect: See docs/explanation/plans.md.
#include <espalier/espalier.hpp>

using namespace espalier;

/// A pipeline whose first stage forgets to offer its last output: the second waits for it, at compile time.
struct silent : mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2>> {
    using base = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2>>;
    template <Model M>
    static constexpr plan_type plan(int ranks, int rank) {
        plan_type p = base::plan<M>(ranks, rank);
        if (rank != 0) return p;
        int last = -1, kept = 0;
        for (int i = 0; i < p.count; ++i)
            if (p.item[i].kind == action_kind::post_send) last = i;
        for (int i = 0; i < p.count; ++i)
            if (i != last) p.item[kept++] = p.item[i];
        p.count = kept;
        return p;
    }
};
#ifdef ESPALIER_TWIN
using partition = silent::base;
#else
using partition = silent;
#endif
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    });
}

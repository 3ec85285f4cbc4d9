// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a plan that is proved for every number of ranks; got the flaw, rank and action named here. Mend the plan's maker. See docs/explanation/plans.md.
// expect: plan_is_proved<partition, 2, espalier::flaw::waits_for_ever, 1, espalier::detail::stage_stands<1, 9, espalier::action_kind::wait_recv, 0>>
#include <espalier/espalier.hpp>

using namespace espalier;

using net       = sequence<linear<2, 3>, relu, linear<3, 1>>;
using pipelined = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2>>;

#ifdef ESPALIER_TWIN
using partition = pipelined;
#else
/// The first stage forgets to offer its last output: the second waits for it.
struct partition : pipelined {
    template <Model M>
    static constexpr plan_type plan(int ranks, int rank) {
        plan_type p = pipelined::plan<M>(ranks, rank);
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
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    });
}

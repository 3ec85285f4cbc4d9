// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a plan that is proved for every number of ranks; got the flaw, rank and action named here. Mend the plan's maker. See docs/explanation/plans.md.
// expect: plan_is_proved<partition, 2, espalier::flaw::traffic_misstated, 0, espalier::detail::stage_stands<0, -1, espalier::action_kind::clear, -1>>
#include <espalier/espalier.hpp>

using namespace espalier;

using net    = sequence<linear<2, 3>, relu, linear<3, 1>>;
using spread = data_parallel<lanes<2>, samples<1>>;

#ifdef ESPALIER_TWIN
using partition = spread;
#else
/// States that nothing is sent.
struct partition : spread {
    template <Model M>
    static constexpr plan_type plan(int ranks, int rank) {
        plan_type p = spread::plan<M>(ranks, rank);
        p.sent_elements = 0;
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

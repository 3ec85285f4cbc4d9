// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a plan that is proved for every number of ranks; got the flaw, rank and action named here. Mend the plan's maker. See docs/explanation/plans.md.
// expect: 2, espalier::flaw::waits_for_ever, 0, espalier::detail::stage_stands<0, 4, espalier::action_kind::wait_recv, 1>>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
/// Every stage sends all micro-batches before it waits for one to come home.
struct impatient {
    static constexpr std::string_view name = "impatient";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        for (int m = 0; m < micro_batches; ++m) out.add({work::forward, m, 0});
        for (int m = 0; m < micro_batches; ++m) out.add({work::backward, m, 0});
        return out;
    }
};
#else
/// The first stage waits for each micro-batch to come home; the others want all of them first.
struct impatient {
    static constexpr std::string_view name = "impatient";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        if (stage > 0) return gpipe::order<Capacity>(stages, stage, micro_batches);
        for (int m = 0; m < micro_batches; ++m) out.add({work::forward, m, 0}), out.add({work::backward, m, 0});
        return out;
    }
};
#endif

using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2, impatient>>;
using trained   = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

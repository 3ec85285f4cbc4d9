// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a plan that is proved for every number of ranks; got the flaw, rank and action named
// expect: flaw::waits_for_ever, 0,
// expect: stage_stands<0, 12,
// expect: See docs/explanation/plans.md.
#include <espalier/espalier.hpp>

using namespace espalier;

/// The last stage forgets its last backward.
struct forgetful {
    static constexpr std::string_view name = "forgetful";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        out = gpipe::order<Capacity>(stages, stage, micro_batches);
        if (stage == stages - 1) --out.count;
        return out;
    }
};

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2, gpipe>>;
#else
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2, forgetful>>;
#endif
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

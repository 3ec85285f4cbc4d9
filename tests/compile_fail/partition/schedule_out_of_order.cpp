// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a plan that is proved for every number of ranks; got the flaw, rank and action named
// expect: flaw::dirty_buffer, 1,
// expect: See docs/explanation/plans.md.
#include <espalier/espalier.hpp>

using namespace espalier;

/// Backward takes the newest micro-batch first: sums in another order.
struct newest_first {
    static constexpr std::string_view name = "newest first";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        for (int m = 0; m < micro_batches; ++m) out.add({work::forward, m, 0});
        for (int m = micro_batches; m > 0; --m) out.add({work::backward, m - 1, 0});
        return out;
    }
};

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<1>, micro_batches<2>, samples<1>>, pipeline<2, gpipe>>;
#else
using partition = mesh<data_parallel<lanes<1>, micro_batches<2>, samples<1>>, pipeline<2, newest_first>>;
#endif
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

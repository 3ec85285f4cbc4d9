// SPDX-License-Identifier: BSL-1.0
// expect: espalier: pipeline: requires a Schedule as its second argument. Use gpipe, one_f_one_b, interleaved<v> or zb_h1, or write chunks, splits_backward, name and order. See docs/explanation/pipelines.md.
// expect: pipeline<2, no_schedule
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
/// Has an order, and says how many chunks a stage has.
struct no_schedule {
    static constexpr std::string_view name = "none";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        return gpipe::order<Capacity>(stages, stage, micro_batches);
    }
};
#else
/// Has an order, and does not say how many chunks a stage has.
struct no_schedule {
    static constexpr std::string_view name = "none";
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        return gpipe::order<Capacity>(stages, stage, micro_batches);
    }
};
#endif

using partition = mesh<data_parallel<lanes<4>, samples<32>>, pipeline<2, no_schedule>>;

int main() { return partition::max_ranks > 0 ? 0 : 1; }

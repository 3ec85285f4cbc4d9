// SPDX-License-Identifier: BSL-1.0
// expect: espalier: pipeline: requires a Schedule as its second argument
// expect: See docs/explanation/pipelines.md.
#include <espalier/partition/mesh.hpp>

using namespace espalier;

/// Has an order, and does not say how many chunks a stage has.
struct no_schedule {
    static constexpr bool splits_backward = false;
    static constexpr char const* name     = "none";
    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches);
};

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<4>, samples<32>>, pipeline<2, gpipe>>;
#else
using partition = mesh<data_parallel<lanes<4>, samples<32>>, pipeline<2, no_schedule>>;
#endif

int main() { return partition::max_ranks; }

// SPDX-License-Identifier: BSL-1.0
// What a rank does in a step, before anything runs: plans are values that are made, proved and explained without a rank or a
// thread.
//
//     examples/run plans                the plan of rank 1 of 3
//     examples/run plans RANKS RANK     of another
//     examples/run plans RANKS draw     a picture of all ranks, as SVG; docs/pictures/plan.svg is that of two
//
// It prints the plan with all its actions, and returns 1 unless the step is proved for every number of ranks.
//
// test:
#include <espalier/espalier.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

using namespace espalier;

using network_type =
    sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using alice     = model<network_type, mean_squared_error, adamw>;
using partition = data_parallel<lanes<8>, samples<32>>;

// Plans are constant expressions: how many gradient buffers the first of three ranks needs is known to the compiler.
static_assert(partition::plan<alice>(3, 0).gradient_buffers == 2);

int main(int argc, char** argv) {
    int const ranks = argc > 2 ? std::atoi(argv[1]) : 3, rank = argc > 2 ? std::atoi(argv[2]) : 1;
    if (ranks < 1 || ranks > partition::max_ranks || rank < 0 || rank >= ranks) {
        std::cerr << "plans: requires 1 to " << partition::max_ranks << " ranks and one of them\n";
        return 2;
    }
    if (argc > 2 && std::string_view{argv[2]} == "draw") {
        std::vector<partition::plan_type> plans;
        for (int r = 0; r < ranks; ++r) plans.push_back(partition::plan<alice>(ranks, r));
        std::cout << draw(plans);
        return 0;
    }
    std::cout << network<network_type>::tensors.parameters << " parameters in " << network<network_type>::tensors.elements
              << " elements\n"
              << explain(partition::plan<alice>(ranks, rank), {.actions = true});

    for (int n = 1; n <= partition::max_ranks; ++n) {
        verdict const v = prove(n, [&](int r) { return partition::plan<alice>(n, r); });
        if (v.holds()) continue;
        std::cout << n << " ranks: " << name_of(v.what) << " at action " << v.action << " of rank " << v.rank << '\n';
        return 1;
    }
    std::cout << "proved for 1 to " << partition::max_ranks << " ranks\n";
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: pipeline: requires at most as many stages as the network has layers
// expect: 9
// expect: See docs/policies/partition.md.
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;
#ifdef ESPALIER_TWIN
constexpr stage_cut<net, 3> sizes;
#else
constexpr stage_cut<net, 9> sizes;
#endif

int main() { return sizes.first[0]; }

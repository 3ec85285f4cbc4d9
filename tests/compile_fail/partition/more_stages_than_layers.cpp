// SPDX-License-Identifier: BSL-1.0
// expect: espalier: pipeline: requires at most as many stages as the network has layers; got more, see the numbers here. Use fewer stages. See docs/policies/partition.md.
// expect: has_a_layer_for_each_stage<espalier::sequence<espalier::linear<2, 3>, espalier::relu, espalier::linear<3, 1>>, 9>
#include <espalier/nn/activation.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/partition/pipeline/cut.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
constexpr stage_cut<net, 3> cut;
#else
constexpr stage_cut<net, 9> cut;
#endif

int main() { return cut.first[0]; }

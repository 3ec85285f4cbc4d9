// SPDX-License-Identifier: BSL-1.0
// expect: espalier: data_parallel: requires samples<b>. Say how many samples a micro-batch has, such as samples<32>. See docs/policies/partition.md.
// expect: data_parallel<espalier::lanes<4>>
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<4>, samples<8>>, pipeline<2>>;
#else
using partition = mesh<data_parallel<lanes<4>>, pipeline<2>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

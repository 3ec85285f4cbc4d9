// SPDX-License-Identifier: BSL-1.0
// expect: espalier: pipeline: requires at least one stage. Write pipeline<4>. See docs/policies/partition.md.
// expect: pipeline<0
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<4>, samples<32>>, pipeline<1>>;
#else
using partition = mesh<data_parallel<lanes<4>, samples<32>>, pipeline<0>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

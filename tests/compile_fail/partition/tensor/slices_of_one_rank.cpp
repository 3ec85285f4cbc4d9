// SPDX-License-Identifier: BSL-1.0
// expect: espalier: tensor_parallel: requires at most eight slices a rank. Use more ranks, or fewer slices. See docs/policies/partition.md.
// expect: tensor_parallel<1, espalier::exact<16>>
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<4>, samples<8>>, tensor_parallel<2, exact<16>>>;
#else
using partition = mesh<data_parallel<lanes<4>, samples<8>>, tensor_parallel<1, exact<16>>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

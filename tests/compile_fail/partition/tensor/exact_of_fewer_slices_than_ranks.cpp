// SPDX-License-Identifier: BSL-1.0
// expect: espalier: tensor_parallel: requires a number of slices that is a power of two and a multiple of the ranks; it is K of exact<K>, else the number of ranks. Write tensor_parallel<2, exact<4>>. See docs/policies/partition.md.
// expect: tensor_parallel<4, espalier::exact<2>>
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<4>, samples<8>>, tensor_parallel<4, exact<8>>>;
#else
using partition = mesh<data_parallel<lanes<4>, samples<8>>, tensor_parallel<4, exact<2>>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: tensor_parallel: requires exact<K> and sequence_parallel only. Remove other arguments. See docs/policies/partition.md.
// expect: tensor_parallel<2, espalier::relu>
#include <espalier/nn/activation.hpp>
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<4>, samples<8>>, tensor_parallel<2, sequence_parallel>>;
#else
using partition = mesh<data_parallel<lanes<4>, samples<8>>, tensor_parallel<2, relu>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

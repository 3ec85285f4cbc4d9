// SPDX-License-Identifier: BSL-1.0
// expect: espalier: data_parallel: requires lanes<L>, micro_batches<m>, samples<b>, prefetch<n>, zero<s> and buckets<n> only. Remove other arguments. See docs/policies/partition.md.
// expect: data_parallel<espalier::lanes<4>, espalier::samples<32>, espalier::relu>
#include <espalier/nn/activation.hpp>
#include <espalier/partition/data/data_parallel.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, samples<32>>;
#else
using partition = data_parallel<lanes<4>, samples<32>, relu>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

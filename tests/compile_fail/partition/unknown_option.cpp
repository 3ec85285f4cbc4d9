// SPDX-License-Identifier: BSL-1.0
// expect: espalier: data_parallel: requires lanes<L>, micro_batches<m>, samples<b>, prefetch<n>, zero<s> and buckets<n> only
// expect: See docs/policies/partition.md.
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, samples<32>>;
#else
using partition = data_parallel<lanes<4>, samples<32>, relu>;
#endif

int main() { return partition::max_ranks; }

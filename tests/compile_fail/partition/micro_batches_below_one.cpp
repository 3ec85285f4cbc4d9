// SPDX-License-Identifier: BSL-1.0
// expect: espalier: micro_batches: requires at least one. Write micro_batches<1>. See docs/policies/partition.md.
// expect: micro_batches<0>
#include <espalier/partition/data/data_parallel.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, micro_batches<2>, samples<32>>;
#else
using partition = data_parallel<lanes<4>, micro_batches<0>, samples<32>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: prefetch: requires 1 to 16 slots. Write prefetch<2>, or leave it away. See docs/policies/partition.md.
// expect: prefetch<0>
#include <espalier/partition/data/data_parallel.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, samples<32>, prefetch<1>>;
#else
using partition = data_parallel<lanes<4>, samples<32>, prefetch<0>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

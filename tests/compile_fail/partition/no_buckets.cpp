// SPDX-License-Identifier: BSL-1.0
// expect: espalier: buckets: requires at least one. Write buckets<4>, or leave it away. See docs/policies/partition.md.
// expect: buckets<0>
#include <espalier/partition/data/data_parallel.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, samples<32>, buckets<4>>;
#else
using partition = data_parallel<lanes<4>, samples<32>, buckets<0>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

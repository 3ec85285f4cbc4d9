// SPDX-License-Identifier: BSL-1.0
// expect: espalier: zero: requires a stage from 0 to 3. Write zero<1>. See docs/policies/partition.md.
// expect: zero<4>
#include <espalier/partition/data/data_parallel.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, samples<32>, zero<3>>;
#else
using partition = data_parallel<lanes<4>, samples<32>, zero<4>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

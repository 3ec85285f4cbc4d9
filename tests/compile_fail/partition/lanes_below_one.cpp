// SPDX-License-Identifier: BSL-1.0
// expect: espalier: lanes: requires at least one lane. Write lanes<8>. See docs/policies/partition.md.
// expect: lanes<0>
#include <espalier/partition/data/data_parallel.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, samples<32>>;
#else
using partition = data_parallel<lanes<0>, samples<32>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

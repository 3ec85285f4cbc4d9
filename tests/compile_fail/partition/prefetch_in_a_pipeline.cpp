// SPDX-License-Identifier: BSL-1.0
// expect: espalier: mesh: requires that micro-batches are not loaded ahead in a pipeline. Remove prefetch<n>. See docs/policies/partition.md.
// expect: chunked_partition<
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<4>, samples<32>>, pipeline<2>>;
#else
using partition = mesh<data_parallel<lanes<4>, samples<32>, prefetch<2>>, pipeline<2>>;
#endif

int main() { return partition::max_ranks > 0 ? 0 : 1; }

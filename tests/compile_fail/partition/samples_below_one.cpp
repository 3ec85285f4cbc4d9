// SPDX-License-Identifier: BSL-1.0
// expect: espalier: samples: requires at least one sample. Write samples<32>. See docs/policies/partition.md.
// expect: samples<0>
#include <espalier/partition/data/data_parallel.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
samples<32> micro_batch;
#else
samples<0> micro_batch;
#endif

int main() { return static_cast<int>(sizeof(micro_batch)) - 1; }

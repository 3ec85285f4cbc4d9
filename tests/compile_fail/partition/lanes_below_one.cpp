// SPDX-License-Identifier: BSL-1.0
// expect: espalier: lanes: requires at least one lane. Write lanes<8>. See docs/policies/partition.md.
#include <espalier/partition/data/data_parallel.hpp>

#ifdef ESPALIER_TWIN
espalier::lanes<1> some;
#else
espalier::lanes<0> some;
#endif

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: lstm: requires at most 16 slices of its units a rank. Use more ranks, or fewer slices. See docs/policies/partition.md.
// expect: lstm_units<60, 2, 64
#include <espalier/nn/lstm_units.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = lstm_layer<60, 2, 64>::sharded_over<cut_over<2, 32, false>>;
#else
using part = lstm_layer<60, 2, 64>::sharded_over<cut_over<1, 32, false>>;
#endif

int main() { return part::takes(dims(60, 2)) ? 0 : 1; }

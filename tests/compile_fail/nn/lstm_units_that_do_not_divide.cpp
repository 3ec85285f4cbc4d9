// SPDX-License-Identifier: BSL-1.0
// expect: espalier: lstm: requires units that the slices of the tensor axis divide. Change units, or the slices. See docs/policies/partition.md.
// expect: lstm_units<60, 2, 50
#include <espalier/nn/lstm_units.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = lstm_layer<60, 2, 52>::sharded_over<cut_over<2, 4, false>>;
#else
using part = lstm_layer<60, 2, 50>::sharded_over<cut_over<2, 4, false>>;
#endif

int main() { return part::takes(dims(60, 2)) ? 0 : 1; }

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: lstm: requires steps, inputs and units above 0. Set all three in lstm_shape. See docs/policies/model.md.
// expect: lstm_layer<60, 2, 0>
#include <espalier/nn/lstm.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = element_t<0, lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>::elements>;
#else
using part = element_t<0, lstm<lstm_shape{.steps = 60, .inputs = 2}>::elements>;
#endif

int main() { return part::takes(dims(60, 2)) ? 0 : 1; }

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: layer_norm: requires at least one feature. Write layer_norm<features>. See docs/policies/model.md.
// expect: layer_norm<0
#include <espalier/nn/layer_norm.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = layer_norm<768>;
#else
using part = layer_norm<0>;
#endif

int main() { return part::takes(dims(768)) ? 0 : 1; }

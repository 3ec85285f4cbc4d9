// SPDX-License-Identifier: BSL-1.0
// expect: espalier: layer_norm: requires an epsilon above 0. Write layer_norm<features, variance_floor{1e-5f}>. See docs/policies/model.md.
// expect: layer_norm<768
#include <espalier/nn/layer_norm.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = layer_norm<768, variance_floor{1e-12f}>;
#else
using part = layer_norm<768, variance_floor{0.0f}>;
#endif

int main() { return part::takes(dims(768)) ? 0 : 1; }

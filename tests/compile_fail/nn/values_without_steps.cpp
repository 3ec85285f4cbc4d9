// SPDX-License-Identifier: BSL-1.0
// expect: espalier: value_embedding: requires steps, features and hidden features above 0. Set them all. See docs/policies/model.md.
// expect: value_embedding<0, 2, 64>
#include <espalier/nn/value_embedding.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = value_embedding<60, 2, 64>;
#else
using part = value_embedding<0, 2, 64>;
#endif

int main() { return part::takes(dims(60, 2)) ? 0 : 1; }

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: dropout: requires a probability from 0 up to, not including, 1. Write dropout<probability{0.1f}>. See docs/policies/model.md.
// expect g++: dropout<espalier::probability{1.0e+0f}>
// expect clang++: dropout<{1.000000e+00}>
#include <espalier/nn/dropout.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = dropout<probability{0.1f}>;
#else
using part = dropout<probability{1.0f}>;
#endif

int main() { return part::takes(dims(2)) ? 0 : 1; }

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: huber: requires a threshold above 0. Write huber<threshold{1.0f}>. See docs/policies/model.md.
// expect g++: huber<espalier::threshold{0.0f}>
// expect clang++: huber<{0.000000e+00}>
#include <espalier/nn/loss.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = huber<threshold{0.5f}>;
#else
using part = huber<threshold{0.0f}>;
#endif

int main() { return part::target(dims(1)) == dims(1) ? 0 : 1; }

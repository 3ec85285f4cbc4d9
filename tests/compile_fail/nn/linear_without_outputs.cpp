// SPDX-License-Identifier: BSL-1.0
// expect: espalier: linear: requires at least one input and one output. Write linear<inputs, outputs>. See docs/policies/model.md.
// expect: linear<50, 0>
#include <espalier/nn/linear.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = linear<50, 1>;
#else
using part = linear<50, 0>;
#endif

int main() { return part::takes(dims(50)) ? 0 : 1; }

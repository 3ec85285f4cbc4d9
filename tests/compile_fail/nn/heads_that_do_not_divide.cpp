// SPDX-License-Identifier: BSL-1.0
// expect: espalier: self_attention: requires heads that divide the hidden features. Write self_attention<768, 12>. See docs/policies/model.md.
// expect: self_attention<768, 10
#include <espalier/nn/self_attention.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = self_attention<768, 12>;
#else
using part = self_attention<768, 10>;
#endif

int main() { return part::takes(dims(128, 768)) ? 0 : 1; }

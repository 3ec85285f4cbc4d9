// SPDX-License-Identifier: BSL-1.0
// expect: espalier: self_attention: requires heads that divide the hidden features. Write self_attention<768, 12>.
// expect: See docs/policies/model.md.
#include <espalier/nn/self_attention.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using layer = self_attention<8, 2>;
#else
using layer = self_attention<8, 3>;
#endif

int main() { return layer::takes(dims(6, 8)) ? 0 : 1; }

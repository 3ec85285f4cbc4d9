// SPDX-License-Identifier: BSL-1.0
// expect: espalier: token_embedding: requires a vocabulary, steps, hidden features and segments above 0. Set them all.
// expect: See docs/policies/model.md.
#include <espalier/nn/token_embedding.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using layer = token_embedding<100, 8, 16>;
#else
using layer = token_embedding<0, 8, 16>;
#endif

int main() { return layer::takes(dims(8, 3)) ? 0 : 1; }

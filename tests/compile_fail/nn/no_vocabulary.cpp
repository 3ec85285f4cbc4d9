// SPDX-License-Identifier: BSL-1.0
// expect: espalier: token_embedding: requires a vocabulary, steps, hidden features and segments above 0. Set them all. See docs/policies/model.md.
// expect: token_embedding<0, 128, 768
#include <espalier/nn/token_embedding.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = token_embedding<30522, 128, 768>;
#else
using part = token_embedding<0, 128, 768>;
#endif

int main() { return part::takes(dims(128, 3)) ? 0 : 1; }

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: token_embedding: requires a vocabulary of at most 2^24 tokens, which are exact in float. See docs/policies/model.md.
// expect: token_embedding<20000000, 128, 768
#include <espalier/nn/token_embedding.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using part = token_embedding<16'000'000, 128, 768>;
#else
using part = token_embedding<20'000'000, 128, 768>;
#endif

int main() { return part::takes(dims(128, 3)) ? 0 : 1; }

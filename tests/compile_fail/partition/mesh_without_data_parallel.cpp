// SPDX-License-Identifier: BSL-1.0
// expect: espalier: mesh: requires data_parallel and at most one pipeline beside it; got the axes named here.
// expect: See docs/policies/partition.md.
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
mesh<pipeline<4>, data_parallel<lanes<8>, samples<32>>> partition;
#else
mesh<pipeline<4>> partition;
#endif

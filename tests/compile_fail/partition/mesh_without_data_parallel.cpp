// SPDX-License-Identifier: BSL-1.0
// expect: espalier: mesh: requires data_parallel and at most one pipeline and one tensor_parallel beside it; got the axes named here. Write mesh<data_parallel<lanes<8>, samples<32>>, pipeline<4>, tensor_parallel<2>>. See docs/policies/partition.md.
// expect: mesh_of<espalier::pipeline<4
#include <espalier/partition/mesh.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<8>, samples<32>>, pipeline<4>>;
#else
using partition = mesh<pipeline<4>>;
#endif

int main() { return sizeof(partition) > 0 ? 0 : 1; }

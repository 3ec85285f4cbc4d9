// SPDX-License-Identifier: BSL-1.0
// expect: espalier: interleaved: requires at least one chunk a stage. Use interleaved<2>. See docs/explanation/pipelines.md.
// expect: interleaved<0>
#include <espalier/partition/pipeline/schedules/interleaved.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using schedule = interleaved<2>;
#else
using schedule = interleaved<0>;
#endif

int main() { return schedule::splits_backward ? 1 : 0; }

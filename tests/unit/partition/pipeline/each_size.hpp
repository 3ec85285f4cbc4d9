// SPDX-License-Identifier: BSL-1.0
/// @file
/// The sizes that tests of schedules go through, and the schedules that are shipped, by type.
#pragma once

#include <espalier/partition/pipeline/schedules/gpipe.hpp>
#include <espalier/partition/pipeline/schedules/interleaved.hpp>
#include <espalier/partition/pipeline/schedules/zb_h1.hpp>

namespace espalier_test {

/// Calls f(stages, micro_batches) for P 1 … 8 and M 1 … 32: M below P, primes and what does not divide are among them.
template <class F>
void each_size(F&& f) {
    for (int stages = 1; stages <= 8; ++stages)
        for (int micro_batches = 1; micro_batches <= 32; ++micro_batches) f(stages, micro_batches);
}

/// Calls f.operator()<S>() for the shipped schedules, interleaved with 1 … 4 chunks.
template <class F>
void each_schedule(F&& f) {
    f.template operator()<espalier::gpipe>();
    f.template operator()<espalier::one_f_one_b>();
    f.template operator()<espalier::interleaved<1>>();
    f.template operator()<espalier::interleaved<2>>();
    f.template operator()<espalier::interleaved<3>>();
    f.template operator()<espalier::interleaved<4>>();
    f.template operator()<espalier::zb_h1>();
}

} // namespace espalier_test

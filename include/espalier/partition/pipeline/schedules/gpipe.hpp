// SPDX-License-Identifier: BSL-1.0
/// @file
/// GPipe: all forwards, then all backwards. It is the simplest order, and the one that holds the most.
#pragma once

#include <espalier/partition/pipeline/schedule.hpp>

namespace espalier {

/// Every stage computes all micro-batches forward, then all of them backward.
/// Use it to compare with; `one_f_one_b` takes the same time and holds P micro-batches a stage instead of M.
/// ```
///   P = 3, M = 4        stage 0   F0 F1 F2 F3 .  .  .  .  .  .  B0B0 B1B1 B2B2 B3B3
///                       stage 1   .  F0 F1 F2 F3 .  .  .  B0B0 B1B1 B2B2 B3B3
///                       stage 2   .  .  F0 F1 F2 F3 B0B0 B1B1 B2B2 B3B3
/// ```
/// @par Cost      idle (P − 1)(F + B) a stage, with F and B the time of a stage; every stage holds M micro-batches
/// @par Source    Huang 2019, GPipe, section 2.3. Micro-batches go backward in rising order here, in the paper in falling order.
struct gpipe {
    static constexpr std::string_view name = "GPipe";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    [[nodiscard]] static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        for (int m = 0; m < micro_batches; ++m) out.add({work::forward, m, 0});
        for (int m = 0; m < micro_batches; ++m) out.add({work::backward, m, 0});
        return out;
    }
};

} // namespace espalier

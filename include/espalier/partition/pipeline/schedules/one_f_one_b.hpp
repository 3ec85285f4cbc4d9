// SPDX-License-Identifier: BSL-1.0
/// @file
/// 1F1B: as soon as a stage can go backward, it alternates. It takes the time of GPipe and holds P micro-batches at most.
#pragma once

#include <espalier/partition/pipeline/schedule.hpp>

#include <algorithm>

namespace espalier {

/// Stage s computes P − 1 − s micro-batches forward, then alternates one forward, one backward, then ends with the backwards
/// that are left. Begin with this one: no shipped schedule holds less or sends less. Where idle time is too long and M cannot be
/// raised, take `interleaved<v>` or `zb_h1`.
/// ```
///   P = 3, M = 4        stage 0   F0 F1 F2 .  .  .  .  B0B0 F3 B1B1 .  B2B2 .  B3B3
///                       stage 1   .  F0 F1 .  .  B0B0 F2 B1B1 F3 B2B2 .  B3B3
///                       stage 2   .  .  F0 B0B0 F1 B1B1 F2 B2B2 F3 B3B3
/// ```
/// @par Cost      idle (P − 1)(F + B) a stage, with F and B the time of a stage; stage s holds min(P − s, M) micro-batches
/// @par Source    Narayanan 2019, PipeDream, section 3.2, with the flush of Narayanan 2021, section 2.2.1. Works for M < P too.
struct one_f_one_b {
    static constexpr std::string_view name = "1F1B";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    [[nodiscard]] static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        int const ahead = std::min(stages - 1 - stage, micro_batches);
        for (int m = 0; m < ahead; ++m) out.add({work::forward, m, 0});
        for (int m = 0; m < micro_batches; ++m) {
            if (m + ahead < micro_batches) out.add({work::forward, m + ahead, 0});
            out.add({work::backward, m, 0});
        }
        return out;
    }
};

} // namespace espalier

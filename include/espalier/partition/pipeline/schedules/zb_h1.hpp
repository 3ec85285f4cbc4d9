// SPDX-License-Identifier: BSL-1.0
/// @file
/// ZB-H1: backward in two parts, of which the one that nobody waits for fills the time in which 1F1B is idle.
/// It holds what the first stage of 1F1B holds, on every stage.
#pragma once

#include <espalier/partition/pipeline/schedule.hpp>

#include <algorithm>

namespace espalier {

/// The order of `one_f_one_b`, with the gradients of the weights computed s micro-batches after those of the input on stage s.
/// Use it where idle time is long and every stage has the memory of the first.
/// ```
///   P = 3, M = 4        stage 0   F0 F1 F2 .  .  B0 W0 F3 B1 W1 B2 W2 B3 W3
///                       stage 1   .  F0 F1 .  B0 F2 B1 W0 F3 B2 W1 B3 W2 W3
///                       stage 2   .  .  F0 B0 F1 B1 F2 B2 W0 F3 B3 W1 W2 W3
/// ```
/// @par Cost      idle (P − 1)(F + B − W) a stage where M ≥ P and F = B = W; B is the part for the input alone. Every
///                stage holds min(P, M) micro-batches
/// @par Source    Qi 2023, Zero bubble pipeline parallelism, section 2.1; made for every M here, M < P too
struct zb_h1 {
    static constexpr std::string_view name = "ZB-H1";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = true;

    template <int Capacity>
    [[nodiscard]] static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        int const ahead = std::min(stages - 1 - stage, micro_batches);
        for (int m = 0; m < ahead; ++m) out.add({work::forward, m, 0});
        for (int m = 0; m < micro_batches; ++m) {
            if (m + ahead < micro_batches) out.add({work::forward, m + ahead, 0});
            out.add({work::backward_input, m, 0});
            if (m >= stage) out.add({work::backward_weights, m - stage, 0});
        }
        for (int m = std::max(0, micro_batches - stage); m < micro_batches; ++m) out.add({work::backward_weights, m, 0});
        return out;
    }
};

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interleaved 1F1B: a stage holds v chunks that lie P apart in the network, and is idle for a v-th of the time of 1F1B.
/// It costs v times the messages, and more is held.
#pragma once

#include <espalier/partition/pipeline/schedules/one_f_one_b.hpp>

namespace espalier {

/// Micro-batches come in groups of P; a group passes a stage's chunks one after the other, forward from chunk 0 up, backward from
/// chunk v − 1 down. Use it where M is not much larger than P and messages are cheap. `interleaved<1>` is `one_f_one_b`.
/// ```
///   P = 2, v = 2, M = 2        stage 0   f0 f1 F0 F1 .  .  B0B0 .  B1B1 b0b0 b1b1        f, b: chunk 0
///                              stage 1   .  f0 f1 F0 B0B0 F1 B1B1 b0b0 b1b1              F, B: chunk 1
///
///   the k-th forward (k-th backward), k = 0 … v·N − 1 with N = ⌈M/P⌉·P:
///   micro-batch ⌊k/(P·v)⌋·P + k mod P, chunk ⌊(k mod P·v)/P⌋ (v − 1 − that); 2(P − 1 − s) + (v − 1)P forwards are ahead
/// ```
/// Where P does not divide M, this is the order of N micro-batches without those that do not exist: what is left of an order that
/// ends ends too. Where there is one stage, a micro-batch goes forward through all chunks and then backward.
/// @par Cost      idle (P − 1)(F + B)/v a stage where P divides M, more where it does not
/// @par Source    Narayanan 2021, section 2.2.2; as many forwards are ahead as in its code; there P divides M.
template <int Chunks>
struct interleaved {
    static_assert(
        Chunks >= 1,
        "espalier: interleaved: requires at least one chunk a stage. Use interleaved<2>. See docs/explanation/pipelines.md.");

    static constexpr std::string_view name = "interleaved 1F1B";
    static constexpr int chunks            = Chunks;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    [[nodiscard]] static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        if constexpr (Chunks == 1) return one_f_one_b::order<Capacity>(stages, stage, micro_batches);
        check_stage(stages, stage, micro_batches);
        return stages == 1 ? one_after_the_other<Capacity>(micro_batches) : in_groups<Capacity>(stages, stage, micro_batches);
    }

private:
    template <int Capacity>
    [[nodiscard]] static constexpr stage_order<Capacity> one_after_the_other(int micro_batches) {
        stage_order<Capacity> out;
        for (int m = 0; m < micro_batches; ++m) {
            for (int c = 0; c < Chunks; ++c) out.add({work::forward, m, c});
            for (int c = Chunks - 1; c >= 0; --c) out.add({work::backward, m, c});
        }
        return out;
    }

    template <int Capacity>
    [[nodiscard]] static constexpr stage_order<Capacity> in_groups(int stages, int stage, int micro_batches) {
        stage_order<Capacity> out;
        int const group    = stages * Chunks;
        int const forwards = (micro_batches + stages - 1) / stages * group;
        int const ahead    = std::min(2 * (stages - 1 - stage) + (Chunks - 1) * stages, forwards);
        auto const add     = [&](work kind, int k) {
            int const m = k / group * stages + k % stages, c = k % group / stages;
            if (m < micro_batches) out.add({kind, m, kind == work::forward ? c : Chunks - 1 - c});
        };
        for (int k = 0; k < ahead; ++k) add(work::forward, k);
        for (int k = 0; k < forwards; ++k) {
            if (k + ahead < forwards) add(work::forward, k + ahead);
            add(work::backward, k);
        }
        return out;
    }
};

} // namespace espalier

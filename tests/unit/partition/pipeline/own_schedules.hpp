// SPDX-License-Identifier: BSL-1.0
/// @file
/// Schedules that a user could write: a slow one, one that deadlocks for some sizes, and flawed ones.
#pragma once

#include <espalier/partition/pipeline/schedules/gpipe.hpp>

#include <algorithm>

namespace espalier_test {

/// Forward and backward of one micro-batch after the other: nothing overlaps.
struct one_at_a_time {
    static constexpr std::string_view name = "one at a time";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr espalier::stage_order<Capacity> order(int, int, int micro_batches) {
        espalier::stage_order<Capacity> out;
        for (int m = 0; m < micro_batches; ++m) {
            out.add({espalier::work::forward, m, 0});
            out.add({espalier::work::backward, m, 0});
        }
        return out;
    }
};

/// Interleaving with a last group of M mod P micro-batches: the natural thing to write, and wrong.
template <int Chunks>
struct remainder_group {
    static constexpr std::string_view name = "remainder group";
    static constexpr int chunks            = Chunks;
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr espalier::stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        espalier::task forward[Capacity] = {};
        int count              = 0;
        for (int first = 0; first < micro_batches; first += stages)
            for (int c = 0; c < Chunks; ++c)
                for (int m = first; m < std::min(first + stages, micro_batches); ++m) forward[count++] = {espalier::work::forward, m, c};
        int const ahead = std::min(2 * (stages - 1 - stage) + (Chunks - 1) * stages, count);
        espalier::stage_order<Capacity> out;
        for (int k = 0; k < ahead; ++k) out.add(forward[k]);
        for (int k = 0; k < count; ++k) {
            if (k + ahead < count) out.add(forward[k + ahead]);
            out.add({espalier::work::backward, forward[k].micro_batch, Chunks - 1 - forward[k].chunk});
        }
        return out;
    }
};

/// GPipe with another task in place of its task `At`, or without its last one where At is −1.
template <int At, espalier::work Kind, int MicroBatch, int Chunk>
struct with_another_task {
    static constexpr std::string_view name = "flawed";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr espalier::stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        auto out = espalier::gpipe::order<Capacity>(stages, stage, micro_batches);
        if constexpr (At >= 0) out.item[At] = {Kind, MicroBatch, Chunk};
        else --out.count;
        return out;
    }
};

} // namespace espalier_test

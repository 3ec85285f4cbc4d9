// SPDX-License-Identifier: BSL-1.0
/// @file
/// Schedules that a user could write: one of docs/explanation/pipelines.md, one that deadlocks for some sizes, and flawed ones.
#pragma once

#include <espalier/partition/pipeline/schedules/gpipe.hpp>
#include <espalier/partition/pipeline/simulate.hpp>

#include <algorithm>

namespace espalier_test {

using namespace espalier;

/// 1F1B that never holds more than `Most` micro-batches on a stage, and waits instead.
template <int Most>
struct held_at_most {
    static constexpr std::string_view name = "1F1B that holds little";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;

    template <int Capacity>
    [[nodiscard]] static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        check_stage(stages, stage, micro_batches);
        stage_order<Capacity> out;
        int const ahead = std::min({stages - 1 - stage, Most - 1, micro_batches});
        for (int m = 0; m < ahead; ++m) out.add({work::forward, m, 0});
        for (int m = 0; m < micro_batches; ++m) {
            if (m + ahead < micro_batches) out.add({work::forward, m + ahead, 0});
            out.add({work::backward, m, 0});
        }
        return out;
    }
};
static_assert(Schedule<held_at_most<2>> && simulate<held_at_most<2>>(4, 8).finishes);

/// Interleaving with a last group of M mod P micro-batches: the natural thing to write, and wrong.
template <int Chunks>
struct remainder_group {
    static constexpr std::string_view name = "remainder group";
    static constexpr int chunks            = Chunks;
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        task forward[Capacity] = {};
        int count              = 0;
        for (int first = 0; first < micro_batches; first += stages)
            for (int c = 0; c < Chunks; ++c)
                for (int m = first; m < std::min(first + stages, micro_batches); ++m) forward[count++] = {work::forward, m, c};
        int const ahead = std::min(2 * (stages - 1 - stage) + (Chunks - 1) * stages, count);
        stage_order<Capacity> out;
        for (int k = 0; k < ahead; ++k) out.add(forward[k]);
        for (int k = 0; k < count; ++k) {
            if (k + ahead < count) out.add(forward[k + ahead]);
            out.add({work::backward, forward[k].micro_batch, Chunks - 1 - forward[k].chunk});
        }
        return out;
    }
};

/// GPipe with another task in place of its task `At`, or without its last one where At is −1.
template <int At, work Kind, int MicroBatch, int Chunk>
struct with_another_task {
    static constexpr std::string_view name = "flawed";
    static constexpr int chunks            = 1;
    static constexpr bool splits_backward  = false;
    template <int Capacity>
    static constexpr stage_order<Capacity> order(int stages, int stage, int micro_batches) {
        auto out = gpipe::order<Capacity>(stages, stage, micro_batches);
        if constexpr (At >= 0)
            out.item[At] = {Kind, MicroBatch, Chunk};
        else
            --out.count;
        return out;
    }
};

} // namespace espalier_test

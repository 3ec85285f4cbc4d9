// SPDX-License-Identifier: BSL-1.0
/// @file
/// Runs the plans of all ranks together, a thread each, over channels that hold nothing, on words instead of numbers: independent of the
/// proof, which it judges. Pipelines, and ranks that compute several chunks; replicas with one chunk: plan_oracle.hpp.
#pragma once

#include "support/rendezvous_rank.hpp"

#include <memory>
#include <thread>

namespace espalier_test {

/// How a run ended.
struct run_outcome {
    std::string failure;  ///< empty: the step was computed as one rank alone computes it

    [[nodiscard]] bool is_good() const { return failure.empty(); }
};

enum class sends : bool { wait_later, block };

/// A run is good if no rank hangs; none breaks a rule of plans; nothing is in flight at the end; and each rank updates once, with the sums,
/// word for word, that one rank alone computes, and then holds the parameters that the next step reads.
///
/// The rules: from a post to its wait the memory belongs to the message, and is not written, nor read where it is received; a second
/// post in a direction comes after the wait for the first; a wait has a post; both ends have the same size; from the
/// post of a reduction to its wait nobody touches the chunk's gradients, and a group posts in one order; a rank loads its own
/// samples; slots, boxes and buffers exist; a computation makes a word that the lone rank makes, also where nobody uses it; a reduction
/// leaves nothing in a chunk's buffers but the sum; the ranks of a tensor axis exchange within a computation, as often as an action right before
/// it says, which names it. Whatever keeps them is right: to compute something twice, say, or to load it early.
/// @param blocking   whether a send waits at its post until it is taken
template <class Plan>
[[nodiscard]] run_outcome rendezvous_run(std::vector<Plan> const& plans, sends blocking = sends::wait_later) {
    std::vector<chunk_exchanges> exchanges(static_cast<std::size_t>(plans[0].all_chunks));
    for (Plan const& p : plans)
        for (int c = 0; c < p.chunks; ++c)
            for (int direction : {0, 1}) exchanges[static_cast<std::size_t>(p.chunk[c].number)].of[direction] = p.chunk[c].exchanges[direction] > 0;
    lone_rank const lone{std::move(exchanges), plans[0].tensor_ranks, plans[0].lanes, plans[0].micro_batches};
    rendezvous_floor floor{static_cast<int>(plans.size())};
    std::vector<std::unique_ptr<rendezvous_rank<Plan>>> rank;
    std::vector<rendezvous_rank<Plan>*> world;
    for (Plan const& p : plans) world.push_back(rank.emplace_back(std::make_unique<rendezvous_rank<Plan>>(p, floor, lone)).get());
    std::vector<std::thread> threads;
    for (rendezvous_rank<Plan>* r : world)
        threads.emplace_back([&world, r, blocking] {
            try {
                r->run(world, blocking == sends::block);
            } catch (run_failed const&) {
            }
        });
    for (std::thread& t : threads) t.join();
    if (!floor.failure().empty()) return {floor.failure()};
    for (rendezvous_rank<Plan>* r : world)
        if (!r->ends_well()) return {"another sum than that of one rank alone"};
    return {};
}

}  // namespace espalier_test

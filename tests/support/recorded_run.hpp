// SPDX-License-Identifier: BSL-1.0
/// @file
/// A whole training run on thread ranks, with everything that a test of layouts wants to know about it.
#pragma once

#include "support/counting.hpp"

#include <espalier/espalier.hpp>

#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace espalier_test {

/// What a run showed.
struct recorded_run {
    std::string hash;                            ///< of the weights on rank 0
    std::vector<std::string> hashes;             ///< of every rank
    double first_loss = 0, last_loss = 0;        ///< over a fixed part of the data, before and after
    std::vector<double> losses;                  ///< of the first 50 steps, on rank 0
    bool actions_equal_plans = true;             ///< every rank's recorded actions, every step
    bool elements_equal_plans = true;            ///< every rank's counted elements against its plan
    std::int64_t sent = 0;                       ///< by all ranks, counted
};

/// The first `n` samples of a data set.
template <class Data>
struct first_samples {
    Data const& data;
    std::int64_t n;
    [[nodiscard]] std::int64_t size() const { return n < data.size() ? n : data.size(); }
    [[nodiscard]] espalier::shape input() const { return data.input(); }
    [[nodiscard]] espalier::shape target() const { return data.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        data.gather(samples, x, y);
    }
};

/// The same of one rank, as bytes that can travel.
struct rank_record {
    char hash[33] = {};
    double first_loss = 0, last_loss = 0;
    double losses[50] = {};
    bool actions_equal_plan = true, elements_equal_plan = true;
    std::int64_t sent = 0;
};

/// Trains `steps` steps as one rank of a counting world.
template <class M, class Partition, class World, class Data>
[[nodiscard]] rank_record record_rank(World& world, Data const& data, std::uint64_t seed, std::int64_t steps, double rate = 1e-3, double clip_norm = 0) {
    using namespace espalier;
    trainer<M, Partition, World, checkpoint::none> t{world, {.seed = seed, .learning_rate = rate, .clip_norm = clip_norm}};
    auto const& plan = t.plan();
    first_samples<Data> const judged{data, 4096};
    rank_record record;
    record.first_loss = t.evaluate(judged).loss;
    for (std::int64_t s = 0; s < steps; ++s) {
        int next                  = 0;
        std::int64_t const before = world.sent().total();
        auto const outcome = t.train_step(data, [&](action const& a) {
            record.actions_equal_plan = record.actions_equal_plan && next < plan.count && a == plan.item[next];
            ++next;
        });
        if (s < 50) record.losses[s] = outcome.loss;
        std::int64_t const sent    = world.sent().total() - before;
        record.actions_equal_plan  = record.actions_equal_plan && next == plan.count;
        record.elements_equal_plan = record.elements_equal_plan && sent == plan.sent_elements;
        record.sent += sent;
    }
    record.last_loss = t.evaluate(judged).loss;
    auto const hash  = checkpoint::weights_hash(t.weights());
    hash.copy(record.hash, hash.size());
    return record;
}

/// What all ranks showed together.
[[nodiscard]] inline recorded_run merged(std::span<rank_record const> ranks) {
    recorded_run run;
    for (auto const& r : ranks) {
        run.hashes.emplace_back(r.hash);
        run.actions_equal_plans  = run.actions_equal_plans && r.actions_equal_plan;
        run.elements_equal_plans = run.elements_equal_plans && r.elements_equal_plan;
        run.sent += r.sent;
    }
    run.hash       = run.hashes[0];
    run.first_loss = ranks[0].first_loss;
    run.last_loss  = ranks[0].last_loss;
    run.losses.assign(std::begin(ranks[0].losses), std::end(ranks[0].losses));
    return run;
}

/// Trains `steps` steps on `ranks` counting thread ranks.
template <class M, class Partition, class Data>
[[nodiscard]] recorded_run run_recorded(int ranks, Data const& data, std::uint64_t seed, std::int64_t steps) {
    using namespace espalier;
    using world_type = counting<threads>;
    std::vector<rank_record> records(static_cast<std::size_t>(ranks));
    launch<trainer<M, Partition, world_type, checkpoint::none>>(ranks, [&](world_type& world) {
        records[static_cast<std::size_t>(world.rank())] = record_rank<M, Partition>(world, data, seed, steps);
    });
    return merged(records);
}

}  // namespace espalier_test

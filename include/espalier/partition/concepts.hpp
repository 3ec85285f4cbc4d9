// SPDX-License-Identifier: BSL-1.0
/// @file
/// The Partition policy: how a step is cut over ranks, as a pure function to plans.
#pragma once

#include <espalier/models/model.hpp>
#include <espalier/partition/plan/prove.hpp>

#include <concepts>

namespace espalier {

/// A partition for a model: gives every rank's plan for every number of ranks from 1 to `max_ranks`, at compile time or at run time.
/// What it gives is proved before it is run (prove.hpp). See docs/policies/partition.md for how to write one.
template <class P, class M>
concept Partition = Model<M> && requires(int ranks, int rank) {
    typename P::plan_type;
    { P::max_ranks } -> std::convertible_to<int>;
    { P::batch } -> std::convertible_to<std::int64_t>;  // samples of a micro-batch
    { P::plan_capacity } -> std::convertible_to<int>;   // actions that a plan has room for
    { P::template plan<M>(ranks, rank) } -> std::same_as<typename P::plan_type>;
    { P::check_ranks(ranks) } -> std::same_as<void>;
};

}  // namespace espalier

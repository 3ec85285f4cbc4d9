// SPDX-License-Identifier: BSL-1.0
/// @file
/// The trainer: four policies composed. What a rank does in a step is in replica.hpp, what is checked in check_composition.hpp.
#pragma once

#include <espalier/train/detail/check_composition.hpp>
#include <espalier/train/detail/rejected_trainer.hpp>
#include <espalier/train/detail/trainer_body.hpp>

#include <type_traits>

namespace espalier {

/// Trains `M`, cut by `Partition`, its messages carried by `Communicator`, its state kept by `CheckpointPlace`.
/// Construct one on every rank inside `launch<trainer<…>>(ranks, f)`. See detail/trainer_body.hpp for the members.
/// The four arguments are checked one after the other; the first that does not fit gives one line.
/// @par Ranks     constructor, resume, fit, evaluate and save are collective; all ranks call them in the same order
template <class M, class Partition, class Communicator, class CheckpointPlace>
class trainer : public std::conditional_t<detail::composition_fits<M, Partition, Communicator, CheckpointPlace>,
                                          detail::trainer_body_of<M, Partition, Communicator, CheckpointPlace>,
                                          detail::rejected_trainer_of<Communicator>>::type {
    using base = typename std::conditional_t<detail::composition_fits<M, Partition, Communicator, CheckpointPlace>,
                                             detail::trainer_body_of<M, Partition, Communicator, CheckpointPlace>,
                                             detail::rejected_trainer_of<Communicator>>::type;
    [[no_unique_address]] detail::composition_check<M, Partition, Communicator, CheckpointPlace> check_;

public:
    using base::base;
};

}  // namespace espalier

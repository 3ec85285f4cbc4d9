// SPDX-License-Identifier: BSL-1.0
/// @file
/// The weights of a run's newest sound checkpoint, for those who predict with them and do not train.
/// A trainer that goes on from a checkpoint reads more than the weights, by `resume`.
#pragma once

#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/weights.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace espalier::checkpoint {

/// Weights that were taken out of a checkpoint.
struct kept_weights {
    std::int64_t step = 0;                ///< of the checkpoint
    bool are_best     = false;            ///< the best by validation, not those of that step
    std::vector<std::byte> bytes;         ///< a safetensors file
    std::vector<std::string> passed_over; ///< what is wrong with later checkpoints
};

/// Reads the weights of a network from the newest sound checkpoint, whatever number of ranks wrote it: the best by validation where
/// the run kept them, else those of its last step.
/// @par Ranks     local
/// @throws bad_checkpoint where there is no checkpoint, none is sound, or it is of another network
template <class Network, class T = float, CheckpointPlace P>
[[nodiscard]] kept_weights newest_weights(P const& place) {
    auto const found = newest_sound(place);
    if (!found)
        throw bad_checkpoint{{.entity   = "newest_weights",
                              .required = "a checkpoint",
                              .got      = "a place that holds none",
                              .fix      = "Check the folder, or train first",
                              .page     = "policies/checkpoint.md"}};
    std::string const best = "best.";
    std::vector<T> weights(static_cast<std::size_t>(network<Network>::tensors.elements));
    auto const tensors  = tensors_of<Network>(weights.data());
    bool const are_best = found->contents.tensors.contains(best + tensors.front().name);
    std::vector<wanted_piece> wanted;
    for (named_tensor const& t : tensors)
        wanted.push_back({are_best ? best + t.name : t.name, t.extents, t.type, whole(t.extents),
                          {const_cast<std::byte*>(t.bytes.data()), t.bytes.size()}}); // `weights`, which is ours
    load_state(place, found->contents, wanted);
    return {found->step, are_best, to_safetensors(tensors), found->passed_over};
}

} // namespace espalier::checkpoint

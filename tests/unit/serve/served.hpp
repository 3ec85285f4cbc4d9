// SPDX-License-Identifier: BSL-1.0
/// @file
/// Weights of a network as the bytes of a safetensors file, which a predictor reads.
#pragma once

#include <espalier/serve/predictor.hpp>

#include <cstddef>
#include <vector>

namespace espalier_test {

template <class Network>
class served {
public:
    /// @param weights as they lie in the network's flat array
    template <class T>
    explicit served(T const* weights)
        : bytes_{espalier::checkpoint::to_safetensors(espalier::checkpoint::tensors_of<Network>(weights))} {}

    /// Refers to this object's bytes.
    [[nodiscard]] espalier::checkpoint::safetensors_view view() const {
        return espalier::checkpoint::safetensors_view::parse(bytes_, "weights");
    }

private:
    std::vector<std::byte> bytes_;
};

}  // namespace espalier_test

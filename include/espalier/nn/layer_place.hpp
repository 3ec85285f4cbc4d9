// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the layers of a chain lie in its parameters and activations: the table, as plain numbers.
/// How it follows from the layers is in chain.hpp.
#pragma once

#include <espalier/core/shape.hpp>

#include <cstdint>

namespace espalier {

/// `n` rounded up to a multiple of 16 elements (64 bytes of float), so that what follows is aligned. The same for every scalar:
/// an offset in elements does not depend on the precision.
[[nodiscard]] constexpr std::int64_t aligned_elements(std::int64_t n) noexcept { return (n + 15) / 16 * 16; }

/// Where one layer of a chain lies. Offsets are in elements: parameters from the start of the chain's parameters, the output
/// and what is kept from the start of the chain's activations.
struct layer_place {
    static constexpr int max_parameters = 128;

    shape in                            = {};
    shape out                           = {};
    int first_parameter                 = 0;   ///< in the chain's list of parameters
    int parameter_count                 = 0;
    std::int64_t offset[max_parameters] = {};  ///< of each parameter, from the chain's first
    std::int64_t output                 = 0;
    std::int64_t kept                   = 0;
    std::int64_t scratch                = 0;   ///< elements that a call of this layer needs
    std::int64_t retained               = 0;   ///< where the gradient of its output stays between the two parts of backward
};

/// Everything that follows from (layers, input shape, batch): pure arithmetic, usable at compile time.
template <int Layers>
struct chain_places {
    layer_place item[Layers > 0 ? Layers : 1] = {};
    std::int64_t parameter_elements  = 0;  ///< each parameter padded to the alignment
    std::int64_t activation_elements = 0;  ///< outputs and kept values of all layers
    std::int64_t signal_elements[2]  = {};  ///< gradients of outputs on the way back, which two buffers take in turn: [0] begins with the last
    std::int64_t retained_elements   = 0;  ///< gradients of all outputs, side by side: where backward comes in two parts
    std::int64_t scratch_elements    = 0;  ///< the largest of any layer
    int parameters                   = 0;
};

}  // namespace espalier

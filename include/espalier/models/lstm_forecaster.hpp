// SPDX-License-Identifier: BSL-1.0
/// @file
/// The LSTM forecaster: a recurrent network over a window, its last state, one linear head.
#pragma once

#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/sequence.hpp>

namespace espalier {

/// From a window of `Shape.steps` steps to `Outputs` values. Its weights travel to and from a PyTorch module with
/// `self.lstm = nn.LSTM(..., batch_first=True)` and `self.head = nn.Linear(units, outputs)`: the names and layouts are the same.
/// @par Shapes    x (T,I); y (Outputs)
template <lstm_shape Shape, std::int64_t Outputs = 1>
using lstm_forecaster = sequence<named<text{"lstm"}, lstm<lstm_shape{Shape.steps, Shape.inputs, Shape.units, Shape.layers}>>, last_step,
                                 named<text{"head"}, linear<Shape.units, Outputs>>>;

}  // namespace espalier

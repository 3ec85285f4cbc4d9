// SPDX-License-Identifier: BSL-1.0
/// @file
/// A model small enough that the memory and traffic of its plans can be counted by hand; the counting stands here.
/// It is never run.
#pragma once

#include <espalier/models/model.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/optim/adamw.hpp>

namespace espalier_test {

/// Three steps of two features, four units, one output. In elements, each tensor padded to 16:
/// ```
///   weight_ih (16,2) 32   weight_hh (16,4) 64   two biases (16) 32   weight (1,4) 16   bias (1) 16
///   together 160, of which 133 are trained
/// ```
using tiny_network = espalier::sequence<espalier::lstm<espalier::lstm_shape{.steps = 3, .inputs = 2, .units = 4}>,
                                        espalier::last_step, espalier::linear<4, 1>>;
template <class Precision = espalier::fp32>
using tiny_model = espalier::model<tiny_network, espalier::mean_squared_error, espalier::adamw, Precision>;

}  // namespace espalier_test

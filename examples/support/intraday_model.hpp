// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the intraday examples learn: the features of a minute, the network, the loss and the optimizer. Training and forecasting
/// include it, so that they cannot disagree.
#pragma once

#include <espalier/espalier.hpp>

namespace example {

using namespace espalier;

/// What is seen of each minute. Add one, and change .inputs below: the gaps between the parts of the data follow.
using intraday_features = features<log_return, log_volume>;

/// Sixty one-minute bars in, the return five minutes ahead out.
using intraday_network = sequence<lstm<lstm_shape{.steps = 60, .inputs = intraday_features::count, .units = 50}>, last_step, linear<50, 32>,
                                  relu, linear<32, 1>>;
using intraday_model   = model<intraday_network, mean_squared_error, adamw>;

} // namespace example

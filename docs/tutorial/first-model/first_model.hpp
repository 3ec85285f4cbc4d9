// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <espalier/espalier.hpp>

using namespace espalier;

// What is seen of each minute, and what is learned from sixty of them: the return five minutes ahead.
using seen         = features<log_return, relative_volume<30>, time_of_day>;
using network_type = sequence<lstm<lstm_shape{.steps = 60, .inputs = seen::count, .units = 32}>, last_step, linear<32, 1>>;
using first_model  = model<network_type, mean_squared_error, adamw>;

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: forecaster: requires a network whose input has as many features as Features. See docs/howto/own-features.md.
// expect: forecaster<espalier::model<espalier::sequence<espalier::named<
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = lstm_forecaster<lstm_shape{.steps = 60, .inputs = default_features::count, .units = 8}>;
#else
using net = lstm_forecaster<lstm_shape{.steps = 60, .inputs = 7, .units = 8}>;
#endif

using served = forecaster<model<net, mean_squared_error, adamw>>;

served load(checkpoint::safetensors_view const& weights, window_scaling const& scaling) { return {weights, scaling}; }

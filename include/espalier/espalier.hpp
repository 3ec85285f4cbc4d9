// SPDX-License-Identifier: BSL-1.0
/// @file
/// The umbrella: everything that needs a C++20 compiler and the core dependencies alone. A policy with a dependency of its own is
/// included by name.
#pragma once

#include <espalier/core/bf16.hpp>
#include <espalier/core/call_site.hpp>
#include <espalier/core/config.hpp>
#include <espalier/core/error.hpp>
#include <espalier/core/lane_tree.hpp>
#include <espalier/core/permutation.hpp>
#include <espalier/core/philox.hpp>
#include <espalier/core/shape.hpp>
#include <espalier/core/text.hpp>
#include <espalier/core/type_list.hpp>

#include <espalier/memory/buffer.hpp>
#include <espalier/memory/space.hpp>

#include <espalier/data/bootstrap.hpp>
#include <espalier/data/clean.hpp>
#include <espalier/data/feature_stream.hpp>
#include <espalier/data/forecast.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/data/market.hpp>
#include <espalier/data/market_features.hpp>
#include <espalier/data/read_bars.hpp>
#include <espalier/data/session.hpp>
#include <espalier/data/window_scaling.hpp>
#include <espalier/data/windows.hpp>

#include <espalier/math/backend.hpp>

#include <espalier/optim/adamw.hpp>
#include <espalier/optim/lamb.hpp>
#include <espalier/optim/precision.hpp>
#include <espalier/optim/sgd.hpp>

#include <espalier/nn/activation.hpp>
#include <espalier/nn/cross_entropy.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/first_step.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/layer_norm.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/recompute.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/self_attention.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/nn/token_embedding.hpp>
#include <espalier/nn/value_embedding.hpp>

#include <espalier/models/bert.hpp>
#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/models/model.hpp>

#include <espalier/comm/launch.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/device.hpp>
#include <espalier/partition/mesh.hpp>
#include <espalier/partition/pipeline/cut.hpp>
#include <espalier/partition/plan/draw.hpp>
#include <espalier/partition/plan/explain.hpp>
#include <espalier/partition/plan/prove.hpp>

#include <espalier/checkpoint/deal.hpp>
#include <espalier/checkpoint/directory.hpp>
#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/memory.hpp>
#include <espalier/checkpoint/newest_weights.hpp>
#include <espalier/checkpoint/none.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/checkpoint/weights.hpp>

#include <espalier/observe/metrics_csv.hpp>
#include <espalier/observe/progress.hpp>
#include <espalier/observe/report.hpp>

#include <espalier/train/batch_scaling.hpp>
#include <espalier/train/learning_rate.hpp>
#include <espalier/train/plan_for.hpp>
#include <espalier/train/stop_on_signal.hpp>
#include <espalier/train/sweep.hpp>
#include <espalier/train/trainer.hpp>

#include <espalier/serve/forecaster.hpp>
#include <espalier/serve/forecasts.hpp>
#include <espalier/serve/predictor.hpp>
#include <espalier/serve/scaling_file.hpp>

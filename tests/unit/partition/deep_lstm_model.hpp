// SPDX-License-Identifier: BSL-1.0
/// @file
/// A model with layers enough for a pipeline, and the layouts of it whose pictures stand in the documents: those of examples/plans.cpp.
#pragma once

#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/models/model.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/mesh.hpp>

#include <vector>

namespace espalier_test {

/// Eight layers of 128 units over 20 steps, and a head: ten elements to cut between.
using deep_model = espalier::model<espalier::lstm_forecaster<espalier::lstm_shape{.steps = 20, .inputs = 2, .units = 128, .layers = 8}>,
                                   espalier::mean_squared_error, espalier::adamw>;

template <class Schedule, class... More>
using deep_pipeline = espalier::mesh<espalier::data_parallel<espalier::lanes<8>, espalier::samples<8>, More...>, espalier::pipeline<4, Schedule>>;
template <int Stage>
using deep_shards = espalier::data_parallel<espalier::lanes<4>, espalier::samples<8>, espalier::zero<Stage>, espalier::buckets<4>>;

/// The plans of all ranks.
template <class Partition, class Model = deep_model>
std::vector<typename Partition::plan_type> plans_on(int ranks) {
    std::vector<typename Partition::plan_type> plans;
    for (int r = 0; r < ranks; ++r) plans.push_back(Partition::template plan<Model>(ranks, r));
    return plans;
}

}  // namespace espalier_test

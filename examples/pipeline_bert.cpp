// SPDX-License-Identifier: BSL-1.0
// Trains a BERT over a panel of daily series on the layout that is named: one rank, replicas with or without shards, pipelines of three
// schedules, meshes. All are compiled and proved here; the weights have the same bits on each.
//
//     examples/run pipeline_bert                                        a pipeline of two stages, simulated series
//     examples/run pipeline_bert --layout mesh --data DIR --epochs 4    two replicas of two stages, files of daily series
//     examples/run pipeline_bert --layouts                              what there is to choose from
//
// It prints the data, a line for each rank's plan, the losses beside a naive forecast, and last the hash of the weights.
// --draw FILE.svg draws who does what when. Checkpoints below runs/pipeline_bert (--run) go on under any other layout.
//
// test: --layout 1f1b --steps 3 --fresh --run pipeline_bert_test --draw pipeline_bert_test.svg
// test: --layout mesh --steps 6 --run pipeline_bert_test
#include "support/bert_layouts.hpp"

using namespace espalier;
using example::train_bert;

namespace {

// How it is cut: a step is 8 lanes of 8 samples, whatever the layout.
template <class... More>
using replicas = data_parallel<lanes<8>, samples<8>, More...>;
template <int P, class Schedule, class... More>
using staged = mesh<replicas<More...>, pipeline<P, Schedule>>;

std::vector<example::bert_layout> const layouts{
    {"data", "replicas that share the step; one rank alone is the plainest of all", 2, train_bert<replicas<>>},
    {"zero3", "replicas that keep shards of parameters, gradients and optimizer state, in four buckets", 2, train_bert<replicas<zero<3>, buckets<4>>>},
    {"1f1b", "a pipeline: one forward, one backward", 2, train_bert<staged<2, one_f_one_b>>},
    {"interleaved", "a pipeline of two chunks a stage", 2, train_bert<staged<2, interleaved<2>>>},
    {"zb-h1", "a pipeline of four stages with gradients of weights in its idle time", 4, train_bert<staged<4, zb_h1>>},
    {"mesh", "two replicas of a pipeline of two stages, optimizer state in shards", 4, train_bert<staged<2, one_f_one_b, zero<1>>>},
};

} // namespace

int main(int argc, char** argv) { return example::run_bert("pipeline_bert", argc, argv, layouts, "1f1b"); }

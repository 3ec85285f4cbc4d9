// SPDX-License-Identifier: BSL-1.0
// Trains a BERT over a panel of daily series whose layers are cut across ranks: heads, features between two products, steps between them, beside
// replicas and stages of a pipeline. Every layout computes the same four slices, so the weights have the same bits on each.
//
//     examples/run tensor_bert                                        two ranks share each layer
//     examples/run tensor_bert --layout mesh --data DIR --epochs 4    eight ranks: two replicas of two stages of two ranks
//     examples/run tensor_bert --layouts                              what there is to choose from
//
// It prints the data, a line for each rank's plan, the losses beside a naive forecast, and last the hash of the weights.
// --draw FILE.svg draws who does what when. Checkpoints below runs/tensor_bert (--run) go on under any other layout.
//
// test: --layout whole --steps 3 --fresh --run tensor_bert_test
// test: --layout mesh --steps 6 --run tensor_bert_test --draw tensor_bert_test.svg
#include "support/bert_layouts.hpp"

using namespace espalier;
using example::train_bert;

namespace {

// How it is cut: a step is 4 lanes of 16 samples, and each layer four slices, whatever the layout.
template <class... More>
using replicas = data_parallel<lanes<4>, samples<16>, More...>;
template <int T, class... More>
using shared_by = tensor_parallel<T, exact<4>, More...>;

std::vector<example::bert_layout> const layouts{
    {"whole", "one rank that computes all four slices", 1, train_bert<mesh<replicas<>, shared_by<1>>>},
    {"tensor2", "two ranks share each layer", 2, train_bert<mesh<replicas<>, shared_by<2>>>},
    {"tensor4", "four ranks share each layer", 4, train_bert<mesh<replicas<>, shared_by<4>>>},
    {"sequence", "between the layers that they share, each of two ranks has its own steps", 2, train_bert<mesh<replicas<>, shared_by<2, sequence_parallel>>>},
    {"stages", "a pipeline of two stages of two ranks each", 4, train_bert<mesh<replicas<>, pipeline<2>, shared_by<2>>>},
    {"mesh", "two replicas of such a pipeline, steps apart, optimizer state in shards", 8,
     train_bert<mesh<replicas<zero<1>>, pipeline<2>, shared_by<2, sequence_parallel>>>},
};

} // namespace

int main(int argc, char** argv) { return example::run_bert("tensor_bert", argc, argv, layouts, "tensor2"); }

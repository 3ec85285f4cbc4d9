// SPDX-License-Identifier: BSL-1.0
// PyTorch's numbers for a small BERT over tokens and one over real values: one batch, the output, the gradients, five AdamW steps.
#include "support/catch.hpp"
#include "support/data.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/checkpoint/weights.hpp>
#include <espalier/comm/launch.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/models/bert.hpp>
#include <espalier/nn/cross_entropy.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/train/trainer.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace espalier;

namespace {

/// A reference file, the network that it is of, and what its batch is as one array.
struct classifier_case {
    using network_type = bert_classifier<bert_shape{.vocabulary = 100, .steps = 16, .hidden = 32, .layers = 4, .heads = 4, .classes = 3}>;
    using loss_type    = cross_entropy;
    static constexpr char const* file_name = "bert_small.safetensors";

    template <class T>
    static in_memory<T> data(checkpoint::safetensors_view const& file) {
        auto const read = [&](char const* name) { return file.read<std::int64_t>(name); };
        auto const id = read("input.x"), segment = read("input.segment"), mask = read("input.mask"), target = read("input.target");
        std::vector<T> x;
        for (std::size_t i = 0; i < id.size(); ++i)
            for (std::int64_t const n : {id[i], segment[i], mask[i]}) x.push_back(static_cast<T>(n));
        return {dims(16, 3), dims(1), std::move(x), std::vector<T>(target.begin(), target.end())};
    }
};
struct regressor_case {
    using network_type = bert_regressor<bert_shape{.features = 24, .steps = 32, .hidden = 32, .layers = 2, .heads = 4}>;
    using loss_type    = mean_squared_error;
    static constexpr char const* file_name = "macro_small.safetensors";

    template <class T>
    static in_memory<T> data(checkpoint::safetensors_view const& file) {
        return {dims(32, 24), dims(1), file.read<T>("input.x"), file.read<T>("input.target")};
    }
};
constexpr int batch = 4;

/// Every tensor of `mine` (laid out as the network's parameters) within relative·‖reference‖ + 1e-7·‖all‖ of the file's.
template <class Network, class T>
void close_by_tensor(T const* mine, checkpoint::safetensors_view const& file, std::string const& prefix, double relative) {
    auto const& table = network<Network>::tensors;
    double whole      = 0;
    for (int i = 0; i < table.count; ++i) {
        auto const b = file.read<double>(prefix + std::string{table.item[i].name.view()});
        whole += std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
    }
    for (int i = 0; i < table.count; ++i) {
        std::string const name = prefix + std::string{table.item[i].name.view()};
        auto const expected    = file.read<double>(name);
        double error = 0, size = 0;
        for (std::size_t k = 0; k < expected.size(); ++k) {
            double const d = static_cast<double>(mine[table.item[i].offset + static_cast<std::int64_t>(k)]) - expected[k];
            error += d * d, size += expected[k] * expected[k];
        }
        INFO(name << ": distance " << std::sqrt(error) << ", size " << std::sqrt(size));
        CHECK(std::sqrt(error) <= relative * std::sqrt(size) + 1e-7 * std::sqrt(whole));
    }
}

/// Output and gradients at the initial weights.
template <class Case, class T>
void agrees_at_the_start(checkpoint::safetensors_file const& file, in_memory<T> const& data) {
    using net = network<typename Case::network_type>;
    std::vector<T> weights(net::tensors.elements), gradients(net::tensors.elements, T{0});
    checkpoint::read_tensors<typename Case::network_type>(file, weights.data(), "init.");
    auto const in_file = file.tensors();
    CHECK(std::count_if(in_file.begin(), in_file.end(), [](auto const& t) { return t.name.rfind("init.", 0) == 0; }) == net::tensors.count);
    typename net::chain::template bound<T> chain{net::input, batch, direction::forward_and_backward};
    auto const& places = chain.layout();
    auto const room    = [](std::int64_t n) { return std::vector<T>(static_cast<std::size_t>(n)); };
    auto activations = room(places.activation_elements), scratch = room(places.scratch_elements), first = room(places.signal_elements[0]),
         second = room(places.signal_elements[1]), x = room(net::input.elements() * batch), target = room(batch);
    std::int64_t const all[batch] = {0, 1, 2, 3};
    data.gather(std::span<std::int64_t const>{all}, x.data(), target.data());
    chain.pack(weights.data());
    T const* out      = chain.forward(weights.data(), x.data(), activations.data(), scratch.data(), sampling{}, net::keys.value);
    auto const wanted = file.template read<double>("output.y");
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::abs(static_cast<double>(out[i]) - wanted[i]) < 1e-5);
    auto const loss = Case::loss_type::evaluate(net::output, batch, out, target.data(), first.data());
    CHECK(loss.weight == batch);
    chain.backward(weights.data(), gradients.data(), x.data(), activations.data(), scratch.data(), {first.data(), second.data()}, nullptr, sampling{},
                   net::keys.value);
    for (T& g : gradients) g /= static_cast<T>(loss.weight);
    close_by_tensor<typename Case::network_type>(gradients.data(), file, "grad.", 1e-4);
}

/// Five updates by the trainer, on the same batch each step.
template <class Case, class Precision>
void agrees_with_the_reference() {
    using T = typename Precision::scalar;
    checkpoint::safetensors_file const file{espalier_test::require_reference(Case::file_name)};
    auto const data = Case::template data<T>(file);
    agrees_at_the_start<Case>(file, data);

    using trainer_type = trainer<model<typename Case::network_type, typename Case::loss_type, adamw, Precision>, data_parallel<lanes<1>, samples<batch>>, self,
                                 checkpoint::none>;
    auto const losses  = file.template read<double>("output.loss");
    launch<trainer_type>(1, [&](self& world) {
        trainer_type t{world, {.learning_rate = 1e-3, .optimizer = {.weight_decay = 0.01}}};
        std::vector<checkpoint::named_tensor> initial;
        for (auto tensor : file.tensors())
            if (tensor.name.rfind("init.", 0) == 0) tensor.name = tensor.name.substr(5), initial.push_back(tensor);
        auto const bytes = checkpoint::to_safetensors(initial, {});
        t.set_weights(checkpoint::safetensors_view::parse(bytes, "initial weights"));
        for (std::size_t s = 0; s + 1 < losses.size(); ++s) CHECK(std::abs(t.train_step(data).loss - losses[s]) < 1e-5);
        CHECK(std::abs(t.evaluate(data).loss - losses.back()) < 1e-5);
        auto const final_weights = t.weights();
        close_by_tensor<typename Case::network_type>(reinterpret_cast<T const*>(final_weights[0].bytes.data()), file, "final.", 1e-5);
    });
}

}  // namespace

TEST_CASE("BERT over tokens, some of them padding, gives PyTorch's outputs, gradients, losses and weights in float", "[data]") {
    agrees_with_the_reference<classifier_case, fp32>();
}
TEST_CASE("BERT over tokens, some of them padding, gives PyTorch's outputs, gradients, losses and weights in double", "[data]") {
    agrees_with_the_reference<classifier_case, fp64>();
}
TEST_CASE("BERT over real values gives PyTorch's outputs, gradients, losses and weights in float", "[data]") {
    agrees_with_the_reference<regressor_case, fp32>();
}
TEST_CASE("BERT over real values gives PyTorch's outputs, gradients, losses and weights in double", "[data]") {
    agrees_with_the_reference<regressor_case, fp64>();
}

// SPDX-License-Identifier: BSL-1.0
// PyTorch's numbers for a small LSTM forecaster: one batch, the output, the gradients, five AdamW steps.
#include "support/catch.hpp"
#include "support/data.hpp"

#include <espalier/espalier.hpp>

#include <cmath>
#include <numeric>

using namespace espalier;

namespace {

using network_type = lstm_forecaster<lstm_shape{.steps = 20, .inputs = 5, .units = 32, .layers = 2}>;
constexpr int batch = 8;

/// ‖a − b‖ and ‖b‖ of one tensor.
struct distance {
    double error = 0, size = 0;
};
template <class T>
distance between(T const* a, std::vector<double> const& b) {
    distance d;
    for (std::size_t i = 0; i < b.size(); ++i) {
        d.error += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
        d.size += b[i] * b[i];
    }
    return {std::sqrt(d.error), std::sqrt(d.size)};
}

/// Every tensor of `mine` (laid out as the network's parameters) within relative·‖reference‖ + 1e-7·‖all‖ of the file's.
template <class T>
void close_by_tensor(T const* mine, checkpoint::safetensors_view const& file, std::string const& prefix, double relative) {
    auto const& table = network<network_type>::tensors;
    double whole      = 0;
    for (int i = 0; i < table.count; ++i) {
        auto const b = file.read<double>(prefix + std::string{table.item[i].name.view()});
        whole += std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
    }
    for (int i = 0; i < table.count; ++i) {
        std::string const name = prefix + std::string{table.item[i].name.view()};
        auto const d           = between(mine + table.item[i].offset, file.read<double>(name));
        INFO(name << ": distance " << d.error << ", size " << d.size);
        CHECK(d.error <= relative * d.size + 1e-7 * std::sqrt(whole));
    }
}

/// A checkpoint holds the names of the network; the reference file puts "init." before them.
checkpoint::safetensors_file reference() {
    return checkpoint::safetensors_file{espalier_test::require_reference("lstm_small.safetensors")};
}

template <class Precision>
void agrees_with_the_reference() {
    using T    = typename Precision::scalar;
    using net  = network<network_type>;
    auto const file = reference();
    auto const x    = file.template read<T>("input.x");
    auto const y    = file.template read<T>("input.target");

    // Output and gradients at the initial weights.
    std::vector<T> weights(net::tensors.elements), gradients(net::tensors.elements, T{0});
    checkpoint::read_tensors<network_type>(file, weights.data(), "init.");
    typename net::chain::template bound<T> chain{net::input, batch, direction::forward_and_backward};
    auto const& places = chain.layout();
    std::vector<T> activations(static_cast<std::size_t>(places.activation_elements)), scratch(static_cast<std::size_t>(places.scratch_elements));
    std::vector<T> first(static_cast<std::size_t>(places.signal_elements[0])), second(static_cast<std::size_t>(places.signal_elements[1])), in(x.size()), target(y.size());
    in_memory<T> const data{dims(20, 5), dims(1), x, y};
    std::vector<std::int64_t> all(batch);
    std::iota(all.begin(), all.end(), 0);
    data.gather(std::span<std::int64_t const>{all}, in.data(), target.data());
    chain.pack(weights.data());
    T const* out = chain.forward(weights.data(), in.data(), activations.data(), scratch.data(), sampling{}, net::keys.value);
    auto const wanted = file.template read<double>("output.y");
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::abs(static_cast<double>(out[i]) - wanted[i]) < 1e-5);
    auto const loss = mean_squared_error::evaluate(net::output, batch, out, target.data(), first.data());
    chain.backward(weights.data(), gradients.data(), in.data(), activations.data(), scratch.data(), {first.data(), second.data()}, nullptr,
                   sampling{}, net::keys.value);
    for (T& g : gradients) g /= static_cast<T>(loss.weight);
    close_by_tensor(gradients.data(), file, "grad.", 1e-4);

    // Five updates by the trainer, on the same batch each step.
    using trained      = model<network_type, mean_squared_error, adamw, Precision>;
    using trainer_type = trainer<trained, data_parallel<lanes<1>, samples<batch>>, self, checkpoint::none>;
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
        close_by_tensor(reinterpret_cast<T const*>(final_weights[0].bytes.data()), file, "final.", 1e-5);
    });
}

}  // namespace

TEST_CASE("the LSTM forecaster gives PyTorch's outputs, gradients, losses and weights in float", "[data]") {
    agrees_with_the_reference<fp32>();
}

TEST_CASE("the LSTM forecaster gives PyTorch's outputs, gradients, losses and weights in double", "[data]") {
    agrees_with_the_reference<fp64>();
}

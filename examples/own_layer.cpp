// SPDX-License-Identifier: BSL-1.0
// A layer of one's own: a gain for each feature. Shapes and parameters are told at compile time; storage is handed in.
//
//     examples/run own_layer
//
// It lets the layer learn a linear map together with a linear layer, prints the losses, and returns 1 unless the map is found.
//
// test:
#include <espalier/espalier.hpp>

#include <iostream>

using namespace espalier;

/// y = w ∘ x over the innermost dim.
/// @par Shapes    x (…,Features); weight (Features); y (…,Features)
template <std::int64_t Features>
struct gain {
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank >= 1 && in.features() == Features; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in; }
    [[nodiscard]] static constexpr parameter_list<1> parameters(shape) noexcept {
        return {{{text{"weight"}, dims(Features), initial_value::ones()}}};
    }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        T const* const w = p.weight(0);
        for (std::int64_t row = 0; row < p.in.rows() * p.batch; ++row)
            for (std::int64_t f = 0; f < Features; ++f) p.y[row * Features + f] = w[f] * p.x[row * Features + f];
    }

    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        T const* const w = p.weight(0);
        T* const dw      = p.gradient(0); // add to it: it holds the sum over the lane's earlier micro-batches
        for (std::int64_t row = 0; row < p.in.rows() * p.batch; ++row)
            for (std::int64_t f = 0; f < Features; ++f) dw[f] += p.dy[row * Features + f] * p.x[row * Features + f];
        if (p.dx == nullptr) return; // the first layer: nobody wants it
        for (std::int64_t row = 0; row < p.in.rows() * p.batch; ++row)
            for (std::int64_t f = 0; f < Features; ++f) p.dx[row * Features + f] = w[f] * p.dy[row * Features + f];
    }
};
static_assert(Layer<gain<3>>);

// With a fixed gain the linear layer alone would do; with a fixed linear layer no gain would: both must be given right gradients.
using net_type   = sequence<linear<3, 3>, named<text{"gain"}, gain<3>>>;
using trained    = model<net_type, mean_squared_error, sgd>;
using trainer_of = trainer<trained, data_parallel<lanes<2>, samples<16>>, threads, checkpoint::none>;

int main() {
    std::vector<float> x, y;
    random_key const key{1, "data"};
    for (std::uint64_t i = 0; i < 256; ++i) {
        float in[3];
        for (int f = 0; f < 3; ++f) x.push_back(in[f] = 2 * to_unit(key.at(i).word[f]) - 1);
        for (float out : {in[0] - 2 * in[1], 0.5f * in[2], in[0] + in[1] + in[2]}) y.push_back(out);
    }
    in_memory<float> const data{dims(3), dims(3), std::move(x), std::move(y)};

    double before = 0, after = 1;
    launch<trainer_of>(2, [&](auto& world) {
        trainer_of t{world, {.seed = 3, .learning_rate = 0.05}};
        double const first = t.evaluate(data).loss;
        t.fit(data, {.epochs = 100});
        double const last = t.evaluate(data).loss;
        if (world.rank() == 0) before = first, after = last;
    });
    std::cout << "mean squared error " << before << " -> " << after << '\n';
    return after < 1e-6 ? 0 : 1;
}

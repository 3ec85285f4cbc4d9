// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a layer is: the concept, the description of its parameters, and what it is handed when it runs.
/// Layers themselves are one file each beside this one; how they are strung together is in chain.hpp.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/core/philox.hpp>
#include <espalier/core/shape.hpp>
#include <espalier/core/text.hpp>
#include <espalier/nn/exchange.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace espalier {

/// How a parameter starts. The value of an element depends on the seed, the tensor's name and the element's index alone.
struct initial_value {
    enum class kind { zeros, ones, uniform, normal } distribution = kind::zeros;
    double scale = 0;  ///< uniform: drawn from [−scale, scale); normal: standard deviation

    [[nodiscard]] static constexpr initial_value zeros() noexcept { return {kind::zeros, 0}; }
    [[nodiscard]] static constexpr initial_value ones() noexcept { return {kind::ones, 0}; }
    [[nodiscard]] static constexpr initial_value uniform(double scale) noexcept { return {kind::uniform, scale}; }
    [[nodiscard]] static constexpr initial_value normal(double scale) noexcept { return {kind::normal, scale}; }
};

namespace detail {
/// 1/√n at compile time, to the last bit but one: Newton's iteration from above.
[[nodiscard]] constexpr double inverse_root(std::int64_t n) noexcept {
    double root = static_cast<double>(n) > 1 ? static_cast<double>(n) : 1.0;
    for (int i = 0; i < 64; ++i) root = 0.5 * (root + static_cast<double>(n) / root);
    return 1.0 / root;
}
}  // namespace detail

/// Of which tensor a parameter is a part. A dim of the tensor consists of `groups` equal runs, each of which is cut into `slices` parts; the
/// parameter is one part of every run, so the four gates of a recurrent unit stay together:
/// ```
///   dim of 4 groups · 6 units, 3 slices        slice 1:   g0 [2,4)   g1 [2,4)   g2 [2,4)   g3 [2,4)
/// ```
/// Where `slices` does not divide a run, its parts are rounded up, and what the last ones have beyond its end stays zero.
struct parameter_cut {
    int slices  = 1;   ///< 1: the parameter is the whole tensor
    int slice   = 0;   ///< counted from the rank's first
    int along   = 0;   ///< the dim
    int groups  = 1;
    shape whole = {};  ///< the tensor's extents
};

/// One named parameter of a layer. A '#' in the name stands for the layer's ordinal in a group ("weight_ih_l#").
struct parameter {
    text name           = {};
    shape extents       = {};
    initial_value start = {};
    parameter_cut cut   = {};
};

/// The parameters of a layer, in the order in which it addresses them.
template <int N>
struct parameter_list {
    static constexpr int count = N;
    parameter item[N > 0 ? N : 1];
};

/// What random numbers of a pass depend on. With `training` false a layer draws none.
struct sampling {
    std::uint64_t seed        = 0;
    std::int64_t step         = 0;
    std::int64_t first_sample = 0;  ///< the micro-batch's first sample, counted from the start of the step
    bool training             = false;
};

/// The weights of one layer: `weight(i)` is the first element of its i-th parameter.
template <class T>
struct layer_weights {
    T const* base;
    std::int64_t const* offset;

    [[nodiscard]] constexpr T const* weight(int i) const noexcept { return base + offset[i]; }
};

/// The network's own input, for layers that look at it from anywhere in the network, such as attention at the mask of padding. No
/// gradient flows back along it. A layer that reads it says so by `static constexpr bool reads_input = true`.
template <class T>
struct network_input {
    T const* data = nullptr;
    shape of      = {};  ///< of one sample; stored with the batch as ever
};

/// What a call of a layer has of a value that is cut along the tensor axis.
struct cut_place {
    int slice              = 0;  ///< of a layer that computes one slice: which
    std::int64_t first_row = 0;  ///< of a layer that is given some steps of a sequence: the first
};

/// What `forward` is handed. Read x and the weights; write y and, for the way back, `kept`.
/// @par Shapes    x: `in` with the batch B (see `shape`); y: `gives(in)` with the batch
template <class T>
struct forward_pass : layer_weights<T> {
    shape in;
    std::int64_t batch;
    T const* x;
    T* y;
    T* kept;     ///< keeps(in, batch) elements, untouched until backward
    T* scratch;  ///< scratch(in, batch) elements, lost when the call returns
    sampling draw;
    std::uint64_t layer;  ///< hash of the layer's name, for random keys
    network_input<T> input       = {};
    tensor_exchange<T>* exchange = nullptr;  ///< between the ranks of a tensor axis, where there is one
    cut_place at                 = {};
};

/// What `backward` is handed. Add to the gradients; overwrite dx unless it is null (nobody wants it).
template <class T>
struct backward_pass : layer_weights<T> {
    T* gradients;
    shape in;
    std::int64_t batch;
    T const* x;
    T const* y;
    T* kept;
    T* scratch;
    T const* dy;  ///< d loss / d y
    T* dx;        ///< d loss / d x; may be null
    sampling draw;
    std::uint64_t layer;
    network_input<T> input       = {};
    tensor_exchange<T>* exchange = nullptr;
    cut_place at                 = {};

    [[nodiscard]] constexpr T* gradient(int i) const noexcept { return gradients + this->offset[i]; }
};

/// What a layer without products of its own is bound to.
struct no_kernels {};

namespace detail {
template <class L, class T>
struct kernels_of {
    using type = no_kernels;
};
template <class L, class T>
    requires requires { typename L::template kernels<T>; }
struct kernels_of<L, T> {
    using type = typename L::template kernels<T>;
};
}  // namespace detail

/// The object that holds a layer's products (built once for a shape and batch), or `no_kernels`.
template <class L, class T>
using kernels_of = typename detail::kernels_of<L, T>::type;

/// A layer says which shape it takes, which it gives, and which parameters it has, all at compile time.
template <class L>
concept DescribesShapes = requires(shape in) {
    { L::takes(in) } -> std::same_as<bool>;
    { L::gives(in) } -> std::same_as<shape>;
    { L::parameters(in).count } -> std::convertible_to<int>;
    { L::parameters(in).item[0] } -> std::convertible_to<parameter>;
};

/// A layer computes forward and backward in scalar T, either alone or with its kernels.
template <class L, class T>
concept ComputesIn = requires(forward_pass<T> const& f, backward_pass<T> const& b, kernels_of<L, T>& k) {
    L::forward(f, k);
    L::backward(b, k);
};

/// A layer: a stateless type; its storage is handed to it, and it never calls a communicator.
/// See docs/policies/model.md for how to write one.
template <class L>
concept Layer = DescribesShapes<L> && ComputesIn<L, float> && ComputesIn<L, double>;

/// A layer whose backward can come in two parts, which together do what `backward` does, to the bit: `backward_input` writes dx, and
/// whatever the second needs into `kept`; `backward_weights`, later, adds to the gradients. Until then dy, x, y and `kept` stay as they are.
/// Schedules that fill idle time with gradients of weights (zb_h1) split what can be split; other layers do all in the first part.
template <class L, class T>
concept SplitsBackward = requires(backward_pass<T> const& b, kernels_of<L, T>& k) {
    L::backward_input(b, k);
    L::backward_weights(b, k);
};

/// Whether a layer reads the network's own input.
template <class L>
inline constexpr bool reads_network_input = false;
template <class L>
    requires requires { L::reads_input; }
inline constexpr bool reads_network_input<L> = L::reads_input;

/// Layers that say how much they keep for backward, need while a call lasts, or pack once a step, say so by these names; the
/// others need none.
template <class L>
[[nodiscard]] constexpr std::int64_t kept_elements(shape in, std::int64_t batch) noexcept {
    if constexpr (requires { L::keeps(in, batch); }) return L::keeps(in, batch);
    else return 0;
}
template <class L>
[[nodiscard]] constexpr std::int64_t scratch_elements(shape in, std::int64_t batch) noexcept {
    if constexpr (requires { L::scratch(in, batch); }) return L::scratch(in, batch);
    else return 0;
}
/// What a layer carries from one step of a sequence to the next when it runs step by step (`predictor::step`).
template <class L>
[[nodiscard]] constexpr std::int64_t state_elements(shape in, std::int64_t batch) noexcept {
    if constexpr (requires { L::state(in, batch); }) return L::state(in, batch);
    else return 0;
}

/// The multiply-adds of a layer for one sample where it says so by `cost(in)`, else one an element of its parameters for each row that
/// it reads: what a product with them takes. A pipeline balances it.
template <class L>
[[nodiscard]] constexpr std::int64_t cost_of(shape in) {
    if constexpr (requires { L::cost(in); }) return L::cost(in);
    else {
        std::int64_t elements = 0;
        auto const list       = L::parameters(in);
        for (int i = 0; i < list.count; ++i) elements += list.item[i].extents.elements();
        return elements * in.rows();
    }
}

/// Which way a layer's kernels will be used: a predictor builds no products for the way back.
enum class direction { forward_only, forward_and_backward };

/// Builds a layer's kernels for a shape and a batch.
template <class L, class T>
[[nodiscard]] kernels_of<L, T> make_kernels(shape in, std::int64_t batch, direction way) {
    if constexpr (std::constructible_from<kernels_of<L, T>, shape, std::int64_t, direction>)
        return kernels_of<L, T>{in, batch, way};
    else
        return kernels_of<L, T>{};
}

}  // namespace espalier

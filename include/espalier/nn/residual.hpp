// SPDX-License-Identifier: BSL-1.0
/// @file
/// A shortcut around layers. It is itself one layer: its inner chain is not cut by a pipeline.
#pragma once

#include <espalier/math/elementwise.hpp>
#include <espalier/nn/chain.hpp>
#include <espalier/nn/layer_keys.hpp>
#include <espalier/nn/sequence.hpp>

#include <algorithm>

namespace espalier {

/// y = x + inner(x), where inner is `sequence<Layers...>` and keeps the shape. Parameters are named as the inner sequence names them.
/// @par Source    He et al. 2016, the identity shortcut
template <class... Layers>
struct residual {
    using inner = chain<layers_of<sequence<Layers...>>>;

    [[nodiscard]] static constexpr bool takes(shape in) { return inner::takes(in) && inner::gives(in) == in; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in; }
    [[nodiscard]] static constexpr auto parameters(shape in) { return inner::template parameters<layer_names<sequence<Layers...>>>(in); }
    static constexpr bool reads_input = inner::reads_input;
    [[nodiscard]] static constexpr std::int64_t cost(shape in) { return inner::cost(in); }
    /// The inner layers' activations, and the gradients of their outputs for the way back.
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) {
        auto const places = inner::places(in, batch);
        return places.activation_elements + places.retained_elements;
    }
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) {
        return inner::places(in, batch).scratch_elements;
    }

    [[nodiscard]] static constexpr std::int64_t state(shape in, std::int64_t batch) { return inner::state(in, batch); }
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
        inner::exchanges(in, batch, way, wants_dx, tally);
    }

    template <class T>
    class kernels {
    public:
        ESPALIER_COLD() kernels(shape in, std::int64_t batch, direction way) : chain_{in, batch, way} {}
        void pack(layer_weights<T> const& w) { chain_.pack(w.base + w.offset[0]); }
        [[nodiscard]] std::size_t workspace_bytes() const { return chain_.workspace_bytes(); }

    private:
        friend residual;
        typename inner::template bound<T> chain_;
    };

    // The inner chain pads its parameters as the outer one does, so its own offsets hold from offset[0] on.
    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        keys const names{p.layer};
        T const* last = k.chain_.forward(p.base + p.offset[0], p.x, p.kept, p.scratch, p.draw, names.value, p.input, p.exchange);
        std::copy_n(last, p.in.elements() * p.batch, p.y);
        math::add_to(p.in.elements() * p.batch, p.x, p.y);
    }

    /// One step of a sequence; the inner layers keep their states.
    template <class T>
    static void step(forward_pass<T> const& p, kernels<T>& k, T* state) {
        keys const names{p.layer};
        T const* last = k.chain_.step(p.base + p.offset[0], p.x, p.kept, p.scratch, state, names.value);
        std::copy_n(last, p.in.elements() * p.batch, p.y);
        math::add_to(p.in.elements() * p.batch, p.x, p.y);
    }

    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        keys const names{p.layer};
        std::int64_t const n = p.in.elements() * p.batch;
        auto const& places   = k.chain_.layout();
        T* const signal[2]   = {p.kept + places.activation_elements,
                                p.kept + places.activation_elements + places.signal_elements[0]};
        std::copy_n(p.dy, n, signal[0]);
        k.chain_.backward(p.base + p.offset[0], p.gradients + p.offset[0], p.x, p.kept, p.scratch, signal, p.dx, p.draw, names.value, p.input, p.exchange);
        if (p.dx != nullptr) math::add_to(n, p.dy, p.dx);
    }

    // Backward in two parts, for inner layers that split theirs.
    template <class T>
    static void backward_input(backward_pass<T> const& p, kernels<T>& k) {
        keys const names{p.layer};
        std::int64_t const n = p.in.elements() * p.batch;
        auto const& places   = k.chain_.layout();
        T* const retained    = p.kept + places.activation_elements;
        std::copy_n(p.dy, n, retained + places.item[inner::size - 1].retained);
        k.chain_.backward_input(p.base + p.offset[0], p.gradients + p.offset[0], p.x, p.kept, p.scratch, retained, p.dx, p.draw, names.value, p.input, p.exchange);
        if (p.dx != nullptr) math::add_to(n, p.dy, p.dx);
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, kernels<T>& k) {
        keys const names{p.layer};
        k.chain_.backward_weights(p.base + p.offset[0], p.gradients + p.offset[0], p.x, p.kept, p.scratch,
                                  p.kept + k.chain_.layout().activation_elements, p.draw, names.value, p.input, p.exchange);
    }

private:
    /// Keys for the inner layers' random numbers, made from this layer's own.
    struct keys : layer_keys<sequence<Layers...>> {
        explicit constexpr keys(std::uint64_t outer) noexcept : layer_keys<sequence<Layers...>>{outer * 0x9E3779B97F4A7C15ull} {}
    };
};

}  // namespace espalier

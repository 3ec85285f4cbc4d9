// SPDX-License-Identifier: BSL-1.0
/// @file
/// Layers that keep nothing for the way back and run forward again there: memory for arithmetic. It is one layer: its inner chain is
/// not cut by a pipeline.
#pragma once

#include <espalier/nn/chain.hpp>
#include <espalier/nn/layer_keys.hpp>
#include <espalier/nn/sequence.hpp>

#include <algorithm>

namespace espalier {

/// y = inner(x), where inner is `sequence<Layers...>`, whose parameters' names it has and whose bits it gives. What the inner layers
/// keep between forward and backward lies in scratch, which all layers of a network share: so `repeat<12, recompute<block>>` keeps
/// twelve outputs, and the inside of one block. Wrap what is repeated, not the whole network.
/// @par Cost      one more forward of the inner layers each step, about a third of their time; keeps nothing. Scratch: their activations
///                and two signals
/// @par Numerics  same bits as `sequence<Layers...>`: kernels and weights are those of the first time, and random numbers are counter-based
/// @par Source    Chen et al. 2016, arXiv 1604.06174; torch.utils.checkpoint
template <class... Layers>
struct recompute {
    using inner = chain<layers_of<sequence<Layers...>>>;
    static constexpr bool reads_input = inner::reads_input;
    /// Of forward, of which a step has one more: a third of what a step takes anyway.
    [[nodiscard]] static constexpr std::int64_t cost(shape in) { return inner::cost(in) * 4 / 3; }

    /// What the inner first layer reads, where it knows.
    [[nodiscard]] static constexpr shape input()
        requires requires { element_t<0, typename inner::layers>::input(); }
    {
        return element_t<0, typename inner::layers>::input();
    }
    [[nodiscard]] static constexpr bool takes(shape in) { return inner::takes(in); }
    [[nodiscard]] static constexpr shape gives(shape in) { return inner::gives(in); }
    [[nodiscard]] static constexpr auto parameters(shape in) { return inner::template parameters<layer_names<sequence<Layers...>>>(in); }
    /// All that the inner chain keeps and needs, as long as a call lasts.
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) {
        auto const places = inner::places(in, batch);
        return places.activation_elements + places.signal_elements[0] + places.signal_elements[1] + places.scratch_elements;
    }
    [[nodiscard]] static constexpr std::int64_t state(shape in, std::int64_t batch) { return inner::state(in, batch); }
    /// Those of forward twice.
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
        inner::exchanges(in, batch, pass_way::forward, wants_dx, tally);
        if (way == pass_way::backward) inner::exchanges(in, batch, way, wants_dx, tally);
    }

    template <class T>
    class kernels {
    public:
        ESPALIER_COLD() kernels(shape in, std::int64_t batch, direction way) : chain_{in, batch, way} {}
        void pack(layer_weights<T> const& w) { chain_.pack(w.base + w.offset[0]); }
        [[nodiscard]] std::size_t workspace_bytes() const { return chain_.workspace_bytes(); }

    private:
        friend recompute;
        typename inner::template bound<T> chain_;
    };

    // The inner chain pads its parameters as the outer one does, so its own offsets hold from offset[0] on.
    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        keys const names{p.layer};
        regions<T> const at{p.scratch, k.chain_.layout()};
        T const* const last = k.chain_.forward(p.base + p.offset[0], p.x, at.activations, at.scratch, p.draw, names.value, p.input, p.exchange);
        std::copy_n(last, gives(p.in).elements() * p.batch, p.y);
    }

    /// One step of a sequence; the inner layers keep their states.
    template <class T>
    static void step(forward_pass<T> const& p, kernels<T>& k, T* state) {
        keys const names{p.layer};
        regions<T> const at{p.scratch, k.chain_.layout()};
        T const* const last = k.chain_.step(p.base + p.offset[0], p.x, at.activations, at.scratch, state, names.value);
        std::copy_n(last, gives(p.in).elements() * p.batch, p.y);
    }

    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        keys const names{p.layer};
        regions<T> const at{p.scratch, k.chain_.layout()};
        k.chain_.forward(p.base + p.offset[0], p.x, at.activations, at.scratch, p.draw, names.value, p.input, p.exchange);
        std::copy_n(p.dy, gives(p.in).elements() * p.batch, at.signal[0]);
        k.chain_.backward(p.base + p.offset[0], p.gradients + p.offset[0], p.x, at.activations, at.scratch, at.signal, p.dx, p.draw,
                          names.value, p.input, p.exchange);
    }

private:
    using keys = layer_keys<sequence<Layers...>>;

    /// Where the inner chain's memory lies in scratch.
    template <class T>
    struct regions {
        T* activations;
        T* signal[2];
        T* scratch;

        regions(T* first, chain_places<inner::size> const& places) noexcept
            : activations{first}, signal{first + places.activation_elements,
                                         first + places.activation_elements + places.signal_elements[0]},
              scratch{signal[1] + places.signal_elements[1]} {}
    };
};

}  // namespace espalier

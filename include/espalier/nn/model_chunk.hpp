// SPDX-License-Identifier: BSL-1.0
/// @file
/// Consecutive layers of a network, chosen when the program runs: what a stage of a pipeline computes. Each kind of layer is compiled
/// once, however many layouts a program has. It owns kernels but no memory.
#pragma once

#include <espalier/nn/chunk_sizes.hpp>
#include <espalier/nn/network.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

namespace espalier {

namespace detail {

/// A layer with its kernels, its type forgotten.
template <class T>
struct bound_layer {
    virtual ~bound_layer()                                    = default;
    virtual void forward(forward_pass<T> const& p)            = 0;
    virtual void backward(backward_pass<T> const& p)          = 0;
    virtual void backward_input(backward_pass<T> const& p)    = 0;  ///< all of it, where the layer does not split its backward
    virtual void backward_weights(backward_pass<T> const& p)  = 0;
    virtual void pack(layer_weights<T> const& w)              = 0;
    [[nodiscard]] virtual std::size_t workspace_bytes() const = 0;
};

template <class L, class T>
class bound_layer_of final : public bound_layer<T> {
public:
    ESPALIER_COLD() bound_layer_of(shape in, std::int64_t batch, direction way) : kernels_{make_kernels<L, T>(in, batch, way)} {}

    void forward(forward_pass<T> const& p) override { L::forward(p, kernels_); }
    void backward(backward_pass<T> const& p) override { L::backward(p, kernels_); }
    void backward_input(backward_pass<T> const& p) override {
        if constexpr (SplitsBackward<L, T>) L::backward_input(p, kernels_);
        else L::backward(p, kernels_);
    }
    void backward_weights([[maybe_unused]] backward_pass<T> const& p) override {
        if constexpr (SplitsBackward<L, T>) L::backward_weights(p, kernels_);
    }
    void pack([[maybe_unused]] layer_weights<T> const& w) override {
        if constexpr (requires { kernels_.pack(w); }) kernels_.pack(w);
    }
    [[nodiscard]] std::size_t workspace_bytes() const override {
        if constexpr (requires { kernels_.workspace_bytes(); }) return kernels_.workspace_bytes();
        else return 0;
    }

private:
    espalier::kernels_of<L, T> kernels_;
};

template <class T>
using layer_maker = std::unique_ptr<bound_layer<T>> (*)(shape, std::int64_t, direction);

template <class L, class T>
[[nodiscard]] ESPALIER_COLD() std::unique_ptr<bound_layer<T>> make_bound_layer(shape in, std::int64_t batch, direction way) {
    return std::make_unique<bound_layer_of<L, T>>(in, batch, way);
}
template <class T, class... Ls>
[[nodiscard]] ESPALIER_COLD() std::vector<layer_maker<T>> makers_of(type_list<Ls...>) {
    return {&make_bound_layer<Ls, T>...};
}

}  // namespace detail

/// What a pass through a chunk is handed; every pointer is to the chunk's own part.
template <class T>
struct chunk_pass {
    T const* weights;
    T const* x;
    T* activations;  ///< chunk_sizes::activations elements
    T* scratch;
    sampling draw;
    network_input<T> input;
    tensor_exchange<T>* exchange = nullptr;
};

/// Layers first_layer … last_layer − 1 of a network, bound to a batch.
template <class T>
class model_chunk {
public:
    /// @param retains_signals whether backward will come in two parts
    template <class Network>
    ESPALIER_COLD() model_chunk(std::type_identity<Network>, int first_layer, int last_layer, std::int64_t batch, bool retains_signals, direction way)
        : batch_{batch} {
        using chain       = typename network<Network>::chain;
        auto const places = chain::places(network<Network>::input, batch);
        sizes_            = sizes_of_chunk<layers_of<Network>>(places, batch, first_layer, last_layer, retains_signals);
        auto const makers = detail::makers_of<T>(layers_of<Network>{});
        for (int i = first_layer; i < last_layer; ++i) {
            layer_place p            = places.item[i];
            std::int64_t const first = places.item[first_layer].output;
            for (int k = 0; k == 0 || k < p.parameter_count; ++k) p.offset[k] -= sizes_.first_parameter;
            p.output -= first, p.kept -= first;
            p.retained += sizes_.outputs - places.item[first_layer].retained;
            places_.push_back(p);
            keys_.push_back(network<Network>::keys.value[i]);
            layers_.push_back(makers[static_cast<std::size_t>(i)](p.in, batch, way));
        }
    }

    [[nodiscard]] chunk_sizes const& sizes() const noexcept { return sizes_; }
    [[nodiscard]] int layers() const noexcept { return static_cast<int>(layers_.size()); }
    [[nodiscard]] layer_place const& place(int i) const noexcept { return places_[static_cast<std::size_t>(i)]; }
    [[nodiscard]] std::size_t workspace_bytes() const {
        std::size_t bytes = 0;
        for (auto const& l : layers_) bytes += l->workspace_bytes();
        return bytes;
    }

    /// Packs what the layers pack, once after the weights have changed.
    void pack(T const* weights) {
        for (std::size_t i = 0; i < layers_.size(); ++i) layers_[i]->pack({weights, places_[i].offset});
    }

    /// Forward through all layers.
    /// @return the last layer's output, within the activations
    T* forward(chunk_pass<T> const& p) {
        T const* x = p.x;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            layers_[i]->forward({{p.weights, places_[i].offset}, places_[i].in, batch_, x, p.activations + places_[i].output,
                                 p.activations + places_[i].kept, p.scratch, p.draw, keys_[i], p.input, p.exchange});
            x = p.activations + places_[i].output;
        }
        return output(p.activations);
    }
    [[nodiscard]] T* output(T* activations) const noexcept { return activations + places_.back().output; }

    /// Backward through all layers, last to first.
    /// @param signal chunk_sizes::signals elements each; signal[0] may hold dy
    /// @param dy     d loss / d output
    /// @param dx     d loss / d x; null where nobody wants it
    void backward(chunk_pass<T> const& p, T* gradients, T* const (&signal)[2], T const* dy, T* dx) {
        for (std::size_t hops = 0; hops < layers_.size(); ++hops) {
            std::size_t const i = layers_.size() - 1 - hops;
            T* const out        = i == 0 ? dx : signal[1 - hops % 2];
            layers_[i]->backward(pass_back(p, i, gradients, dy, out));
            dy = out;
        }
    }

    /// The first part: signals stay among the activations for the second.
    void backward_input(chunk_pass<T> const& p, T* gradients, T const* dy, T* dx) {
        T* const last = retained_signal(p.activations);
        if (dy != last) std::copy_n(dy, sizes_.gives, last);
        for (std::size_t i = layers_.size(); i-- > 0;)
            layers_[i]->backward_input(pass_back(p, i, gradients, p.activations + places_[i].retained, i == 0 ? dx : p.activations + places_[i - 1].retained));
    }
    /// The second part.
    void backward_weights(chunk_pass<T> const& p, T* gradients) {
        for (std::size_t i = layers_.size(); i-- > 0;) layers_[i]->backward_weights(pass_back(p, i, gradients, p.activations + places_[i].retained, nullptr));
    }
    /// Where the gradient of the output is retained, for who can write it there.
    [[nodiscard]] T* retained_signal(T* activations) const noexcept { return activations + places_.back().retained; }

private:
    [[nodiscard]] backward_pass<T> pass_back(chunk_pass<T> const& p, std::size_t i, T* gradients, T const* dy, T* dx) const {
        return {{p.weights, places_[i].offset}, gradients, places_[i].in, batch_, i == 0 ? p.x : p.activations + places_[i - 1].output,
                p.activations + places_[i].output, p.activations + places_[i].kept, p.scratch, dy, dx, p.draw, keys_[i], p.input, p.exchange};
    }

    std::int64_t batch_;
    chunk_sizes sizes_;
    std::vector<layer_place> places_;
    std::vector<std::uint64_t> keys_;
    std::vector<std::unique_ptr<detail::bound_layer<T>>> layers_;
};

}  // namespace espalier

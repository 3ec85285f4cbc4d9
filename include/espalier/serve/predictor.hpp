// SPDX-License-Identifier: BSL-1.0
/// @file
/// Inference with a trained model: forward only, no memory for gradients, a batch at a time or step by step with state.
#pragma once

#include <espalier/checkpoint/weights.hpp>
#include <espalier/math/backend.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/memory/buffer.hpp>
#include <espalier/models/model.hpp>

#include <algorithm>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace espalier {

/// Predicts with the network of a model.
/// `predict` takes whole windows; `step` takes one time step a call and keeps the state of recurrent layers between calls, so that a
/// stream is read without going back. Both read the weights that were given last.
/// @par Ranks     local: it knows no communicator
/// @par Numerics  one arithmetic thread, set for the thread that constructs it; call math::use_one_thread() in another that uses it
template <Model M>
class predictor {
public:
    using scalar  = typename M::precision_type::scalar;
    using net     = network<typename M::network_type>;
    /// Input and output of one sample.
    static constexpr shape input  = net::input;
    static constexpr shape output = net::output;

    /// @param weights as `trainer::weights()` or a safetensors file gives them
    /// @param batch   the most samples that are computed at once; longer requests are taken in pieces
    /// @throws checkpoint::bad_checkpoint where a tensor is missing or has another shape; invalid_setting where batch is below 1
    explicit predictor(checkpoint::safetensors_view const& weights, std::int64_t batch = 1) : predictor{batch} {
        checkpoint::read_tensors<typename M::network_type>(weights, weights_.data());
        windows_.pack(weights_.data());
        steps_.pack(weights_.data());
    }

    /// Predicts for `count` windows.
    /// @par Shapes    x (T,count,F) for sequences, step by step, (count,F) for vectors; returns (count,O)
    /// @par Cost      allocates nothing after construction but the result's room when `count` grows
    [[nodiscard]] std::span<scalar const> predict(std::span<scalar const> x, std::int64_t count) {
        if (static_cast<std::int64_t>(x.size()) != count * input.elements())
            throw invalid_setting{complaint{.entity   = "predictor",
                                            .required = joined(count, " windows of ", input.elements(), " elements"),
                                            .got      = joined(x.size(), " elements"),
                                            .fix      = "Pass x step by step as (T,count,F)",
                                            .page     = "policies/model.md"}};
        std::int64_t const features = output.elements();
        result_.resize(static_cast<std::size_t>(count * features));
        for (std::int64_t first = 0; first < count; first += batch_) {
            std::int64_t const n = std::min(batch_, count - first);
            take(x.data(), first, n, count);
            scalar const* const y = windows_.forward(weights_.data(), x_.data(), activations_.data(), scratch_.data(), sampling{}, net::keys.value);
            std::copy_n(y, n * features, result_.data() + first * features);
        }
        return {result_.data(), result_.size()};
    }

    /// Predicts after one more time step of a stream; recurrent layers continue from the step before.
    /// @par Shapes    x (F); returns (O)
    [[nodiscard]] std::span<scalar const> step(std::span<scalar const> x)
        requires(net::input.rank == 2)
    {
        if (static_cast<std::int64_t>(x.size()) != input.features())
            throw invalid_setting{complaint{.entity   = "predictor",
                                            .required = joined("one time step of ", input.features(), " features"),
                                            .got      = joined(x.size(), " elements"),
                                            .fix      = "Pass one step a call",
                                            .page     = "policies/model.md"}};
        return {advance(x.data(), typename net::chain::indices{}), static_cast<std::size_t>(output.elements())};
    }

    /// Forgets the stream: the next `step` is a first step.
    void reset() noexcept { math::fill_zero(state_.size(), state_.data()); }

    /// Bytes held: weights, activations of one batch, state, packed weights.
    [[nodiscard]] std::size_t bytes() const noexcept {
        auto const elements = weights_.size() + x_.size() + activations_.size() + scratch_.size() + state_.size();
        return static_cast<std::size_t>(elements) * sizeof(scalar) + windows_.workspace_bytes() + steps_.workspace_bytes();
    }

private:
    static constexpr shape one_step = net::input.rank == 2 ? dims(1, net::input.features()) : net::input;

    explicit predictor(std::int64_t batch)
        : batch_{checked(batch)}, windows_{input, batch, direction::forward_only}, steps_{one_step, 1, direction::forward_only},
          weights_{net::tensors.elements}, x_{input.elements() * batch}, activations_{windows_.layout().activation_elements},
          scratch_{std::max(windows_.layout().scratch_elements, steps_.layout().scratch_elements)}, state_{total_state()} {
        reset();
    }
    /// Passes the batch on, one arithmetic thread set: products ask for the number of threads when they are built.
    [[nodiscard]] static std::int64_t checked(std::int64_t batch) {
        math::use_one_thread();
        if (batch >= 1) return batch;
        throw invalid_setting{complaint{.entity   = "predictor",
                                        .required = "a batch of at least 1",
                                        .got      = joined(batch),
                                        .fix      = "Pass how many windows to compute at once",
                                        .page     = "policies/model.md"}};
    }
    template <class... Ls>
    [[nodiscard]] static constexpr std::int64_t state_of(type_list<Ls...>) {
        std::int64_t sum = 0;
        ((sum += state_elements<Ls>(one_step, 1)), ...);
        return sum;
    }
    [[nodiscard]] static constexpr std::int64_t total_state() { return state_of(typename net::chain::layers{}); }

    /// Copies samples first … first + n − 1 into the input slot; the rest of the batch repeats the last one.
    void take(scalar const* x, std::int64_t first, std::int64_t n, std::int64_t count) noexcept {
        std::int64_t const f = input.features();
        for (std::int64_t row = 0; row < input.rows(); ++row)
            for (std::int64_t b = 0; b < batch_; ++b)
                std::copy_n(x + (row * count + first + std::min(b, n - 1)) * f, f, x_.data() + (row * batch_ + b) * f);
    }

    template <std::size_t... I>
    [[nodiscard]] scalar const* advance(scalar const* x, std::index_sequence<I...>) {
        scalar* state = state_.data();
        ((x = advance_layer<I>(x, state)), ...);
        return x;
    }
    template <std::size_t I>
    [[nodiscard]] scalar const* advance_layer(scalar const* x, scalar*& state) {
        using layer       = element_t<I, typename net::chain::layers>;
        auto const& place = steps_.layout().item[I];
        scalar* const y   = activations_.data() + place.output;
        forward_pass<scalar> const pass{{weights_.data(), place.offset}, place.in, 1, x, y, activations_.data() + place.kept, scratch_.data(),
                                        sampling{}, net::keys.value[I]};
        if constexpr (requires { layer::step(pass, steps_.template kernels<I>(), state); })
            layer::step(pass, steps_.template kernels<I>(), state);
        else
            layer::forward(pass, steps_.template kernels<I>());
        state += state_elements<layer>(one_step, 1);
        return y;
    }

    std::int64_t batch_;
    typename net::chain::template bound<scalar> windows_, steps_;
    buffer<scalar> weights_, x_, activations_, scratch_, state_;
    std::vector<scalar> result_;
};

}  // namespace espalier

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

    /// @param weights a safetensors file, such as one that `checkpoint::write_safetensors` made of `trainer::weights()`
    /// @param batch   the most samples that are computed at once; longer requests are taken in pieces
    /// @throws checkpoint::bad_checkpoint where a tensor is missing or has another shape; invalid_setting where batch is below 1
    explicit predictor(checkpoint::safetensors_view const& weights, std::int64_t batch = 1) : predictor{batch} {
        checkpoint::read_tensors<typename M::network_type>(weights, weights_.data());
        windows_.pack(weights_.data());
        steps_.pack(weights_.data());
    }

    /// Predicts for `count` windows.
    /// @par Shapes    x (T,count,F) for sequences, step by step, (count,F) for vectors; returns (count,O), or (T,count,O) where the
    ///                network gives a sequence
    /// @par Cost      allocates nothing after construction but the result's room when `count` grows
    [[nodiscard]] std::span<scalar const> predict(std::span<scalar const> x, std::int64_t count) {
        if (static_cast<std::int64_t>(x.size()) != count * input.elements())
            throw invalid_setting{complaint{.entity   = "predictor",
                                            .required = joined(count, " windows of ", input.elements(), " elements"),
                                            .got      = joined(x.size(), " elements"),
                                            .fix      = "Pass x step by step as (T,count,F)",
                                            .page     = "policies/model.md"}};
        std::int64_t const features = output.features();
        result_.resize(static_cast<std::size_t>(count * output.elements()));
        for (std::int64_t first = 0; first < count; first += batch_) {
            std::int64_t const n = std::min(batch_, count - first);
            take(x.data(), first, n, count);
            scalar const* const y = windows_.forward(weights_.data(), x_.data(), activations_.data(), scratch_.data(), sampling{}, net::keys.value);
            for (std::int64_t row = 0; row < output.rows(); ++row)
                std::copy_n(y + row * batch_ * features, n * features, result_.data() + (row * count + first) * features);
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
        scalar const* const y = steps_.step(weights_.data(), x.data(), activations_.data(), scratch_.data(), state_.data(), net::keys.value);
        return {y, static_cast<std::size_t>(output.features())};
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
          weights_{net::tensors.elements}, x_{input.elements() * batch}, activations_{std::max(windows_.layout().activation_elements, steps_.layout().activation_elements)},
          scratch_{std::max(windows_.layout().scratch_elements, steps_.layout().scratch_elements)}, state_{net::chain::state(one_step, 1)} {
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
    /// Copies samples first … first + n − 1 into the input slot; the rest of the batch repeats the last one.
    void take(scalar const* x, std::int64_t first, std::int64_t n, std::int64_t count) noexcept {
        std::int64_t const f = input.features();
        for (std::int64_t row = 0; row < input.rows(); ++row)
            for (std::int64_t b = 0; b < batch_; ++b)
                std::copy_n(x + (row * count + first + std::min(b, n - 1)) * f, f, x_.data() + (row * batch_ + b) * f);
    }

    std::int64_t batch_;
    typename net::chain::template bound<scalar> windows_, steps_;
    buffer<scalar> weights_, x_, activations_, scratch_, state_;
    std::vector<scalar> result_;
};

}  // namespace espalier

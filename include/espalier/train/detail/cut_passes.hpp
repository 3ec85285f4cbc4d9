// SPDX-License-Identifier: BSL-1.0
/// @file
/// A rank's place on a tensor axis when a step runs: the group with which it exchanges, how many exchanges the plan allows in the pass that
/// comes next, and a loss that may be over cut scores. What is exchanged is the layers' business.
#pragma once

#include <espalier/nn/exchange.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/partition/plan/plan.hpp>
#include <espalier/partition/tensor/local_model.hpp>
#include <espalier/train/detail/exchange_over.hpp>
#include <espalier/train/detail/place_of.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace espalier::detail {

/// Where no layer is cut: nothing.
template <class C, class P, class M, bool IsCut = (tensor_cut_of<P>::value.slices > 1)>
class cut_passes {
    using scalar = typename M::precision_type::scalar;

public:
    template <class Plan>
    constexpr cut_passes(C&, Plan const&) noexcept {}
    [[nodiscard]] constexpr tensor_exchange<scalar>* exchange() const noexcept { return nullptr; }
    constexpr void allow(int) const noexcept {}
    constexpr void allow_any() const noexcept {}
    constexpr void close() const noexcept {}

    template <class LossFunction>
    [[nodiscard]] ESPALIER_INLINE() loss_sum loss_of(shape out, std::int64_t count, scalar const* y, scalar const* target, scalar* dy) const {
        return LossFunction::evaluate(out, count, y, target, dy);
    }
};

template <class C, class P, class M>
class cut_passes<C, P, M, true> {
    using scalar                    = typename M::precision_type::scalar;
    using carried                   = exchange_over<C, scalar>;
    static constexpr tensor_cut cut = tensor_cut_of<P>::value;

public:
    /// @par Ranks     collective where the axis has several ranks
    template <class Plan>
    cut_passes(C& world, Plan const& plan) {
        if constexpr (cut.ranks > 1) {
            if (plan.ranks > cut.ranks) group_ = std::make_unique<C>(world.split(plan.rank / cut.ranks, plan.tensor_rank()));
            exchange_ = std::make_unique<carried>(group_ ? *group_ : world, cut);
        } else {
            exchange_ = std::make_unique<exchange_alone<scalar>>();
        }
        using loss = typename M::loss_type;
        if constexpr (requires { loss::scratch(shape{}, 1); })
            loss_scratch_.resize(static_cast<std::size_t>(loss::scratch(network<typename M::network_type>::output, P::batch)));
    }
    [[nodiscard]] tensor_exchange<scalar>* exchange() const noexcept { return exchange_.get(); }

    /// The pass that comes next makes so many exchanges.
    void allow(int times) noexcept {
        if constexpr (cut.ranks > 1) exchange_->allow(times);
    }
    /// Outside a step's plan.
    void allow_any() noexcept {
        if constexpr (cut.ranks > 1) exchange_->allow_any();
    }
    /// After a pass: the next one has none, unless the plan says so.
    /// @throws invalid_setting where it made fewer than the plan lists
    void close() {
        if constexpr (cut.ranks > 1) exchange_->close();
    }

    template <class LossFunction>
    [[nodiscard]] loss_sum loss_of(shape out, std::int64_t count, scalar const* y, scalar const* target, scalar* dy) {
        if constexpr (requires { LossFunction::evaluate(out, count, y, target, dy, *exchange_, loss_scratch_.data()); })
            return LossFunction::evaluate(out, count, y, target, dy, *exchange_, loss_scratch_.data());
        else
            return LossFunction::evaluate(out, count, y, target, dy);
    }

private:
    std::unique_ptr<C> group_;
    std::unique_ptr<std::conditional_t<(cut.ranks > 1), carried, exchange_alone<scalar>>> exchange_;
    std::vector<double> loss_scratch_;
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// One step of an optimizer over a network's flat arrays: in one pass, or with the norms of whole tensors between two.
/// Where ranks hold different ranges, what travels between them is the caller's.
#pragma once

#include <espalier/math/block_sum.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/memory/buffer.hpp>
#include <espalier/nn/tensor_blocks.hpp>
#include <espalier/optim/concepts.hpp>

#include <cmath>
#include <span>

namespace espalier {

/// Updates the weights of a network by an optimizer of either kind.
/// An optimizer that needs norms of tensors (`UsesTensorNorms`) works in two halves, between which ranks that hold different ranges
/// add up their block sums:
/// ```
///   clear();   measure(s, held, pass) for each range;   blocks() ── summed over the ranks ──;   apply(s, held, pass) for each range
/// ```
/// The norms of a tensor that is cut along a tensor axis are those over all its slices.
/// @par Cost      two doubles a block for an optimizer that uses norms, allocated by `for_use`; nothing for others
/// @par Numerics  same bits however the flat arrays are cut into ranges of whole blocks
template <class Network, Optimizer O>
class weight_update {
public:
    using settings = typename O::settings;

    /// An object that updates nothing; assign one made by `for_use`.
    weight_update() = default;
    [[nodiscard]] static weight_update for_use() {
        weight_update update;
        if constexpr (UsesTensorNorms<O>) update.sums_ = buffer<double>{2 * list.count};
        update.clear();
        return update;
    }

    /// One step over whole arrays.
    /// @param whole views of network<Network>::tensors.elements elements
    template <class T>
    void operator()(settings const& s, update_pass<T> const& whole) {
        if constexpr (UsesTensorNorms<O>) {
            measure(s, {0, tensors.elements}, whole);
            apply(s, {0, tensors.elements}, whole);
        } else {
            O::update(s, whole);
        }
    }

    /// Sets the sums of all blocks to zero.
    void clear() { math::fill_zero(sums_.size(), sums_.data()); }

    /// The first half: moves the states of a range and writes the sums of its blocks, zeros where another rank speaks for them; those of
    /// other blocks stay.
    /// @param range views of the elements of `held` alone
    /// @throws invalid_setting where `held` is cut inside a block
    template <class T>
    void measure(settings const& s, flat_range held, update_pass<T> const& range, tensor_place const& at = {})
        requires UsesTensorNorms<O>
    {
        for_each_piece(tensors, held, [&](block_piece const& p) {
            std::int64_t const entry = list.part(tensors, p.tensor, at).first + p.block;
            block_sums const sums{sums_.data() + entry, sums_.data() + list.count + entry};
            O::measure(s, piece_of(range, held, p), sums);
            if (speaks_for(tensors.item[p.tensor], at)) return;
            std::int64_t const blocks = math::blocks_of(p.elements.last - p.elements.first);
            math::fill_zero(blocks, sums.weights);
            math::fill_zero(blocks, sums.update);
        });
    }

    /// The sums of all blocks of the network: those of the weights, then those of the updates.
    [[nodiscard]] std::span<double> blocks() noexcept { return {sums_.data(), static_cast<std::size_t>(sums_.size())}; }

    /// The second half: changes the weights of a range that was measured, by the norms that follow from the sums of all blocks.
    /// @throws invalid_setting where `held` is cut inside a block
    template <class T>
    void apply(settings const& s, flat_range held, update_pass<T> const& range) const
        requires UsesTensorNorms<O>
    {
        for_each_piece(tensors, held, [&](block_piece const& p) {
            block_span const all     = list.tensor[p.tensor];
            double const* const sums = sums_.data() + all.first;
            tensor_norms const norms{std::sqrt(math::tree_sum(all.count, sums)), std::sqrt(math::tree_sum(all.count, sums + list.count))};
            O::apply(s, piece_of(range, held, p), O::trust_ratio(norms));
        });
    }

    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return static_cast<std::size_t>(sums_.size()) * sizeof(double); }

private:
    static constexpr auto const& tensors = network<Network>::tensors;
    static constexpr block_list list{tensors};

    template <class T>
    [[nodiscard]] static update_pass<T> piece_of(update_pass<T> range, flat_range held, block_piece const& p) noexcept {
        std::int64_t const first = p.elements.first - held.first;
        range.elements           = p.elements.last - p.elements.first;
        range.weights += first;
        range.gradients += first;
        range.state += first;
        return range;
    }

    buffer<double> sums_;
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The sizes of a cut layer and of its slices: shapes, parameters, where what lies in scratch, how much is exchanged. Pure arithmetic;
/// what is done with it is nn/cut_layer.hpp.
#pragma once

#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/exchange.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier {

/// What a cut layer finds at its input.
enum class entry : unsigned char {
    whole,   ///< the same on every rank
    steps,   ///< each rank has its steps
    sliced,  ///< each rank has the features of its slices
};
/// How what its slices give goes on.
enum class exit_of_slices : unsigned char {
    sliced,        ///< as it is: each rank has the features of its slices
    sum,           ///< the sum of summands, the same on every rank
    sum_to_steps,  ///< the same, of which each rank has its steps
    joined,        ///< all features on every rank
};

namespace detail {

template <class L, class Cut, entry In, exit_of_slices Out>
struct cut_sizes {
    static constexpr tensor_cut cut = Cut::value;
    static constexpr int own        = cut.own_slices();

    /// A slice's parameters that are cut come first, those of its tail after them. The layer's: slice after slice, then the tail's.
    static constexpr int slice_parameters = decltype(L::parameters(shape{}))::count;
    static constexpr int cut_parameters   = [] {
        auto const list = L::parameters(shape{});
        int n           = 0;
        while (n < list.count && list.item[n].cut.slices > 1) ++n;
        return n;
    }();
    static constexpr int first_tail_parameter = cut_parameters * own;
    static constexpr int parameter_count      = first_tail_parameter + slice_parameters - cut_parameters;
    static constexpr bool has_tail            = slice_parameters > cut_parameters;

    [[nodiscard]] static constexpr int place_of_parameter(int i, int slice) noexcept {
        return i < cut_parameters ? slice * cut_parameters + i : first_tail_parameter + i - cut_parameters;
    }

    std::int64_t x;  ///< elements of a slice's input, and of its output, of a batch
    std::int64_t y;
    std::int64_t of_slice;  ///< scratch of a slice
    std::int64_t of_tail;
    std::int64_t sums;      ///< of the tail's gradients

    constexpr cut_sizes(shape in, std::int64_t batch)
        : x{slice_in(in).elements() * batch}, y{L::gives(slice_in(in)).elements() * batch}, of_slice{aligned_elements(scratch_elements<L>(slice_in(in), batch))},
          of_tail{0}, sums{0} {
        if constexpr (has_tail) {
            if constexpr (requires { L::finish_scratch(in, batch); }) of_tail = aligned_elements(L::finish_scratch(slice_in(in), batch));
            sums = tail_blocks(in).count * tail_elements(in);
        }
    }

    [[nodiscard]] static constexpr shape slice_in(shape const& in) {
        if constexpr (In == entry::sliced) return without_slices(in);
        else if constexpr (In == entry::steps) return with_steps(in, in.extent[0] * cut.ranks);
        else return in;
    }
    [[nodiscard]] static constexpr bool takes(shape const& in) {
        if (In == entry::sliced && (in.rank < 2 || in.extent[0] != own)) return false;
        if (In == entry::steps && in.rank < 2) return false;
        return L::takes(slice_in(in));
    }
    [[nodiscard]] static constexpr shape gives(shape const& in) {
        shape const out = L::gives(slice_in(in));
        if constexpr (Out == exit_of_slices::sliced) return with_slices(out, own);
        else if constexpr (Out == exit_of_slices::sum_to_steps) return with_steps(out, out.extent[0] / cut.ranks);
        else if constexpr (Out == exit_of_slices::joined) return out.with_features(out.features() * cut.slices);
        else return out;
    }
    [[nodiscard]] static constexpr parameter_list<parameter_count> parameters(shape const& in) {
        auto const list = L::parameters(slice_in(in));
        parameter_list<parameter_count> all;
        for (int i = 0; i < slice_parameters; ++i)
            for (int s = 0; s < (i < cut_parameters ? own : 1); ++s) {
                parameter& p = all.item[place_of_parameter(i, s)];
                p            = list.item[i];
                if (i < cut_parameters) p.cut.slice = s;
            }
        return all;
    }
    [[nodiscard]] static constexpr std::int64_t kept_by_slice(shape const& in, std::int64_t batch) {
        return aligned_elements(kept_elements<L>(slice_in(in), batch));
    }

    /// Where a slice's parameters lie, and its tail's.
    struct offsets {
        std::int64_t value[slice_parameters > 0 ? slice_parameters : 1];
        constexpr offsets(std::int64_t const* of_layer, int slice) noexcept {
            for (int i = 0; i == 0 || i < slice_parameters; ++i)
                value[i] = of_layer[place_of_parameter(i, slice)];
        }
    };
    /// The same from the tail's first parameter on.
    struct tail_offsets {
        std::int64_t value[slice_parameters > 0 ? slice_parameters : 1] = {};
        constexpr explicit tail_offsets(std::int64_t const* of_layer) noexcept {
            for (int i = cut_parameters; i < slice_parameters; ++i)
                value[i] = of_layer[first_tail_parameter + i - cut_parameters] - of_layer[first_tail_parameter];
        }
    };

    /// The tail works on the steps that this rank has of the output.
    [[nodiscard]] static constexpr shape tail_in(shape const& in) {
        return Out == exit_of_slices::sum_to_steps ? with_steps(slice_in(in), slice_in(in).extent[0] / cut.ranks) : slice_in(in);
    }
    [[nodiscard]] static constexpr step_blocks tail_blocks(shape const& in) {
        return {tail_in(in), Out == exit_of_slices::sum_to_steps ? own : cut.slices};
    }
    [[nodiscard]] static constexpr std::int64_t tail_elements(shape const& in) {
        return padded_elements(L::parameters(slice_in(in)), cut_parameters, slice_parameters);
    }
    /// Points a pass at block b of `blocks` of the rank's steps.
    template <class Pass, class T>
    static void place_tail(Pass& tail, T const* x, int b, int blocks) {
        shape const in = slice_in(tail.in), here = tail_in(tail.in);
        step_blocks const all{here, blocks};
        std::int64_t const before = Out == exit_of_slices::sum_to_steps ? tail.exchange->rank() * all.steps : 0;
        std::int64_t const inside = all.elements_before(L::gives(here), tail.batch, b);
        tail.at.first_row         = before + all.first(b);
        tail.x = In == entry::sliced ? nullptr : in.rank < 2 ? x : x + tail.at.first_row * (in.elements() / in.extent[0]) * tail.batch;
        tail.y += inside;
        if constexpr (requires { tail.dy; }) tail.dy += inside;
        tail.in = all.of(here, b);
    }

    // Scratch, region after region: gathered input | outputs of slices, or their gradients | gradients of inputs | the slice's own, or the tail's
    [[nodiscard]] constexpr std::int64_t gathered_input_at() const noexcept { return 0; }
    [[nodiscard]] constexpr std::int64_t outputs_at() const noexcept { return In == entry::steps ? aligned_elements(x) : 0; }
    [[nodiscard]] constexpr std::int64_t input_gradients_at() const noexcept {
        constexpr std::int64_t outputs = Out == exit_of_slices::sliced ? 0 : Out == exit_of_slices::sum ? own - 1 : Out == exit_of_slices::sum_to_steps ? own
                                         : cut.slices > 2 * own ? cut.slices : 2 * own;
        return outputs_at() + aligned_elements(outputs * y);
    }
    [[nodiscard]] constexpr std::int64_t slice_scratch_at() const noexcept {
        constexpr std::int64_t inputs = In == entry::sliced ? 0 : In == entry::whole ? own - 1 : own;
        return input_gradients_at() + aligned_elements(inputs * x);
    }
    [[nodiscard]] constexpr std::int64_t tail_at() const noexcept { return slice_scratch_at(); }
    [[nodiscard]] constexpr std::int64_t scratch() const noexcept {
        std::int64_t const tail = sums + of_tail;
        return slice_scratch_at() + (of_slice > tail ? of_slice : tail);
    }

    /// The exchanges of a pass, in the order in which cut_layer makes them.
    constexpr void count(pass_way way, bool wants_dx, exchange_tally& tally) const {
        std::int64_t const in_tail = has_tail && Out == exit_of_slices::sum_to_steps ? sums / own : 0;
        if (In == entry::steps) tally.gather(x / cut.ranks);
        if (way == pass_way::forward) {
            if (Out == exit_of_slices::joined) tally.gather(own * y);
            if (Out == exit_of_slices::sum) tally.sum(y);
            if (Out == exit_of_slices::sum_to_steps) tally.sum_to_parts(y / cut.ranks);
            return;
        }
        if (in_tail > 0) tally.sum(in_tail);
        if (Out == exit_of_slices::sum_to_steps) tally.gather(y / cut.ranks);
        if (In == entry::whole && wants_dx) tally.sum(x);
        if (In == entry::steps && wants_dx) tally.sum_to_parts(x / cut.ranks);
    }
};

}  // namespace detail
}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A network as compile-time values: its layers, its named tensors and where each lies in the one flat array of parameters.
/// It holds no weights; it says where they are.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/nn/chain.hpp>
#include <espalier/nn/layer_keys.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/nn/tensor_parts.hpp>

#include <cstdint>
#include <string_view>

namespace espalier {

/// One tensor of a network, or a rank's slice of one: slices of one tensor share its name and lie in their order, others between them.
struct tensor_entry {
    text name;
    shape extents;
    initial_value start;
    std::int64_t offset;  ///< elements from the start of the parameters; a multiple of 16
    parameter_cut cut = {};

    /// Which elements of its tensor it holds on the rank at a place.
    [[nodiscard]] constexpr tensor_part part(tensor_place const& at) const noexcept { return {extents, cut, at}; }
};

/// The tensors of a network in the order in which they lie, and their order by name.
template <int N>
struct tensor_table {
    static constexpr int count = N;
    tensor_entry item[N > 0 ? N : 1] = {};
    int by_name[N > 0 ? N : 1]       = {};
    std::int64_t elements            = 0;  ///< of the flat array, padding included
    std::int64_t parameters          = 0;  ///< that are trained, padding not included
};

/// What a first layer reads: layers that know it say so by `input()`.
template <class Network>
concept KnowsItsInput = requires { element_t<0, layers_of<Network>>::input(); };

/// The compile-time description of a network.
template <class Network>
struct network {
    using layers = layers_of<Network>;
    using chain  = espalier::chain<layers>;

    static constexpr shape input  = element_t<0, layers>::input();
    static constexpr shape output = chain::gives(input);

private:
    // One constant a phase: each has a compiler's steps of constant evaluation to itself, so that two hundred tensors are not too many.
    static constexpr auto list = chain::template parameters<layer_names<Network>>(input);

    static constexpr auto laid_out = [] {
        auto const places = chain::places(input, 1);
        tensor_table<chain::parameter_count> t;
        t.elements = places.parameter_elements;
        for (int layer = 0; layer < chain::size; ++layer) {
            auto const& place = places.item[layer];
            for (int k = 0; k < place.parameter_count; ++k) {
                int const i = place.first_parameter + k;
                t.item[i]   = {list.item[i].name, list.item[i].extents, list.item[i].start, place.offset[k], list.item[i].cut};
                t.parameters += list.item[i].extents.elements();
            }
        }
        return t;
    }();

    /// Fills in the order by name: binary insertion.
    static constexpr auto sorted(tensor_table<chain::parameter_count> t) {
        std::string_view name[chain::parameter_count > 0 ? chain::parameter_count : 1];
        for (int i = 0; i < t.count; ++i) {
            name[i]  = t.item[i].name.view();
            int from = 0, to = i;
            while (from < to) {
                int const middle = (from + to) / 2;
                if (name[i] < name[t.by_name[middle]]) to = middle;
                else from = middle + 1;
            }
            for (int at = i; at > from; --at) t.by_name[at] = t.by_name[at - 1];
            t.by_name[from] = i;
        }
        return t;
    }

public:
    static constexpr auto tensors = sorted(laid_out);
    static constexpr layer_keys<Network> keys{};   ///< one a layer, for its random numbers

    /// Two tensors of one name would be one tensor in a file; slices of one tensor are.
    static constexpr bool names_are_distinct = [] {
        for (int i = 1; i < tensors.count; ++i) {
            auto const &t = tensors.item[tensors.by_name[i]], &before = tensors.item[tensors.by_name[i - 1]];
            if (t.name == before.name && t.cut.slice != before.cut.slice + 1) return false;
        }
        return true;
    }();
};

/// Elements first … last − 1 of a network's flat arrays: what a rank holds of them.
struct flat_range {
    std::int64_t first = 0;
    std::int64_t last  = 0;

    friend constexpr bool operator==(flat_range, flat_range) noexcept = default;
};

namespace detail {
/// Element `i` of a tensor that starts so.
[[nodiscard]] inline double initial_element(initial_value const& start, random_key const& key, std::int64_t i) {
    auto const block = key.at(static_cast<std::uint64_t>(i / 2));  // two elements a block: a normal number needs two words
    auto const* word = block.word + 2 * (i % 2);
    switch (start.distribution) {
    case initial_value::kind::zeros: break;
    case initial_value::kind::ones: return 1;
    case initial_value::kind::uniform: return start.scale * (2.0 * static_cast<double>(to_unit(word[0])) - 1.0);
    case initial_value::kind::normal: return start.scale * to_normal(word[0], word[1]);
    }
    return 0;
}
}  // namespace detail

/// Writes the initial weights of a range: each element from (seed, tensor's name, element's index in the whole tensor) alone.
/// @param weights those of the range alone; padding is set to zero
/// @param at where the network is what one rank of a tensor axis computes
template <class Network, class T>
void initialise(std::uint64_t seed, flat_range held, T* weights, tensor_place const& at = {}) {
    constexpr auto const& tensors = network<Network>::tensors;
    for (std::int64_t i = 0; i < held.last - held.first; ++i) weights[i] = T{0};
    for (int k = 0; k < tensors.count; ++k) {
        tensor_entry const& entry = tensors.item[k];
        random_key const key{seed ^ hash_of(entry.name.view()), "init"};
        entry.part(at).for_each_run([&](part_run const& run) {
            std::int64_t const begins = entry.offset + run.part;
            std::int64_t const first  = held.first > begins ? held.first - begins : 0;
            std::int64_t const last   = held.last - begins < run.count ? held.last - begins : run.count;
            for (std::int64_t i = first; i < last; ++i)
                weights[begins + i - held.first] = static_cast<T>(detail::initial_element(entry.start, key, run.whole + i));
        });
    }
}
/// The same of a whole network.
/// @param weights network<N>::tensors.elements elements
template <class Network, class T>
void initialise(std::uint64_t seed, T* weights) {
    initialise<Network>(seed, {0, network<Network>::tensors.elements}, weights);
}

}  // namespace espalier

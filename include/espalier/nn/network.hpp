// SPDX-License-Identifier: BSL-1.0
/// @file
/// A network as compile-time values: its layers, its named tensors and where each lies in the one flat array of parameters.
/// It holds no weights; it says where they are.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/nn/chain.hpp>
#include <espalier/nn/layer_keys.hpp>
#include <espalier/nn/sequence.hpp>

#include <cstdint>
#include <string_view>

namespace espalier {

/// One tensor of a network.
struct tensor_entry {
    text name;
    shape extents;
    initial_value start;
    std::int64_t offset;  ///< elements from the start of the parameters; a multiple of 16
    parameter_cut cut = {};
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

    /// Two tensors of one name would be one tensor in a file.
    static constexpr bool names_are_distinct = [] {
        for (int i = 1; i < tensors.count; ++i)
            if (tensors.item[tensors.by_name[i]].name == tensors.item[tensors.by_name[i - 1]].name) return false;
        return true;
    }();
};

/// Elements first … last − 1 of a network's flat arrays: what a rank holds of them.
struct flat_range {
    std::int64_t first = 0;
    std::int64_t last  = 0;

    friend constexpr bool operator==(flat_range, flat_range) noexcept = default;
};

/// Writes the initial weights of a range: each element from (seed, tensor's name, element's index) alone.
/// @param weights those of the range alone; padding is set to zero
template <class Network, class T>
void initialise(std::uint64_t seed, flat_range held, T* weights) {
    constexpr auto const& tensors = network<Network>::tensors;
    for (std::int64_t i = 0; i < held.last - held.first; ++i) weights[i] = T{0};
    for (int k = 0; k < tensors.count; ++k) {
        tensor_entry const& entry = tensors.item[k];
        random_key const key{seed ^ hash_of(entry.name.view()), "init"};
        std::int64_t const first = held.first > entry.offset ? held.first - entry.offset : 0;
        std::int64_t const last  = held.last - entry.offset < entry.extents.elements() ? held.last - entry.offset : entry.extents.elements();
        for (std::int64_t i = first; i < last; ++i) {
            auto const block = key.at(static_cast<std::uint64_t>(i / 2));  // two elements a block: a normal number needs two words
            auto const* word = block.word + 2 * (i % 2);
            double value     = 0;
            switch (entry.start.distribution) {
            case initial_value::kind::zeros: break;
            case initial_value::kind::ones: value = 1; break;
            case initial_value::kind::uniform: value = entry.start.scale * (2.0 * static_cast<double>(to_unit(word[0])) - 1.0); break;
            case initial_value::kind::normal: value = entry.start.scale * to_normal(word[0], word[1]); break;
            }
            weights[entry.offset + i - held.first] = static_cast<T>(value);
        }
    }
}
/// The same of a whole network.
/// @param weights network<N>::tensors.elements elements
template <class Network, class T>
void initialise(std::uint64_t seed, T* weights) {
    initialise<Network>(seed, {0, network<Network>::tensors.elements}, weights);
}

}  // namespace espalier

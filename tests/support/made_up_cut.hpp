// SPDX-License-Identifier: BSL-1.0
/// @file
/// A layer whose parameters are cut along a tensor axis in every way there is, and where each element of a part lies in its tensor, counted
/// element by element. It computes nothing.
#pragma once

#include <espalier/nn/network.hpp>
#include <espalier/nn/sequence.hpp>

#include <cstdint>
#include <vector>

namespace espalier_test {

/// @tparam K slices of every cut parameter; 1: whole tensors
/// @tparam S of them that a rank has
template <int K, int S>
struct made_up_cut {
    static constexpr int tensors = 7, cut = 6;

    static constexpr espalier::shape input() { return espalier::dims(1); }
    static constexpr bool takes(espalier::shape) { return true; }
    static constexpr espalier::shape gives(espalier::shape in) { return in; }

    /// The whole tensor number i, and how it is cut.
    static constexpr espalier::parameter whole(int i) {
        using namespace espalier;
        parameter const all[tensors] = {
            {text{"rows"}, dims(24, 5), initial_value::uniform(0.5), {.along = 0}},
            {text{"columns"}, dims(3, 16), initial_value::normal(0.1), {.along = 1}},
            {text{"gates"}, dims(32, 3), initial_value::uniform(0.25), {.along = 0, .groups = 4}},
            {text{"words"}, dims(13, 3), initial_value::normal(1), {.along = 0}},                         // not divided by 4 and 8
            {text{"spread"}, dims(3, 10, 2), initial_value::uniform(1), {.along = 1, .groups = 2}},       // nor this: 5 in a group
            {text{"long"}, dims(60000), initial_value::normal(1), {.along = 0}},                          // slices of several blocks
            {text{"shared"}, dims(4100), initial_value::normal(1), {}}};                                  // held by every rank
        return all[i];
    }
    static constexpr espalier::parameter_list<cut * S + 1> parameters(espalier::shape) {
        espalier::parameter_list<cut * S + 1> list{};
        for (int i = 0; i < cut; ++i)
            for (int s = 0; s < S; ++s) {
                auto& p  = list.item[s * cut + i];  // slices lie one after the other
                p        = whole(i);
                auto const run = p.extents.extent[p.cut.along] / p.cut.groups;
                if (K == 1) continue;
                p.cut.slices = K, p.cut.slice = s, p.cut.whole = p.extents;
                p.extents.extent[p.cut.along] = p.cut.groups * ((run + K - 1) / K);
            }
        list.item[cut * S] = whole(cut);
        return list;
    }
};

/// Two layers of it, under the names "0.rows" … "1.shared".
template <int K, int S>
using made_up_network = espalier::sequence<made_up_cut<K, S>, made_up_cut<K, S>>;

/// The index in its tensor of element i of slice number `slice` of all; −1 where the slice has more than the tensor.
inline std::int64_t index_in_whole(espalier::tensor_entry const& t, int slice, std::int64_t i) {
    if (t.cut.slices == 1) return i;
    std::int64_t index[4] = {}, at = 0;
    for (int k = t.extents.rank; k-- > 0; i /= t.extents.extent[k]) index[k] = i % t.extents.extent[k];
    auto& along            = index[t.cut.along];
    std::int64_t const run = t.cut.whole.extent[t.cut.along] / t.cut.groups, width = t.extents.extent[t.cut.along] / t.cut.groups;
    std::int64_t const group = along / width, unit = slice * width + along % width;
    if (unit >= run) return -1;
    along = group * run + unit;
    for (int k = 0; k < t.cut.whole.rank; ++k) at = at * t.cut.whole.extent[k] + index[k];
    return at;
}

/// The position in the flat array of Whole of each element of Local's on a rank of the axis; −1 for padding of all kinds.
template <class Local, class Whole>
std::vector<std::int64_t> positions_in_whole(int rank) {
    auto const& local = espalier::network<Local>::tensors;
    auto const& whole = espalier::network<Whole>::tensors;
    std::vector<std::int64_t> out(static_cast<std::size_t>(local.elements), -1);
    for (auto const& t : local.item) {
        int own = 0;
        for (auto const& other : local.item) own += other.name == t.name;
        for (auto const& w : whole.item)
            for (std::int64_t i = 0; w.name == t.name && i < t.extents.elements(); ++i)
                if (auto const at = index_in_whole(t, rank * own + t.cut.slice, i); at >= 0) out[static_cast<std::size_t>(t.offset + i)] = w.offset + at;
    }
    return out;
}

}  // namespace espalier_test

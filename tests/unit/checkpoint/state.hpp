// SPDX-License-Identifier: BSL-1.0
/// @file
/// States for tests of checkpoints: tensors with values of their own, saved and loaded in boxes that are cut element by element.
/// It checks nothing.
#pragma once

#include "support/ranks.hpp"

#include <espalier/checkpoint/deal.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/core/philox.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace espalier_test {

/// A whole tensor; every element of a state has another value.
struct state_tensor {
    std::string name;
    std::vector<std::int64_t> extents;
    std::vector<std::int32_t> values;
};

struct state {
    std::vector<state_tensor> tensors;

    [[nodiscard]] static state of(std::int32_t first_value,
                                  std::vector<std::pair<std::string, std::vector<std::int64_t>>> const& shapes) {
        state s;
        for (auto const& [name, extents] : shapes) {
            std::int64_t n = 1;
            for (std::int64_t const e : extents) n *= e;
            state_tensor t{name, extents, {}};
            for (std::int64_t i = 0; i < n; ++i) t.values.push_back(first_value++);
            s.tensors.push_back(std::move(t));
        }
        return s;
    }
};

/// The values of a box, picked one by one by their index in the whole tensor.
[[nodiscard]] inline std::vector<std::int32_t> cut_out(state_tensor const& t, espalier::checkpoint::box const& where) {
    std::vector<std::int32_t> out;
    for (std::size_t i = 0; i < t.values.size(); ++i) {
        bool is_in       = true;
        std::size_t rest = i;
        for (std::size_t k = t.extents.size(); k-- > 0;) {
            auto const at = static_cast<std::int64_t>(rest) % t.extents[k];
            rest /= static_cast<std::size_t>(t.extents[k]);
            is_in = is_in && at >= where.first[k] && at < where.first[k] + where.extents[k];
        }
        if (is_in) out.push_back(t.values[i]);
    }
    return out;
}

/// Saves boxes[r] of the state on rank r, each given as {number of the tensor, box}.
template <class Place>
void save_boxes(Place const& place, std::int64_t step, state const& s,
                std::vector<std::vector<espalier::checkpoint::dealt_box>> const& boxes,
                std::map<std::string, std::string> const& run = {}) {
    auto const result = on_ranks<espalier::threads>(static_cast<int>(boxes.size()), [&](auto& world) {
        Place mine = place;
        std::vector<std::vector<std::int32_t>> values;
        std::vector<espalier::checkpoint::tensor_piece> pieces;
        for (auto const& b : boxes[static_cast<std::size_t>(world.rank())]) {
            state_tensor const& t = s.tensors[b.tensor];
            auto const& cut       = values.emplace_back(cut_out(t, b.where));
            pieces.push_back({t.name, t.extents, espalier::checkpoint::dtype::i32, b.where, std::as_bytes(std::span{cut})});
        }
        espalier::checkpoint::save_state(mine, world, step, run, pieces);
    });
    if (result.launched) std::rethrow_exception(result.launched);
}

/// The same with the boxes that `deal` gives.
template <class Place>
void save_dealt(Place const& place, int ranks, std::int64_t step, state const& s,
                std::map<std::string, std::string> const& run = {}) {
    std::vector<espalier::checkpoint::tensor_shape> shapes;
    for (state_tensor const& t : s.tensors) shapes.push_back({t.extents, espalier::checkpoint::dtype::i32});
    save_boxes(place, step, s, espalier::checkpoint::deal(shapes, ranks), run);
}

/// Loads one box of a tensor.
template <class Place>
[[nodiscard]] std::vector<std::int32_t> load_box(Place const& place, espalier::checkpoint::manifest const& m,
                                                 state_tensor const& t, espalier::checkpoint::box const& where) {
    std::vector<std::int32_t> out(static_cast<std::size_t>(elements(where)), -1);
    espalier::checkpoint::wanted_piece const wanted[1] = {
        {t.name, t.extents, espalier::checkpoint::dtype::i32, where, std::as_writable_bytes(std::span{out})}};
    espalier::checkpoint::load_state(place, m, wanted);
    return out;
}

/// Boxes that tile a tensor, one for each of `ranks` ranks, cut in two at random places again and again: the first entry of
/// `tensor` number `number` in each rank's list. Ranks may go without.
inline void cut_at_random(std::vector<std::vector<espalier::checkpoint::dealt_box>>& out, std::size_t number,
                          state_tensor const& t, espalier::random_key const& key, std::uint64_t& draws) {
    std::vector<espalier::checkpoint::box> boxes{espalier::checkpoint::whole(t.extents)};
    auto const draw = [&](std::size_t below) { return static_cast<std::size_t>(key.at(0, draws++).word[0]) % below; };
    for (std::size_t tries = 0; tries < 3 * out.size() && boxes.size() < out.size(); ++tries) {
        auto& b = boxes[draw(boxes.size())];
        if (t.extents.empty()) break;
        std::size_t const k = draw(t.extents.size());
        if (b.extents[k] < 2) continue;
        auto const cut = static_cast<std::int64_t>(1 + draw(static_cast<std::size_t>(b.extents[k]) - 1));
        auto rest      = b;
        rest.first[k] += cut;
        rest.extents[k] -= cut;
        b.extents[k] = cut;
        boxes.push_back(rest);
    }
    std::size_t const turn = draw(out.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) out[(turn + i) % out.size()].push_back({number, boxes[i]});
}

} // namespace espalier_test

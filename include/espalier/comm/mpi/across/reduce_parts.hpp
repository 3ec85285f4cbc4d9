// SPDX-License-Identifier: BSL-1.0
/// @file
/// The half that all reductions between nodes are made of: each rank ends with its part of the sum over all lanes, or of the operands of all ranks.
/// How the elements are cut into parts is the operations' own.
#pragma once

#include <espalier/comm/collective/reduce_scatter.hpp>
#include <espalier/comm/concepts.hpp>
#include <espalier/comm/mpi/across/group.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::mpi_detail {

/// Among the ranks of a node: each takes this node's sums over the parts with which it deals. `out` holds them sum by sum, part behind part.
template <class T, class Op, class Border>
struct sum_on_node {
    ordered_sum<T> in;
    std::int64_t n;
    Op op;
    roster const& ranks;
    Border const& border;
    std::vector<node_sum> const& sums;
    detail::tree_program& program;
    T* out;

    static constexpr detail::operation_record record{"sums of a node", detail::record_of<T>, detail::record_of<Op>.name};

    [[nodiscard]] std::int64_t extent() const noexcept { return n; }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(n);
        w.operands(in, n);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        T* to = out;
        for (node_sum const& s : sums) {
            if (s.node != ranks.own_node()) continue;
            build(here, s.lanes);
            for (int r = 0; r < ranks.size(); ++r) {
                if (!ranks.deals_for(r)) continue;
                detail::combine_part(program, first, last, border(r), border(r + 1), to, op);
                to += border(r + 1) - border(r);
            }
        }
    }

private:
    /// A node of the tree splits as the whole tree of as many lanes does: the sum is that of a smaller tree.
    template <class Scene>
    void build(Scene& here, lane_range lanes) const {
        program.clear();
        for (int place = 0; place < here.size(); ++place) {
            auto const& note = here.of(place);
            for (int k = 0; k < note.blocks; ++k) {
                lane_range const l = note.parts[k].lanes;
                if (l.first < lanes.first || l.last > lanes.last) continue;
                program.add({l.first - lanes.first, l.last - lanes.first}, here.template block<T>(place, k));
            }
        }
        static_cast<void>(program.finish(lanes.size(), sizeof(T)));  // found to be whole before
    }
};

/// Writes elements border(rank) … border(rank + 1) − 1 of the sum to `out`, which may lie in one of this rank's own summands.
/// @param border        border(r) … border(r + 1) − 1 is the part of rank r
/// @throws invalid_setting on all ranks alike where the summands do not tile the tree
template <class T, class Op, class Border>
void reduce_parts(across_group::step const& s, ordered_sum<T> const& in, bool is_one_a_rank, Border const& border, T* out, Op op) {
    roster const& ranks = s.ranks();
    auto const part     = [&](int r) { return border(r + 1) - border(r); };
    auto const bytes    = [&](int r) { return part(r) * static_cast<std::int64_t>(sizeof(T)); };
    int const own       = ranks.own_node();
    if (!s.sums().find(s.notes(), ranks, in.lanes, is_one_a_rank))
        detail::complain_of_summands("mpi", in.lanes, ranks.size(), [&](int r) -> detail::note const& { return s.notes()[static_cast<std::size_t>(r)]; });
    auto const& sums = s.sums().list;

    std::int64_t dealt = 0;  // elements of the parts with which this rank deals
    for (int r = 0; r < ranks.size(); ++r) dealt += ranks.deals_for(r) ? part(r) : 0;
    auto const own_sums = std::count_if(sums.begin(), sums.end(), [&](node_sum const& x) { return x.node == own; });
    T* summed           = nullptr;
    if (s.has_neighbours()) {
        summed = s.summed().of<T>(own_sums * dealt);
        s.on_node(sum_on_node<T, Op, Border>{in, border(ranks.size()), op, ranks, border, sums, s.program(), summed});
    }

    // Own sums lie where the node has summed them, or, with a rank that is alone, where it brought them. Those of other nodes come from the partners.
    auto& program          = s.program();
    std::int64_t const n   = part(ranks.rank());
    T* next                = s.received().of<T>((static_cast<std::int64_t>(sums.size()) - own_sums) * n);
    program.clear();
    for (node_sum const& x : sums) {
        if (x.node != own) {
            s.post().receive(ranks.partner(ranks.rank(), x.node), next, n * static_cast<std::int64_t>(sizeof(T)));
            program.add(x.lanes, next);
            next += n;
            continue;
        }
        for (int r = 0; r < ranks.size(); ++r) {
            if (!ranks.deals_for(r)) continue;
            T const* const data = s.has_neighbours() ? summed : in.mine[static_cast<std::size_t>(x.part)].data + border(r);
            if (r == ranks.rank()) program.add(x.lanes, data);
            else s.post().send(r, data, bytes(r));
            if (s.has_neighbours()) summed += part(r);
        }
    }
    s.finish();
    static_cast<void>(program.finish(in.lanes, sizeof(T)));
    program.run(0, n, out, op);
}

}  // namespace espalier::mpi_detail

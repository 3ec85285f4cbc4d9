// SPDX-License-Identifier: BSL-1.0
/// @file
/// The two halves that reductions over processes are made of: each rank receives the others' summands of the part that it owns and
/// sums them along the lane tree; each rank sends its part to all others. Which half an operation needs is its own business.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/mpi/detail/group.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

namespace espalier::mpi_detail {

/// Sums this rank's part of what all ranks brought to the operation of `mine`, and writes it to `out`.
/// `border(r)` … `border(r+1)` is the part that rank r owns. All ranks have met; when it returns, all that this rank sent has left.
/// @param out     may lie in one of this rank's own summands
/// @throws invalid_setting on all ranks alike where the summands do not tile the tree
template <class T, class Border, class Op>
void reduce_own_part(group& g, notice const& mine, ordered_sum<T> const& sum, Border const& border, T* out, Op op) {
    constexpr int tag       = 0;
    std::int64_t const from = border(g.rank()), n = border(g.rank() + 1) - from;
    constexpr auto element  = static_cast<std::int64_t>(sizeof(T));

    std::int64_t received = 0;
    for (int r = 0; r < g.size(); ++r)
        if (r != g.rank()) received += g.of(r).summands;
    T* next = reinterpret_cast<T*>(g.scratch(received * n * element));

    auto& program = g.program();
    program.clear();
    for (auto const& s : sum.mine) program.add(s.lanes, s.data + from);
    for (int r = 0; r < g.size(); ++r) {
        if (r == g.rank()) continue;
        for (int i = 0; i < g.of(r).summands; ++i, next += n) {
            g.receive(r, tag, next, n * element);
            program.add(g.of(r).lanes[i], n > 0 ? static_cast<void const*>(next) : &g);  // without elements any address but null
        }
        for (auto const& s : sum.mine) g.send(r, tag, s.data + border(r), (border(r + 1) - border(r)) * element);
    }
    bool const tiles = program.finish(sum.lanes, sizeof(T));
    g.finish(mine);
    if (!tiles)
        throw invalid_setting{{"mpi", joined("summands that tile the tree over ", sum.lanes, " lanes"),
                               joined(received + static_cast<std::int64_t>(sum.mine.size()), " summands of ", g.size(), " ranks that do not"),
                               "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, ranks, rank))",
                               "policies/communicator.md"}};
    constexpr std::int64_t block = detail::tree_program::block_elements;
    for (std::int64_t i = 0; i < n; i += block) program.block(i, std::min(block, n - i), out + i, op);
}

/// Sends own part of `data` to all others and receives theirs: elements border(r) … border(r+1) − 1 of rank r.
template <class T, class Border>
void gather_parts(group& g, notice const& mine, T* data, Border const& border) {
    constexpr int tag      = 1;
    constexpr auto element = static_cast<std::int64_t>(sizeof(T));
    auto const elements    = [&](int r) { return border(r + 1) - border(r); };
    for (int i = 1; i < g.size(); ++i) {
        int const from = (g.rank() + i) % g.size(), to = (g.rank() + g.size() - i) % g.size();
        g.receive(from, tag, data + border(from), elements(from) * element);
        g.send(to, tag, data + border(g.rank()), elements(g.rank()) * element);
    }
    g.finish(mine);
}

/// The notice of a plain reduction, in which rank r brings one operand as if it were lane r.
template <class T, class Op>
[[nodiscard]] notice plain_notice(char const* operation, ordered_sum<T> const& s, std::int64_t n, call_site at) {
    notice mine         = notice_of(operation, s, n, at);
    mine.parameter_name = {};
    mine.parameter      = 0;
    mine.reduction      = {detail::record_of<Op>.name};
    return mine;
}

}  // namespace espalier::mpi_detail

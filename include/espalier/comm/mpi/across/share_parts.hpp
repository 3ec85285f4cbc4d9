// SPDX-License-Identifier: BSL-1.0
/// @file
/// The second half of what all ranks end with: every rank has its own part, each node gets what it lacks by messages, and its ranks copy from each other.
/// Where the parts come from is the operations' own.
#pragma once

#include <espalier/comm/detail/scene.hpp>
#include <espalier/comm/mpi/across/group.hpp>

#include <algorithm>
#include <cstdint>

namespace espalier::mpi_detail {

/// Among the ranks of a node: each has the parts of those ranks of the group with which it deals, and copies the others.
/// @tparam Border border(r) … border(r + 1) − 1 are the elements of rank r
template <class T, class Border>
struct share_on_node {
    T* data;
    std::int64_t n;
    roster const& ranks;
    Border const& border;

    static constexpr detail::operation_record record{"parts of a node", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return n; }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(n);
        w.operand(static_cast<T const*>(data), 0, n);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        for (int i = 0; i < ranks.size(); ++i) {
            int const r    = (ranks.rank() + i) % ranks.size();  // not all copy from one rank at once
            int const from = ranks.place_of(ranks.partner(r, ranks.own_node()));
            if (from == ranks.own_place()) continue;
            std::int64_t const begin = std::max(first, border(r)), end = std::min(last, border(r + 1));
            if (begin < end) detail::copy_elements(data + begin, here.template block<T>(from) + begin, end - begin);
        }
    }
};

/// Every rank r has elements border(r) … border(r + 1) − 1 at `data`, which stands for all `n`; all ranks end with all of them.
template <class T, class Border>
void share_parts(across_group::step const& s, T* data, std::int64_t n, Border const& border) {
    roster const& ranks      = s.ranks();
    auto const bytes_of_part = [&](int r) { return (border(r + 1) - border(r)) * static_cast<std::int64_t>(sizeof(T)); };
    for (int r = 0; r < ranks.size(); ++r)
        if (ranks.node_of(r) != ranks.own_node() && ranks.deals_for(r)) s.post().receive(r, data + border(r), bytes_of_part(r));
    for (int node = 0; node < ranks.nodes(); ++node)
        if (node != ranks.own_node()) s.post().send(ranks.partner(ranks.rank(), node), data + border(ranks.rank()), bytes_of_part(ranks.rank()));
    s.finish();
    s.on_node(share_on_node<T, Border>{data, n, ranks, border});
}

}  // namespace espalier::mpi_detail

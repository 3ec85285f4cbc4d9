// SPDX-License-Identifier: BSL-1.0
/// @file
/// Gather to one rank, with parts of any sizes: the root copies every part.
#pragma once

#include <espalier/comm/collective/all_gather.hpp>

namespace espalier::collective {

/// Rank r brings elements borders[r] … borders[r + 1] − 1 at `in`; `root` ends with all of them at `out`, which others leave alone.
template <class T>
struct gather {
    T const* in;
    T* out;
    std::span<std::int64_t const> borders;
    int root;
    int rank;

    static constexpr detail::operation_record record{"gather", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return borders.back(); }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        auto const own = static_cast<std::size_t>(rank);
        w.count(borders.back());
        w.parameter("root and digest of borders", root ^ detail::digest_of(borders));
        w.operand(in, borders[own], borders[own + 1]);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        if (rank != root) return;
        for (int r = 0; r < here.size(); ++r) detail::copy_part(here, r, borders, first, last, out);
    }
};

}  // namespace espalier::collective

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Scatter from one rank, with parts of any sizes: each rank copies its own from the root.
#pragma once

#include <espalier/comm/detail/borders.hpp>
#include <espalier/comm/detail/scene.hpp>

#include <algorithm>

namespace espalier::collective {

/// `root` brings all elements at `in`, where others bring none; rank r ends with borders[r] … borders[r + 1] − 1 at `out`.
template <class T>
struct scatter {
    T const* in;
    T* out;
    std::span<std::int64_t const> borders;
    int root;
    int rank;

    static constexpr detail::operation_record record{"scatter", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return borders.back(); }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(borders.back());
        w.parameter("root and digest of borders", root ^ detail::digest_of(borders));
        if (rank == root) w.operand(in, 0, borders.back());
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        std::int64_t const own  = borders[static_cast<std::size_t>(rank)];
        std::int64_t const from = std::max(first, own), to = std::min(last, borders[static_cast<std::size_t>(rank) + 1]);
        if (from < to) detail::copy_elements(out + (from - own), here.template block<T>(root) + from, to - from);
    }
};

}  // namespace espalier::collective

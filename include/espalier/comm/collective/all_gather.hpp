// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-gather, with parts of any sizes: each rank copies the parts that it lacks from their owners.
#pragma once

#include <espalier/comm/detail/borders.hpp>
#include <espalier/comm/detail/scene.hpp>

#include <algorithm>

namespace espalier::detail {

/// Copies what of elements first … last − 1 lies in rank r's part to out[0 …], which stands for the whole.
template <class T, class Scene>
void copy_part(Scene& here, int r, std::span<std::int64_t const> borders, std::int64_t first, std::int64_t last, T* out) {
    std::int64_t const from = std::max(first, borders[static_cast<std::size_t>(r)]);
    std::int64_t const to   = std::min(last, borders[static_cast<std::size_t>(r) + 1]);
    if (from < to) copy_elements(out + from, here.template block<T>(r) + from, to - from);
}

}  // namespace espalier::detail

namespace espalier::collective {

/// Rank r brings elements borders[r] … borders[r + 1] − 1 at `in`; all ranks end with all of them at `out`.
template <class T>
struct all_gather {
    T const* in;
    T* out;
    std::span<std::int64_t const> borders;
    int rank;

    static constexpr detail::operation_record record{"all_gather", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return borders.back(); }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        auto const own = static_cast<std::size_t>(rank);
        w.count(borders.back());
        w.parameter("digest of borders", detail::digest_of(borders));
        w.operand(in, borders[own], borders[own + 1]);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        // Each rank starts with its own part and goes on at its neighbour's, so that not all read the same one at once.
        for (int i = 0; i < here.size(); ++i) detail::copy_part(here, (rank + i) % here.size(), borders, first, last, out);
    }
};

}  // namespace espalier::collective

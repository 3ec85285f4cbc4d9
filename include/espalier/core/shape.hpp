// SPDX-License-Identifier: BSL-1.0
/// @file
/// Shapes as compile-time values: the extents of one sample's tensor, or of a parameter.
/// Storage is not here: memory/ owns it, and the plan says where each tensor lies.
#pragma once

#include <cstdint>

namespace espalier {

/// Extents of a tensor of rank 0 … 4, outermost first. A structural type: it can be a template argument.
///
/// A network's shapes are those of *one sample*. In memory the batch B is the dim before the last for matrices and up, and
/// the first for vectors: a vector (F) is stored (B,F), a sequence (T,F) step by step as (T,B,F). So the last step of a
/// sequence is a contiguous (B,F), and a recurrent layer reads and writes whole blocks.
struct shape {
    int rank = 0;
    std::int64_t extent[4] = {0, 0, 0, 0};

    [[nodiscard]] constexpr std::int64_t elements() const noexcept {
        std::int64_t n = 1;
        for (int i = 0; i < rank; ++i) n *= extent[i];
        return n;
    }
    /// The innermost extent: features.
    [[nodiscard]] constexpr std::int64_t features() const noexcept { return rank == 0 ? 1 : extent[rank - 1]; }
    /// Rows of `features()` that one sample holds: the product of the other extents.
    [[nodiscard]] constexpr std::int64_t rows() const noexcept { return features() == 0 ? 0 : elements() / features(); }
    /// The same shape with another innermost extent.
    [[nodiscard]] constexpr shape with_features(std::int64_t f) const noexcept {
        shape s = *this;
        if (s.rank > 0) s.extent[s.rank - 1] = f;
        return s;
    }
    friend constexpr bool operator==(shape const& a, shape const& b) noexcept {
        if (a.rank != b.rank) return false;
        for (int i = 0; i < a.rank; ++i)
            if (a.extent[i] != b.extent[i]) return false;
        return true;
    }
};

/// The shape with these extents: `dims(60, 2)` is a sequence of 60 steps of 2 features.
template <class... Extents>
    requires(sizeof...(Extents) <= 4)
[[nodiscard]] constexpr shape dims(Extents... extents) noexcept {
    return shape{static_cast<int>(sizeof...(Extents)), {static_cast<std::int64_t>(extents)...}};
}

}  // namespace espalier

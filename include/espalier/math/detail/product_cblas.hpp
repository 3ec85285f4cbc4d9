// SPDX-License-Identifier: BSL-1.0
/// @file
/// The product through the C interface of the BLAS. It keeps no packed operand: the interface has none.
#pragma once

#include <espalier/math/product_shape.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <cblas.h>

namespace espalier::math::detail {

/// One product by cblas_sgemm or cblas_dgemm.
template <class T>
    requires(std::is_same_v<T, float> || std::is_same_v<T, double>)
class cblas_product {
public:
    cblas_product() = default;
    cblas_product(product_shape const& s, bool /*packs_once*/) : s_{s} {}

    [[nodiscard]] std::size_t workspace_bytes() const { return 0; }

    /// Remembers where b lies: it must stay there and unchanged until the next call of pack.
    void pack(T const* b) { b_ = b; }

    /// @param b null where it was packed
    void operator()(T const* a, T const* b, T* c) const {
        if (s_.m <= 0 || s_.n <= 0) return;
        if (s_.k <= 0) {
            if (!s_.accumulate) std::fill_n(c, s_.m * s_.n, T{0});
            return;
        }
        auto const ta = s_.transpose_a ? CblasTrans : CblasNoTrans, tb = s_.transpose_b ? CblasTrans : CblasNoTrans;
        int const m = static_cast<int>(s_.m), n = static_cast<int>(s_.n), k = static_cast<int>(s_.k);
        int const a_row = s_.transpose_a ? m : k, b_row = s_.transpose_b ? k : n;
        T const* const from = b != nullptr ? b : b_;
        T const beta        = s_.accumulate ? T{1} : T{0};
        if constexpr (std::is_same_v<T, float>)
            cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1.0f, a, a_row, from, b_row, beta, c, n);
        else
            cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1.0, a, a_row, from, b_row, beta, c, n);
    }

private:
    product_shape s_{};
    T const* b_ = nullptr;
};

}  // namespace espalier::math::detail

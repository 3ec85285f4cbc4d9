// SPDX-License-Identifier: BSL-1.0
/// @file
/// Matrix products behind one small interface: built once for a shape, called often.
/// Which library multiplies is a tag (math/backend.hpp); convolutions and batched products are not here.
#pragma once

#include <espalier/math/backend.hpp>
#include <espalier/math/detail/product_builtin.hpp>
#include <espalier/math/product_shape.hpp>

#if ESPALIER_HAS_ONEDNN()
#    include <espalier/math/detail/product_onednn.hpp>
#endif
#if ESPALIER_HAS_CBLAS()
#    include <espalier/math/detail/product_cblas.hpp>
#endif

#include <cstddef>

namespace espalier::math {

namespace detail {
template <class T, class Backend>
struct product_of;
template <class T>
struct product_of<T, builtin> {
    using type = builtin_product<T>;
};
#if ESPALIER_HAS_ONEDNN()
template <>
struct product_of<float, onednn> {
    using type = onednn_product;
};
#endif
#if ESPALIER_HAS_CBLAS()
template <class T>
struct product_of<T, cblas> {
    using type = cblas_product<T>;
};
#endif
}  // namespace detail

/// A product whose operands are plain arrays.
/// Use `packed_product` where b stays the same for several calls. One thread at a time may call an object, since it owns its
/// scratch memory; objects do not share anything, so ranks that are threads own one each.
/// @par Shapes    see product_shape; c must not overlap a or b
/// @par Cost      2mnk operations; allocates nothing of ours
/// @par Numerics  the same bits in every call with the same operands, on the same processor and back-end
template <class T, class Backend = default_backend<T>>
class product {
    static_assert(has_product<T, Backend>, "espalier: product: requires a back-end that this build has for this scalar. "
                                           "Use builtin, or configure with the library. See docs/build.md.");

public:
    product() = default;
    explicit product(product_shape const& s) : kernel_{s, false} {}

    void operator()(T const* a, T const* b, T* c) const { kernel_(a, b, c); }

    /// Bytes that this object owns beside its operands.
    [[nodiscard]] std::size_t workspace_bytes() const { return kernel_.workspace_bytes(); }

private:
    typename detail::product_of<T, Backend>::type kernel_;
};

/// A product whose b is packed into the back-end's own layout and then used by any number of calls.
/// For weights: pack once a step, multiply once a time step. The packed array must stay unchanged where it was until the next
/// `pack`, because a back-end that cannot pack reads it again.
template <class T, class Backend = default_backend<T>>
class packed_product {
    static_assert(has_product<T, Backend>, "espalier: product: requires a back-end that this build has for this scalar. "
                                           "Use builtin, or configure with the library. See docs/build.md.");

public:
    packed_product() = default;
    explicit packed_product(product_shape const& s) : kernel_{s, true} {}

    void pack(T const* b) { kernel_.pack(b); }
    void operator()(T const* a, T* c) const { kernel_(a, nullptr, c); }

    /// Bytes that this object owns beside its operands: the packed b, and scratch memory.
    [[nodiscard]] std::size_t workspace_bytes() const { return kernel_.workspace_bytes(); }

private:
    typename detail::product_of<T, Backend>::type kernel_;
};

}  // namespace espalier::math

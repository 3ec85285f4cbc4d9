// SPDX-License-Identifier: BSL-1.0
/// @file
/// The processor's vector as a type, for the few kernels that keep sums in registers by hand.
/// Element-wise loops do not need it: the compiler vectorises them.
#pragma once

#include <espalier/core/config.hpp>

#include <cstdint>

namespace espalier::math::detail {

/// Bytes of the widest vector that this translation unit is compiled for.
#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64;
#    define ESPALIER_VECTOR() __attribute__((vector_size(64)))
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32;
#    define ESPALIER_VECTOR() __attribute__((vector_size(32)))
#else
inline constexpr int vector_bytes = 16;
#    define ESPALIER_VECTOR() __attribute__((vector_size(16)))
#endif

/// Lets clang keep whole vectors in registers where it would rather work on halves.
#if defined(__clang__) && defined(__AVX512F__)
#    define ESPALIER_WHOLE_VECTORS() __attribute__((min_vector_width(512)))
#else
#    define ESPALIER_WHOLE_VECTORS()
#endif

template <class T>
struct vector_of;
template <>
struct vector_of<float> {
    typedef float type ESPALIER_VECTOR();
};
template <>
struct vector_of<double> {
    typedef double type ESPALIER_VECTOR();
};
template <>
struct vector_of<std::int32_t> {
    typedef std::int32_t type ESPALIER_VECTOR();
};
#undef ESPALIER_VECTOR

template <class T>
using vector_t = typename vector_of<T>::type;

/// Elements of T in a vector.
template <class T>
inline constexpr int lanes_in_vector = vector_bytes / static_cast<int>(sizeof(T));

}  // namespace espalier::math::detail

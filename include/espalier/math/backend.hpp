// SPDX-License-Identifier: BSL-1.0
/// @file
/// The libraries that matrix products may come from, which of them serves a scalar, and the setting of one thread a rank.
/// The products themselves are math/product.hpp.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/core/error.hpp>
#include <espalier/math/detail/symbols.hpp>

#include <string>
#include <type_traits>

#if ESPALIER_HAS_ONEDNN()
#    include <oneapi/dnnl/dnnl.h>
#endif

namespace espalier::math {

/// Plain C++ that the compiler vectorises; always there, and the reference for the others.
struct builtin;
/// oneDNN, float only. Small and narrow products, and large gradients of weights, go to the built-in kernels where these are up to
/// several times quicker; the shape alone decides.
struct onednn;
/// Any library with the C interface of the BLAS.
struct cblas;

/// True where this build can multiply matrices of T with `Backend`.
template <class T, class Backend>
inline constexpr bool has_product = std::is_same_v<Backend, builtin> ||
                                    (std::is_same_v<Backend, onednn> && std::is_same_v<T, float> && ESPALIER_HAS_ONEDNN()) ||
                                    (std::is_same_v<Backend, cblas> && ESPALIER_HAS_CBLAS());

/// What serves T unless a program says otherwise: oneDNN for float, else CBLAS, else the built-in kernels.
template <class T>
using default_backend =
    std::conditional_t<has_product<T, onednn>, onednn, std::conditional_t<has_product<T, cblas>, cblas, builtin>>;

/// The name of the built-in kernels with the vector width they were compiled for: "built-in (512-bit)".
[[nodiscard]] inline std::string builtin_name() {
#if defined(__AVX512F__)
    return "built-in (512-bit)";
#elif defined(__AVX2__) && defined(__FMA__)
    return "built-in (256-bit, fma)";
#elif defined(__AVX__)
    return "built-in (256-bit)";
#elif defined(__SSE2__)
    return "built-in (128-bit)";
#else
    return "built-in";
#endif
}

/// The name of what serves float products: library, version and instruction set, as far as the library tells.
/// Programs print it and checkpoints record it: bits are the same only under the same name.
[[nodiscard]] inline std::string backend_name() {
#if ESPALIER_HAS_ONEDNN()
    dnnl_version_t const* const v = dnnl_version();
    return joined("oneDNN ", v->major, '.', v->minor, '.', v->patch, " (", detail::onednn_isa_name(), ") + ", builtin_name());
#elif ESPALIER_HAS_CBLAS()
    return joined("CBLAS", detail::cblas_details());
#else
    return builtin_name();
#endif
}

/// Sets one thread for the arithmetic that the calling thread asks for; a rank calls it first, in its own thread.
/// It speaks to whichever OpenMP runtime and BLAS the process has loaded; the environment is neither read nor changed.
/// @par Numerics  a product's inner dimension is never split over threads, so its bits do not depend on the machine's cores
inline void use_one_thread() {
    detail::call_where_there<void(int)>("omp_set_num_threads", 1);         // per calling thread, whichever runtime
    detail::call_where_there<void(int)>("omp_set_dynamic", 0);
    detail::call_where_there<void(int)>("openblas_set_num_threads", 1);    // per process
    detail::call_where_there<void(int)>("bli_thread_set_num_threads", 1);  // BLIS; takes a signed integer of register size
    detail::call_where_there<int(int)>("MKL_Set_Num_Threads_Local", 1);
}

}  // namespace espalier::math

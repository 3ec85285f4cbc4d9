// SPDX-License-Identifier: BSL-1.0
/// @file
/// Every macro of the library, and the choices that must be made before any third-party header is seen.
/// It holds no types and no functions; everything else that varies is a template argument.
#pragma once

#if !defined(__cplusplus) || __cplusplus < 202002L
#    error "espalier: the library: requires C++20; got an older standard. Compile with -std=c++20. See docs/build.md."
#endif

#define ESPALIER_VERSION_MAJOR 0
#define ESPALIER_VERSION_MINOR 1
#define ESPALIER_VERSION_PATCH 0

// Matrix products: the build says which library there is (ESPALIER_USE_ONEDNN or ESPALIER_USE_CBLAS); without either, the
// built-in product serves, so that one `g++ -std=c++20 -I` line compiles a program.
#if defined(ESPALIER_USE_ONEDNN)
#    define ESPALIER_HAS_ONEDNN() 1
#else
#    define ESPALIER_HAS_ONEDNN() 0
#endif
#if defined(ESPALIER_USE_CBLAS)
#    define ESPALIER_HAS_CBLAS() 1
#else
#    define ESPALIER_HAS_CBLAS() 0
#endif

// Compressed files of bars: the build says whether there is zlib.
#if defined(ESPALIER_USE_ZLIB)
#    define ESPALIER_HAS_ZLIB() 1
#else
#    define ESPALIER_HAS_ZLIB() 0
#endif

// Thrust runs on the plain C++ system unless nvcc compiles: a host compiler has no CUDA headers to offer.
#if defined(__CUDACC__)
#    define ESPALIER_HAS_NVCC() 1
#else
#    define ESPALIER_HAS_NVCC() 0
#    ifndef THRUST_DEVICE_SYSTEM
#        define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#    endif
#endif

// Functors that Thrust may run on a device as well as on the host.
#if ESPALIER_HAS_NVCC()
#    define ESPALIER_HOST_DEVICE() __host__ __device__
#else
#    define ESPALIER_HOST_DEVICE()
#endif

// Pointers that do not alias; a loop over them is vectorised without a run-time check.
#define ESPALIER_RESTRICT() __restrict__

// A function that must disappear into its caller: the step's glue, whose cost is measured in instructions.
#define ESPALIER_INLINE() inline __attribute__((always_inline))

// A function that runs seldom, such as one that builds something or writes a file: small rather than fast, also for the compiler.
#define ESPALIER_COLD() __attribute__((cold, noinline))

// A kernel that keeps a symbol of its own, so that a profile names it.
#define ESPALIER_NOINLINE() __attribute__((noinline))

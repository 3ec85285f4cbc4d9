// SPDX-License-Identifier: BSL-1.0
/// @file
/// Counts what operator new gives, for fuzz targets: how many bytes live, and the most that lived since `begin`.
/// It replaces the global operators, so one source file of a program includes it. For one thread.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace espalier_fuzz {

struct allocations {
    static inline std::size_t live = 0;
    static inline std::size_t peak = 0;

    /// Counts from here on. @return what lives now
    static std::size_t begin() noexcept { return peak = live; }

    /// Ends the program where more than `most` bytes lived at once beyond the `before` that `begin` gave.
    static void check(std::size_t before, std::size_t most) noexcept {
        if (peak - before <= most) return;
        std::fprintf(stderr, "at most %zu bytes may be allocated at once; got %zu\n", most, peak - before);
        std::abort();
    }

    static void* take(std::size_t bytes) {
        void* const p = std::malloc(bytes != 0 ? bytes : 1);
        if (p == nullptr) throw std::bad_alloc{};
        live += malloc_usable_size(p);
        if (live > peak) peak = live;
        return p;
    }
    static void give(void* p) noexcept {
        live -= malloc_usable_size(p);
        std::free(p);
    }
};

/// What a reader may allocate for an input: 32 times its size, and what an error message takes.
inline constexpr std::size_t allowance(std::size_t input_bytes) noexcept {
    return 32 * input_bytes + 16 * 1024;
}

/// Ends the program with a line that says what did not hold.
inline void require(bool holds, char const* what) noexcept {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

} // namespace espalier_fuzz

void* operator new(std::size_t bytes) {
    return espalier_fuzz::allocations::take(bytes);
}
void* operator new[](std::size_t bytes) {
    return espalier_fuzz::allocations::take(bytes);
}
void operator delete(void* p) noexcept {
    espalier_fuzz::allocations::give(p);
}
void operator delete[](void* p) noexcept {
    espalier_fuzz::allocations::give(p);
}
void operator delete(void* p, std::size_t) noexcept {
    espalier_fuzz::allocations::give(p);
}
void operator delete[](void* p, std::size_t) noexcept {
    espalier_fuzz::allocations::give(p);
}
// libFuzzer's own allocations come by these.
void* operator new(std::size_t bytes, std::nothrow_t const&) noexcept {
    try {
        return espalier_fuzz::allocations::take(bytes);
    } catch (std::bad_alloc const&) {
        return nullptr;
    }
}
void* operator new[](std::size_t bytes, std::nothrow_t const& tag) noexcept {
    return operator new(bytes, tag);
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory spaces: where the elements of an arena lie and which Thrust policy runs over them.
/// Only the host space is here; a space with a dependency lives in a header of its own.
#pragma once

#include <espalier/core/config.hpp>

#include <concepts>
#include <cstddef>
#include <new>

#include <thrust/execution_policy.h>

namespace espalier {

/// Every region of an arena and every parameter starts at a multiple of this many bytes.
inline constexpr std::size_t alignment_bytes = 64;

/// `bytes` rounded up to the alignment.
[[nodiscard]] constexpr std::size_t aligned_bytes(std::size_t bytes) noexcept {
    return (bytes + alignment_bytes - 1) / alignment_bytes * alignment_bytes;
}

/// A place for memory: gives aligned bytes, takes them back, and names the Thrust policy that works on them.
template <class S>
concept MemorySpace = requires(std::size_t bytes, void* p) {
    { S::allocate(bytes) } -> std::same_as<void*>;
    { S::deallocate(p, bytes) } noexcept;
    S::policy();
};

/// The host's memory.
struct host {
    /// @throws std::bad_alloc
    [[nodiscard]] static void* allocate(std::size_t bytes) {
        return ::operator new(bytes, std::align_val_t{alignment_bytes});
    }
    static void deallocate(void* p, std::size_t /*bytes*/) noexcept {
        ::operator delete(p, std::align_val_t{alignment_bytes});
    }
    /// Runs on the calling thread, one element after the other, so that a loop body is inlined and vectorised.
    [[nodiscard]] static constexpr auto policy() noexcept { return thrust::seq; }
};

static_assert(MemorySpace<host>);

}  // namespace espalier

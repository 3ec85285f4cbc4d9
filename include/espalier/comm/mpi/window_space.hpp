// SPDX-License-Identifier: BSL-1.0
/// @file
/// The memory space of `mpi`: the host's memory, which the ranks of a node share where `allocate` of a communicator gave it.
/// How it is shared is comm/mpi/detail/windows.hpp's business.
#pragma once

#include <espalier/memory/space.hpp>

#include <cstddef>
#include <new>

namespace espalier {

/// Takes back what it gave and what a communicator gave: before each block stands whose it is.
struct window_space {
    /// What stands before a block, in its first `alignment_bytes`.
    struct owner {
        void (*take_back)(void* block, void* lease) noexcept;
        void* lease;
    };

    /// Memory of this process alone.
    /// @throws std::bad_alloc
    [[nodiscard]] static void* allocate(std::size_t bytes) {
        return owned_by({[](void* block, void*) noexcept { host::deallocate(block, 0); }, nullptr}, host::allocate(bytes + alignment_bytes));
    }
    static void deallocate(void* p, std::size_t /*bytes*/) noexcept {
        void* const block = static_cast<std::byte*>(p) - alignment_bytes;
        owner const mine  = *std::launder(static_cast<owner*>(block));
        mine.take_back(block, mine.lease);
    }
    [[nodiscard]] static constexpr auto policy() noexcept { return host::policy(); }

    /// Writes the owner into a block of `alignment_bytes` more than are wanted.
    /// @return what its user gets
    [[nodiscard]] static void* owned_by(owner o, void* block) noexcept {
        static_assert(sizeof(owner) <= alignment_bytes);
        new (block) owner{o};
        return static_cast<std::byte*>(block) + alignment_bytes;
    }
};

static_assert(MemorySpace<window_space>);

}  // namespace espalier

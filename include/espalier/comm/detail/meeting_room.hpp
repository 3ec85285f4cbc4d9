// SPDX-License-Identifier: BSL-1.0
/// @file
/// The memory in which a group of ranks meets: a gate, a place for each rank's notes, and room to stage elements that others cannot read.
/// It lies on the heap for threads and in a shared window for processes; it owns nothing.
#pragma once

#include <espalier/comm/detail/gate.hpp>
#include <espalier/comm/detail/note.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

namespace espalier::detail {

/// What belongs to one rank of a group.
struct alignas(128) meeting_place {
    note notes[2];                           ///< of this meeting and the one before
    std::atomic<std::uint64_t> meetings{0};  ///< so many has the rank joined
};

/// A view of the memory; all ranks of the group see the same, each at its own address.
class meeting_room {
public:
    /// Bytes of a room, wherever it begins.
    [[nodiscard]] static std::size_t bytes(int ranks, std::size_t staging_bytes) noexcept {
        return 2 * grain + static_cast<std::size_t>(ranks) * (sizeof(meeting_place) + staging_bytes);
    }
    /// @param staging_bytes of each rank, a multiple of 64; 0 where every rank can read all memory of the others
    meeting_room(void* memory, int ranks, std::size_t staging_bytes) noexcept
        : memory_{reinterpret_cast<std::byte*>((reinterpret_cast<std::uintptr_t>(memory) + grain - 1) / grain * grain)}, ranks_{ranks},
          staging_bytes_{staging_bytes} {}

    /// Furnishes the memory: one rank of the group, before any other looks.
    void open() const noexcept {
        new (memory_) gate<>{ranks_};
        for (int r = 0; r < ranks_; ++r) new (&place(r)) meeting_place;
    }
    [[nodiscard]] gate<>& the_gate() const noexcept { return *std::launder(reinterpret_cast<gate<>*>(memory_)); }
    [[nodiscard]] meeting_place& place(int rank) const noexcept {
        return reinterpret_cast<meeting_place*>(memory_ + grain)[rank];
    }
    [[nodiscard]] std::byte* staging(int rank) const noexcept {
        return memory_ + grain + static_cast<std::size_t>(ranks_) * sizeof(meeting_place) +
               static_cast<std::size_t>(rank) * staging_bytes_;
    }
    [[nodiscard]] std::size_t staging_bytes() const noexcept { return staging_bytes_; }

private:
    /// Two cache lines, which processors fetch together. Processes see the same pages, so it is the same line for all.
    static constexpr std::size_t grain = 128;
    static_assert(sizeof(gate<>) <= grain && alignof(meeting_place) <= grain);

    std::byte* memory_;
    int ranks_;
    std::size_t staging_bytes_;
};

}  // namespace espalier::detail

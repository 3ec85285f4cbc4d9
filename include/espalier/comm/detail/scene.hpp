// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an operation sees once all ranks have met: where everybody's operands and results lie, for the elements at hand.
/// It moves and waits for nothing.
#pragma once

#include <espalier/comm/detail/meeting_room.hpp>
#include <espalier/comm/detail/mismatch.hpp>
#include <espalier/comm/detail/tree_program.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace espalier::detail {

/// Copies unless source and target are one.
template <class T>
void copy_elements(T* to, T const* from, std::int64_t n) noexcept {
    if (to != from && n > 0) std::memmove(to, from, static_cast<std::size_t>(n) * sizeof(T));
}

/// The address `elements` elements behind `base`, as a number: element 0 of an index space may lie before the memory that is there.
template <class T>
[[nodiscard]] T* shifted(void const* base, std::int64_t elements) noexcept {
    return reinterpret_cast<T*>(reinterpret_cast<std::uintptr_t>(base) + static_cast<std::uintptr_t>(elements) * sizeof(T));
}
/// Block k of the operands that came in a note.
template <class T>
[[nodiscard]] T const* payload_block(note const& n, int k) noexcept {
    return shifted<T>(n.payload, k * (n.last - n.first) - n.first);
}

/// Has `program` sum what all ranks of a scene brought along the tree over the lanes that they name.
/// @throws invalid_setting, on all ranks alike
template <class T, class Scene>
tree_program& sum_lanes(tree_program& program, Scene const& here, char const* entity) {
    program.clear();
    int const lanes = here.of(here.rank()).lanes;
    for (int r = 0; r < here.size(); ++r) {
        note const& n = here.of(r);
        for (int k = 0; k < n.blocks; ++k) program.add(k == 0 ? n.lanes_of_first : n.parts[k].lanes, here.template block<T>(r, k));
    }
    if (!program.finish(lanes, sizeof(T))) complain_of_summands(entity, lanes, here.size(), [&](int r) -> note const& { return here.of(r); });
    return program;
}
/// Has `program` combine one operand a rank along the tree over the ranks.
template <class T, class Scene>
tree_program& combine_ranks(tree_program& program, Scene const& here) {
    program.clear();
    for (int r = 0; r < here.size(); ++r) program.add({r, r + 1}, here.template block<T>(r));
    static_cast<void>(program.finish(here.size(), sizeof(T)));
    return program;
}

/// How the operands of a meeting reach the others.
enum class route {
    note,     ///< in the notes: each rank computes its results alone, and nobody waits for anybody afterwards
    memory,   ///< where they lie
    staging,  ///< piece by piece through the room, for the ranks whose memory others cannot read
};

/// The operation's view. Pointers are such that element i of the index space lies at p[i].
template <class Station>
class scene {
public:
    /// @param results room for an address a rank
    scene(Station const& s, meeting_room const& room, int rank, std::vector<int> const& world_ranks, unsigned parity, tree_program& program,
          std::vector<void*>& results) noexcept
        : station_{s}, room_{room}, rank_{rank}, world_ranks_{world_ranks}, parity_{parity}, program_{program}, results_{results} {}

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(world_ranks_.size()); }
    [[nodiscard]] note const& of(int r) const noexcept { return room_.place(r).notes[parity_]; }
    /// Whether each rank works out its results for itself.
    [[nodiscard]] bool is_each_alone() const noexcept { return route_ == route::note; }

    void take(route r) noexcept {
        route_ = r;
        for (int q = 0; q < size() && r != route::note; ++q) {
            auto const& out = of(q).out;
            results_[static_cast<std::size_t>(q)] = out.segment == memory_ref::outside ? nullptr : at(q, out);
        }
    }
    /// From now on staged elements are first … first + piece − 1.
    void stage(std::int64_t first, std::int64_t piece) noexcept {
        first_ = first;
        piece_ = piece;
    }

    /// Whether a rank's elements travel through the room once one rank's do. A thread's always: it may be gone before others have read them.
    [[nodiscard]] static bool is_staged(note const& n) noexcept { return n.is_outside || Station::all_memory_is_shared; }

    /// Block k of what rank r brought.
    template <class T>
    [[nodiscard]] T const* block(int r, int k = 0) const noexcept {
        note const& n = of(r);
        if (route_ == route::note) return payload_block<T>(n, k);
        if (route_ == route::staging && is_staged(n)) return reinterpret_cast<T*>(staged(r, k, 0, sizeof(T)));
        if (n.lanes > 0) return static_cast<T const*>(at(r, n.parts[k].data));
        return static_cast<T const*>(at(r, n.in)) + k * n.stride;
    }
    /// Where rank r wants its result, if others write it.
    template <class T>
    [[nodiscard]] T* result(int r) const noexcept {
        note const& n = of(r);
        if (route_ == route::staging && is_staged(n)) return reinterpret_cast<T*>(staged(r, n.blocks, 0, sizeof(T)));
        return static_cast<T*>(results_[static_cast<std::size_t>(r)]);
    }

    /// Where element i of rank r's staged block k lies; its staged result is one block more.
    [[nodiscard]] std::byte* staged(int r, int k, std::int64_t i, std::int64_t element_bytes) const noexcept {
        return shifted<std::byte>(room_.staging(r), (k * piece_ - first_ + i) * element_bytes);
    }

    /// The program that sums what all ranks brought along the tree over the lanes that they name.
    /// @throws invalid_setting, on all ranks alike
    template <class T>
    [[nodiscard]] tree_program& sum_of_lanes() {
        return sum_lanes<T>(program_, *this, Station::entity);
    }
    /// The program that combines one operand a rank along the tree over the ranks.
    template <class T>
    [[nodiscard]] tree_program& combination_of_ranks() {
        return combine_ranks<T>(program_, *this);
    }

private:
    [[nodiscard]] void* at(int r, memory_ref const& ref) const noexcept { return station_.resolve(ref, world_ranks_[static_cast<std::size_t>(r)]); }

    Station const& station_;
    meeting_room room_;
    int rank_;
    std::vector<int> const& world_ranks_;
    unsigned parity_;
    tree_program& program_;
    std::vector<void*>& results_;  ///< where each rank wants its result, looked up once
    route route_        = route::memory;
    std::int64_t first_ = 0, piece_ = 0;
};

}  // namespace espalier::detail

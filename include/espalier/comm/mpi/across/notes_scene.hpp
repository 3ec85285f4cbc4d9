// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an operation sees where all operands are so small that they lie in the notes: the counterpart of comm/detail/scene.hpp for ranks that share no memory.
/// Each rank works out its own results.
#pragma once

#include <espalier/comm/detail/scene.hpp>

#include <cstddef>
#include <vector>

namespace espalier::mpi_detail {

/// The notes of all ranks as a scene. Pointers are such that element i of the index space lies at p[i].
class notes_scene {
public:
    notes_scene(std::vector<detail::note> const& notes, int rank, detail::tree_program& program) noexcept
        : notes_{notes}, rank_{rank}, program_{program} {}

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(notes_.size()); }
    [[nodiscard]] detail::note const& of(int r) const noexcept { return notes_[static_cast<std::size_t>(r)]; }
    [[nodiscard]] static constexpr bool is_each_alone() noexcept { return true; }

    template <class T>
    [[nodiscard]] T const* block(int r, int k = 0) const noexcept {
        return detail::payload_block<T>(of(r), k);
    }
    /// Nobody writes another one's result here.
    template <class T>
    [[nodiscard]] static T* result(int) noexcept {
        return nullptr;
    }

    /// @throws invalid_setting, on all ranks alike
    template <class T>
    [[nodiscard]] detail::tree_program& sum_of_lanes() {
        return detail::sum_lanes<T>(program_, *this, "mpi");
    }
    template <class T>
    [[nodiscard]] detail::tree_program& combination_of_ranks() {
        return detail::combine_ranks<T>(program_, *this);
    }

private:
    std::vector<detail::note> const& notes_;
    int rank_;
    detail::tree_program& program_;
};

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an operation sees where all operands are so small that they lie in the notes: the counterpart of comm/detail/scene.hpp for ranks that share no memory.
/// Each rank works out its own results.
#pragma once

#include <espalier/comm/detail/note.hpp>
#include <espalier/comm/detail/tree_program.hpp>
#include <espalier/comm/errors.hpp>

#include <cstdint>
#include <vector>

namespace espalier::mpi_detail {

/// The error of an ordered sum whose summands are not a whole.
[[noreturn]] inline void complain_of_summands(int lanes, std::vector<detail::note> const& notes) {
    int summands = 0;
    for (auto const& n : notes) summands += n.blocks;
    throw invalid_setting{{"mpi", joined("summands that tile the tree over ", lanes, " lanes"),
                           joined(summands, " summands of ", notes.size(), " ranks that do not"),
                           "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, ranks, rank))", "policies/communicator.md"}};
}

/// The notes of all ranks as a scene. Pointers are such that element i of the index space lies at p[i].
class notes_scene {
public:
    notes_scene(std::vector<detail::note> const& notes, int rank, detail::tree_program& program) noexcept
        : notes_{notes}, rank_{rank}, program_{program} {}

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(notes_.size()); }
    [[nodiscard]] static constexpr bool is_each_alone() noexcept { return true; }

    template <class T>
    [[nodiscard]] T const* block(int r, int k = 0) const noexcept {
        detail::note const& n    = of(r);
        std::int64_t const shift = k * (n.last - n.first) - n.first;
        return reinterpret_cast<T const*>(reinterpret_cast<std::uintptr_t>(n.payload) + static_cast<std::uintptr_t>(shift) * sizeof(T));
    }
    /// Nobody writes another one's result here.
    template <class T>
    [[nodiscard]] static T* result(int) noexcept {
        return nullptr;
    }

    /// @throws invalid_setting, on all ranks alike
    template <class T>
    [[nodiscard]] detail::tree_program& sum_of_lanes() {
        program_.clear();
        for (int r = 0; r < size(); ++r)
            for (int k = 0; k < of(r).blocks; ++k) program_.add(of(r).parts[k].lanes, block<T>(r, k));
        if (!program_.finish(of(rank_).lanes, sizeof(T))) complain_of_summands(of(rank_).lanes, notes_);
        return program_;
    }
    template <class T>
    [[nodiscard]] detail::tree_program& combination_of_ranks() {
        program_.clear();
        for (int r = 0; r < size(); ++r) program_.add({r, r + 1}, block<T>(r));
        static_cast<void>(program_.finish(size(), sizeof(T)));
        return program_;
    }

private:
    [[nodiscard]] detail::note const& of(int r) const noexcept { return notes_[static_cast<std::size_t>(r)]; }

    std::vector<detail::note> const& notes_;
    int rank_;
    detail::tree_program& program_;
};

}  // namespace espalier::mpi_detail

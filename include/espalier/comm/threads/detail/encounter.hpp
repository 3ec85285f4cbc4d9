// SPDX-License-Identifier: BSL-1.0
/// @file
/// A collective operation in progress: meets at the start, parts at the end, and lets a rank see the others' notes between.
/// The reductions share here how a rank computes the chunk that it owns.
#pragma once

#include <espalier/comm/threads/detail/group.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

namespace espalier::threads_detail {

/// Copies unless source and target are one.
template <class T>
void copy_elements(T* to, T const* from, std::int64_t n) noexcept {
    if (to != from && n > 0) std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(T));
}

/// From construction to destruction all ranks of the group are in one operation, and their data stay where the notes say.
/// Between, a rank must not wait for another one.
class encounter {
public:
    /// @throws what group::meet throws; then nobody parts
    encounter(group& g, int rank, note const& mine) : activity_{g.the_world(), g.world_rank(rank), mine.operation, mine.at},
                                                      group_{g}, rank_{rank} {
        g.meet(rank, mine);
    }
    ~encounter() { group_.part(rank_); }
    encounter(encounter const&)            = delete;
    encounter& operator=(encounter const&) = delete;

    [[nodiscard]] note const& of(int rank) noexcept { return group_.note_of(rank, rank_); }

    /// The program that sums what all ranks brought along the tree over `lanes` lanes.
    /// @throws invalid_setting, on all ranks alike
    template <class T>
    [[nodiscard]] detail::tree_program& program_of_summands(int lanes) {
        auto& program = cleared_program();
        std::int64_t count = 0;
        for (int r = 0; r < group_.size(); ++r) {
            note const& n = of(r);
            for (auto const& part : std::span{static_cast<summand<T> const*>(n.in), static_cast<std::size_t>(n.summands)}) {
                program.add(part.lanes, part.data);
                ++count;
            }
        }
        if (!program.finish(lanes, sizeof(T)))
            throw invalid_setting{{"threads", joined("summands that tile the tree over ", lanes, " lanes"),
                                   joined(count, " summands of ", group_.size(), " ranks that do not"),
                                   "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, ranks, rank))",
                                   "policies/communicator.md"}};
        return program;
    }
    /// The program that combines one operand a rank along the tree over the ranks.
    template <class T>
    [[nodiscard]] detail::tree_program& program_of_operands() {
        auto& program = cleared_program();
        for (int r = 0; r < group_.size(); ++r) program.add({r, r + 1}, of(r).in);
        if (!program.finish(group_.size(), sizeof(T)))
            throw invalid_setting{{"threads", "an operand on every rank", "a null pointer", "Give every rank its elements",
                                   "policies/communicator.md"}};
        return program;
    }

    /// Runs `program` over elements first … last − 1, the first of them to `out`, and calls `after(index, n)` a block.
    template <class T, class Op, class After>
    static void run(detail::tree_program& program, std::int64_t first, std::int64_t last, T* out, Op op, After const& after) {
        constexpr std::int64_t block = detail::tree_program::block_elements;
        for (std::int64_t i = first; i < last; i += block) {
            std::int64_t const n = std::min(block, last - i);
            program.block(i, n, out + (i - first), op);
            after(i, n);
        }
    }

private:
    [[nodiscard]] detail::tree_program& cleared_program() noexcept {
        auto& program = group_.of(rank_).program;
        program.clear();
        return program;
    }

    world::activity activity_;
    group& group_;
    int rank_;
};

}  // namespace espalier::threads_detail

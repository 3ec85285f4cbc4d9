// SPDX-License-Identifier: BSL-1.0
/// @file
/// `self`: the communicator of a program that is alone. Every operation is nothing, a copy, or a sum along the lane tree, posted or not.
/// It sends nothing, so it has no send and receive: an algorithm that needs them needs a second rank.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/check_arguments.hpp>
#include <espalier/comm/detail/tree_program.hpp>
#include <espalier/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace espalier {

namespace detail {
/// The sum of more than one summand, first … last − 1, to `out`.
template <class T>
ESPALIER_NOINLINE() void add_alone(ordered_sum<T> const& s, T* out, std::int64_t first, std::int64_t last) {
    tree_program program;
    for (auto const& part : s.mine) program.add(part.lanes, part.data);
    if (!program.finish(s.lanes, sizeof(T)))
        throw invalid_setting{{"self", joined("summands that tile the tree over ", s.lanes, " lanes"),
                               joined(s.mine.size(), " summands that do not"),
                               "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, 1, 0))",
                               "policies/communicator.md"}};
    for (std::int64_t i = first; i < last; i += tree_program::block_elements) {
        std::int64_t const n = std::min(tree_program::block_elements, last - i);
        program.block(i, n, out + (i - first), sum{});
    }
}
}  // namespace detail

/// The communicator of one rank: with it a composed step holds no communication.
/// Use it for programs on one core, and as the base line that every other communicator is compared with.
/// @par Ranks     one; every operation is local
/// @par Cost      nothing where a single summand or operand is reduced in place; allocates nothing there
class self {
public:
    using memory_space                  = host;
    static constexpr int static_size    = 1;
    static constexpr char const* entity = "self";

    [[nodiscard]] static constexpr int rank() noexcept { return 0; }
    [[nodiscard]] static constexpr int size() noexcept { return 1; }
    [[nodiscard]] constexpr self split(int /*color*/, int /*key*/, call_site = call_site::here()) const noexcept { return {}; }
    constexpr void barrier(call_site = call_site::here()) const noexcept {}
    /// @throws std::bad_alloc
    [[nodiscard]] buffer<std::byte, host> allocate(std::size_t bytes) const {
        return buffer<std::byte, host>{static_cast<std::int64_t>(bytes)};
    }

    template <class T>
    void all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site = call_site::here()) const {
        reduced(s, out, 0, n);
    }
    template <class T>
    void reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders,
                        call_site = call_site::here()) const {
        reduced(s, out, borders[0], borders[1]);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void all_reduce(T const* in, T* out, std::int64_t n, Op, Order = {}, call_site = call_site::here()) const noexcept {
        copy(in, out, n);
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op, Order = {},
                        call_site = call_site::here()) const noexcept {
        copy(in + borders[0], out, borders[1] - borders[0]);
    }
    template <class T>
    constexpr void all_gather(T*, std::span<std::int64_t const>, call_site = call_site::here()) const noexcept {}
    template <class T>
    constexpr void broadcast(T*, std::int64_t, int /*root*/, call_site = call_site::here()) const noexcept {}

    /// @throws invalid_setting unless root is 0; so do `gather` and `scatter`
    template <class T, class Op, ReductionOrder Order = ordered_t>
    void reduce(T const* in, T* out, std::int64_t n, Op, int root, Order = {}, call_site = call_site::here()) const {
        detail::require_root(entity, root, 1);
        copy(in, out, n);
    }
    template <class T>
    void all_gather(T const* in, T* out, std::span<std::int64_t const> borders, call_site = call_site::here()) const noexcept {
        copy(in, out, borders[1]);
    }
    template <class T>
    void gather(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site = call_site::here()) const {
        detail::require_root(entity, root, 1);
        copy(in, out, borders[1]);
    }
    template <class T>
    void scatter(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site = call_site::here()) const {
        detail::require_root(entity, root, 1);
        copy(in, out, borders[1]);
    }
    template <class T>
    void all_to_all(T const* in, T* out, std::int64_t n, call_site = call_site::here()) const noexcept {
        copy(in, out, n);
    }

    /// What is posted is over when the post returns.
    struct request {};
    static constexpr void wait(request&, call_site = call_site::here()) noexcept {}

    template <class T>
    [[nodiscard]] request post_all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site = call_site::here()) const {
        return all_reduce(s, out, n), request{};
    }
    template <class T>
    [[nodiscard]] request post_reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders,
                                              call_site = call_site::here()) const {
        return reduce_scatter(s, out, borders), request{};
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] request post_all_reduce(T const* in, T* out, std::int64_t n, Op op, Order = {}, call_site = call_site::here()) const noexcept {
        return all_reduce(in, out, n, op), request{};
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] request post_reduce(T const* in, T* out, std::int64_t n, Op op, int root, Order = {}, call_site = call_site::here()) const {
        return reduce(in, out, n, op, root), request{};
    }
    template <class T, class Op, ReductionOrder Order = ordered_t>
    [[nodiscard]] request post_reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, Order = {},
                                              call_site = call_site::here()) const noexcept {
        return reduce_scatter(in, out, borders, op), request{};
    }
    template <class T>
    [[nodiscard]] constexpr request post_all_gather(T*, std::span<std::int64_t const>, call_site = call_site::here()) const noexcept {
        return {};
    }
    template <class T>
    [[nodiscard]] request post_all_gather(T const* in, T* out, std::span<std::int64_t const> borders, call_site = call_site::here()) const noexcept {
        return all_gather(in, out, borders), request{};
    }
    template <class T>
    [[nodiscard]] request post_gather(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site = call_site::here()) const {
        return gather(in, out, borders, root), request{};
    }
    template <class T>
    [[nodiscard]] request post_scatter(T const* in, T* out, std::span<std::int64_t const> borders, int root, call_site = call_site::here()) const {
        return scatter(in, out, borders, root), request{};
    }
    template <class T>
    [[nodiscard]] request post_all_to_all(T const* in, T* out, std::int64_t n, call_site = call_site::here()) const noexcept {
        return all_to_all(in, out, n), request{};
    }
    template <class T>
    [[nodiscard]] constexpr request post_broadcast(T*, std::int64_t, int /*root*/, call_site = call_site::here()) const noexcept {
        return {};
    }

    /// Calls f(world) in the calling thread.
    /// @throws invalid_setting unless ranks is 1
    template <class F>
    static void launch(int ranks, F&& f) {
        if (ranks != 1)
            throw invalid_setting{{"self", "1 rank", joined(ranks),
                                   "Choose `threads` as the communicator to train on several ranks, or launch one",
                                   "policies/communicator.md"}};
        self world;
        f(world);
    }

private:
    template <class T>
    static void copy(T const* in, T* out, std::int64_t n) noexcept {
        if (in != out && n > 0) std::memcpy(out, in, static_cast<std::size_t>(n) * sizeof(T));
    }
    template <class T>
    static void reduced(ordered_sum<T> const& s, T* out, std::int64_t first, std::int64_t last) {
        if (s.mine.size() == 1 && s.mine[0].lanes == lane_range{0, s.lanes})
            copy(s.mine[0].data + first, out, last - first);
        else
            detail::add_alone(s, out, first, last);
    }
};

}  // namespace espalier

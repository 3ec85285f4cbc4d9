// SPDX-License-Identifier: BSL-1.0
/// @file
/// What communicators ask of one rank's settings, and of its arguments before it joins an operation; what ranks must have in common is compared when they meet.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/borders.hpp>
#include <espalier/core/error.hpp>

#include <cstdint>
#include <type_traits>

namespace espalier::detail {

/// Throws unless `root` is a rank of a group of `ranks`.
inline void require_root(char const* entity, int root, int ranks) {
    if (root < 0 || root >= ranks)
        throw invalid_setting{{entity, joined("a root in 0 … ", ranks - 1), joined(root), "Name a rank of the group", "policies/communicator.md"}};
}

/// Throws unless `peer`, to which or from which this rank sends, is a rank of a group of `ranks`.
inline void require_peer(char const* entity, int peer, int ranks) {
    if (peer < 0 || peer >= ranks)
        throw invalid_setting{{entity, joined("a peer in 0 … ", ranks - 1), joined(peer), "Name a rank of the group", "policies/communicator.md"}};
}

/// Throws unless a rank can wait so long.
inline void require_deadline(char const* entity, double seconds) {
    if (!(seconds > 0 && seconds < 1e8))
        throw invalid_setting{{entity, "a deadline above 0 and below 1e8 seconds", joined(seconds),
                               "Set deadline_seconds to what the slowest step may take", "policies/communicator.md"}};
}

/// Throws unless there are `n` elements, 0 or more, at both addresses.
template <class T>
void require_elements(char const* entity, std::int64_t n, T const* in, T const* out) {
    static_assert(std::is_trivially_copyable_v<T>,
                  "espalier: communicator: requires elements that are trivially copyable; got the type named here. Send their values, or bytes. "
                  "See docs/policies/communicator.md.");
    if (n < 0) throw invalid_setting{{entity, "0 elements or more", joined(n), "Count elements, not bytes", "policies/communicator.md"}};
    if (n > 0 && (in == nullptr || out == nullptr))
        throw invalid_setting{{entity, "an operand on every rank", "a null pointer", "Give every rank its elements", "policies/communicator.md"}};
}

/// The same for the operands of an ordered sum.
template <class T>
void require_summands(char const* entity, ordered_sum<T> const& s, std::int64_t n, T const* out) {
    if (s.mine.size() > static_cast<std::size_t>(max_subtrees))
        throw invalid_setting{{entity, joined("at most ", max_subtrees, " summands a rank"), joined(s.mine.size()),
                               "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, ranks, rank))", "policies/communicator.md"}};
    for (auto const& part : s.mine) require_elements(entity, n, part.data, out != nullptr ? out : part.data);
}

}  // namespace espalier::detail

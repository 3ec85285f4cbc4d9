// SPDX-License-Identifier: BSL-1.0
/// @file
/// The checkpoint policy: a *place* where the bytes of a step survive. What those bytes mean is the format's business, which
/// is written once above every place, not by any of them.
#pragma once

#include <espalier/checkpoint/errors.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace espalier::checkpoint {

/// Says at compile time whether it keeps anything at all, so that a trainer spends nothing on one that does not.
template <class P>
concept StatesWhetherItKeeps = requires { typename std::bool_constant<P::keeps>; };

/// `put(step, name, bytes)` copies the part `name` of a step; a part that is put twice holds the later bytes.
/// `commit(step)` makes the parts that were put since the last commit of that step the step's content, all at once: before,
/// `list` and `get` do not see them; after, they replace what the step held before.
/// `discard(step)` forgets the parts that were put and not committed, such as those of a run that was killed while it saved.
/// @par Ranks     one rank discards; then every rank puts its own parts through its own copy of the place; when all have, one
///                rank commits
template <class P>
concept AcceptsParts = requires(P& p, std::int64_t step, std::string_view name, std::span<std::byte const> bytes) {
    { p.put(step, name, bytes) } -> std::same_as<void>;
    { p.commit(step) } -> std::same_as<void>;
    { p.discard(step) } -> std::same_as<void>;
};

/// `get(step, name)` gives a part of a committed step, `get(step, name, offset, bytes)` a range of it.
/// Both throw `bad_checkpoint` for a step that is not committed, a name that it has not, a range that leaves the part.
template <class P>
concept ReturnsParts = requires(P const& p, std::int64_t step, std::string_view name, std::size_t offset, std::size_t bytes) {
    { p.get(step, name) } -> std::same_as<std::vector<std::byte>>;
    { p.get(step, name, offset, bytes) } -> std::same_as<std::vector<std::byte>>;
};

/// `list()` gives the committed steps, rising.
template <class P>
concept ListsSteps = requires(P const& p) {
    { p.list() } -> std::same_as<std::vector<std::int64_t>>;
};

/// `remove(step)` forgets a committed step; it throws `bad_checkpoint` where there is none.
template <class P>
concept RemovesSteps = requires(P& p, std::int64_t step) {
    { p.remove(step) } -> std::same_as<void>;
};

/// `keep()` gives how many committed steps are to stay, the newest; whoever saves removes the others, after it has verified the
/// newest. A place without it keeps all.
template <class P>
concept LimitsSteps = requires(P const& p) {
    { p.keep() } -> std::same_as<int>;
};

/// `put_pieces(step, name, pieces)` puts the pieces, one after the other, as one part: whoever has a part in several places of
/// memory need not copy it together. Optional.
template <class P>
concept AcceptsPieces =
    requires(P& p, std::int64_t step, std::string_view name, std::span<std::span<std::byte const> const> pieces) {
        { p.put_pieces(step, name, pieces) } -> std::same_as<void>;
    };

/// `get_into(step, name, offset, into)` fills memory of the caller with a range of a part: no memory is taken for each read.
/// Optional.
template <class P>
concept FillsMemory =
    requires(P const& p, std::int64_t step, std::string_view name, std::size_t offset, std::span<std::byte> into) {
        { p.get_into(step, name, offset, into) } -> std::same_as<void>;
    };

/// Where state survives. A place is cheap to copy, and its copies are the same place: each rank holds one.
/// `none` keeps nothing, `memory` keeps it in this process, `directory` on a disk; the laws that every place passes are in the
/// tests.
template <class P>
concept CheckpointPlace =
    std::copyable<P> && StatesWhetherItKeeps<P> && AcceptsParts<P> && ReturnsParts<P> && ListsSteps<P> && RemovesSteps<P>;

namespace detail {

/// The error for a step that a place does not hold, with those that it does.
[[nodiscard]] inline bad_checkpoint unknown_step(char const* place, std::int64_t step, std::vector<std::int64_t> const& held) {
    std::string got = held.empty() ? "no committed step" : "the steps";
    for (std::int64_t const s : held) got += joined(s == held.front() ? " " : ", ", s);
    return bad_checkpoint{{.entity   = joined("checkpoint::", place),
                           .required = joined("a committed step ", step),
                           .got      = got,
                           .fix      = "Take a step that list() gives",
                           .page     = page}};
}

}  // namespace detail
}  // namespace espalier::checkpoint

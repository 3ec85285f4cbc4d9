// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concept of a checkpoint place: types that satisfy it, and for each requirement one that misses only that.
/// How places behave is in unit/checkpoint/.
#include <espalier/checkpoint/concepts.hpp>
#include <espalier/checkpoint/memory.hpp>
#include <espalier/checkpoint/none.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace {

using espalier::checkpoint::CheckpointPlace;
using bytes_in  = std::span<std::byte const>;
using bytes_out = std::vector<std::byte>;

static_assert(CheckpointPlace<espalier::checkpoint::none>);
static_assert(CheckpointPlace<espalier::checkpoint::memory>);
static_assert(!espalier::checkpoint::none::keeps);
static_assert(espalier::checkpoint::memory::keeps);

/// Everything that the concept asks for, and nothing else.
struct place {
    static constexpr bool keeps = true;
    void put(std::int64_t, std::string_view, bytes_in);
    void commit(std::int64_t);
    bytes_out get(std::int64_t, std::string_view) const;
    bytes_out get(std::int64_t, std::string_view, std::size_t, std::size_t) const;
    std::vector<std::int64_t> list() const;
    void remove(std::int64_t);
};
static_assert(CheckpointPlace<place>);

struct moves_only : place {
    moves_only()             = default;
    moves_only(moves_only&&) = default;
    moves_only& operator=(moves_only&&) = default;
};
static_assert(!CheckpointPlace<moves_only>);

struct says_not_whether_it_keeps : place {
    static constexpr std::string_view keeps = "perhaps";
};
static_assert(!CheckpointPlace<says_not_whether_it_keeps>);

struct says_it_only_at_run_time : place {
    bool keeps = true;
};
static_assert(!CheckpointPlace<says_it_only_at_run_time>);

struct puts_only_texts : place {
    void put(std::int64_t, std::string_view, std::string_view);
};
static_assert(!CheckpointPlace<puts_only_texts>);

struct commits_without_a_step : place {
    void commit();
};
static_assert(!CheckpointPlace<commits_without_a_step>);

struct commits_and_may_say_no : place {
    bool commit(std::int64_t);
};
static_assert(!CheckpointPlace<commits_and_may_say_no>);

struct gives_no_ranges : place {
    bytes_out get(std::int64_t, std::string_view) const;
};
static_assert(!CheckpointPlace<gives_no_ranges>);

struct gives_only_ranges : place {
    bytes_out get(std::int64_t, std::string_view, std::size_t, std::size_t) const;
};
static_assert(!CheckpointPlace<gives_only_ranges>);

struct gives_views_that_may_dangle : place {
    bytes_in get(std::int64_t, std::string_view) const;
    bytes_in get(std::int64_t, std::string_view, std::size_t, std::size_t) const;
};
static_assert(!CheckpointPlace<gives_views_that_may_dangle>);

struct changes_when_read : place {
    bytes_out get(std::int64_t, std::string_view);
    bytes_out get(std::int64_t, std::string_view, std::size_t, std::size_t);
};
static_assert(!CheckpointPlace<changes_when_read>);

struct lists_another_container : place {
    std::set<std::int64_t> list() const;
};
static_assert(!CheckpointPlace<lists_another_container>);

struct removes_everything : place {
    void remove();
};
static_assert(!CheckpointPlace<removes_everything>);

static_assert(!CheckpointPlace<int>);

}  // namespace

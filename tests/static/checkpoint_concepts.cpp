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
using espalier::checkpoint::LimitsSteps;
using bytes_in  = std::span<std::byte const>;
using bytes_out = std::vector<std::byte>;

static_assert(CheckpointPlace<espalier::checkpoint::none>);
static_assert(CheckpointPlace<espalier::checkpoint::memory>);
static_assert(!espalier::checkpoint::none::keeps);
static_assert(espalier::checkpoint::memory::keeps);
static_assert(LimitsSteps<espalier::checkpoint::memory>);
static_assert(!LimitsSteps<espalier::checkpoint::none>);

/// Everything that the concept asks for, and nothing else.
struct place {
    static constexpr bool keeps = true;
    void put(std::int64_t, std::string_view, bytes_in);
    void commit(std::int64_t);
    void discard(std::int64_t);
    bytes_out get(std::int64_t, std::string_view) const;
    bytes_out get(std::int64_t, std::string_view, std::size_t, std::size_t) const;
    std::vector<std::int64_t> list() const;
    void remove(std::int64_t);
};
static_assert(CheckpointPlace<place>);
static_assert(!LimitsSteps<place>); // one that says nothing keeps all

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

struct cannot_discard : place {
    void discard(std::int64_t) = delete;
};
static_assert(!CheckpointPlace<cannot_discard>);

struct discards_without_a_step : place {
    void discard();
};
static_assert(!CheckpointPlace<discards_without_a_step>);

struct discards_and_counts : place {
    int discard(std::int64_t);
};
static_assert(!CheckpointPlace<discards_and_counts>);

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

/// A place that also limits its steps, and types that say so otherwise.
struct keeps_some : place {
    int keep() const;
};
static_assert(CheckpointPlace<keeps_some> && LimitsSteps<keeps_some>);

struct keeps_an_unsigned_number : place {
    std::size_t keep() const;
};
static_assert(CheckpointPlace<keeps_an_unsigned_number> && !LimitsSteps<keeps_an_unsigned_number>);

struct changes_when_asked_how_many : place {
    int keep();
};
static_assert(!LimitsSteps<changes_when_asked_how_many>);

struct keeps_as_many_as_asked : place {
    int keep(int) const;
};
static_assert(!LimitsSteps<keeps_as_many_as_asked>);

struct keeps_a_number_beside_its_functions : place {
    int keep = 3;
};
static_assert(!LimitsSteps<keeps_a_number_beside_its_functions>);

}  // namespace

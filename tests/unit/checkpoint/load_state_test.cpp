// SPDX-License-Identifier: BSL-1.0
/// @file
/// Loading: whatever boxes a state was written in, whatever boxes are asked for hold the values of the tensor; and what is asked
/// for and is not there is refused by name. Damage is state_damage_test.cpp.
#include "support/catch.hpp"
#include "unit/checkpoint/state.hpp"

#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/memory.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace espalier::checkpoint;
using Catch::Matchers::ContainsSubstring;
using espalier_test::cut_at_random;
using espalier_test::cut_out;
using espalier_test::load_box;
using espalier_test::save_boxes;
using espalier_test::save_dealt;
using espalier_test::state;

namespace {

using shapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

[[nodiscard]] shapes odd_sizes() {
    return {{"scalar", {}},      {"one", {1}},          {"ones", {1, 1, 1}},    {"prime", {13}},
            {"empty", {0}},      {"hollow", {3, 0, 2}}, {"row", {1, 17}},       {"column", {17, 1}},
            {"matrix", {7, 11}}, {"cube", {5, 3, 4}},   {"four", {2, 3, 2, 5}}, {"long", {97, 2}}};
}

/// `memory` that notes what is read from it.
class watched : public memory {
public:
    using memory::get;
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name, std::size_t offset,
                                             std::size_t bytes) const {
        reads->push_back({std::string{name}, offset, bytes});
        return memory::get(step, name, offset, bytes);
    }
    struct read {
        std::string name;
        std::size_t offset, bytes;
        friend bool operator==(read const&, read const&) = default;
    };
    std::shared_ptr<std::vector<read>> reads = std::make_shared<std::vector<read>>();
};

} // namespace

TEST_CASE("what any number of ranks wrote in any boxes is read in any other boxes") {
    espalier::random_key const key{5, "boxes of a checkpoint"};
    std::uint64_t draws = 0;
    state const s       = state::of(1, odd_sizes());
    for (int writers = 1; writers <= 5; ++writers)
        for (int trial = 0; trial < 4; ++trial) {
            memory place;
            std::vector<std::vector<dealt_box>> boxes(static_cast<std::size_t>(writers));
            for (std::size_t t = 0; t < s.tensors.size(); ++t) cut_at_random(boxes, t, s.tensors[t], key, draws);
            trial == 0 ? save_dealt(place, writers, 1, s) : save_boxes(place, 1, s, boxes);
            manifest const m = verify_state(place, 1);
            for (std::size_t readers = 1; readers <= 6; ++readers) {
                std::vector<std::vector<dealt_box>> wanted(readers);
                for (std::size_t t = 0; t < s.tensors.size(); ++t) cut_at_random(wanted, t, s.tensors[t], key, draws);
                int wrong = 0;
                for (auto const& rank : wanted)
                    for (auto const& b : rank)
                        wrong += load_box(place, m, s.tensors[b.tensor], b.where) != cut_out(s.tensors[b.tensor], b.where);
                INFO(writers << " writers, " << readers << " readers, trial " << trial);
                CHECK(wrong == 0);
            }
        }
}

TEST_CASE("many pieces are filled by one call, also where they ask for the same elements") {
    state const s = state::of(1, {{"w", {9, 8}}, {"v", {10}}});
    memory place;
    save_dealt(place, 3, 1, s);
    std::vector<dealt_box> const boxes{{0, {{0, 0}, {9, 8}}}, {0, {{2, 1}, {5, 6}}}, {0, {{4, 3}, {1, 1}}},
                                       {1, {{0}, {10}}},      {1, {{3}, {4}}},       {1, {{3}, {0}}}};
    std::vector<std::vector<std::int32_t>> out;
    std::vector<wanted_piece> wanted;
    for (auto const& b : boxes) out.emplace_back(static_cast<std::size_t>(elements(b.where)), -1);
    for (std::size_t i = 0; i < boxes.size(); ++i)
        wanted.push_back({s.tensors[boxes[i].tensor].name, s.tensors[boxes[i].tensor].extents, dtype::i32, boxes[i].where,
                          std::as_writable_bytes(std::span{out[i]})});
    load_state(place, read_manifest(place, 1), wanted);
    for (std::size_t i = 0; i < boxes.size(); ++i) CHECK(out[i] == cut_out(s.tensors[boxes[i].tensor], boxes[i].where));
}

TEST_CASE("of a large file only the chunks that hold what is wanted are read, at most 2 MiB at a time") {
    constexpr std::int64_t mib = 1 << 20;
    watched place;
    state const s = state::of(1, {{"w", {5 * mib, 1}}}); // 20 MiB behind a short header
    save_dealt(static_cast<memory const&>(place), 1, 1, s);
    manifest const m       = read_manifest(place, 1);
    std::string const file = m.files.begin()->first;
    std::size_t const all  = m.files.begin()->second.bytes;
    REQUIRE(m.files.begin()->second.sums.size() == 21);

    box const few{{3 * mib, 0}, {10, 1}};
    CHECK(load_box(place, m, s.tensors[0], few) == std::vector<std::int32_t>{3 * mib + 1, 3 * mib + 2, 3 * mib + 3, 3 * mib + 4,
                                                                             3 * mib + 5, 3 * mib + 6, 3 * mib + 7, 3 * mib + 8,
                                                                             3 * mib + 9, 3 * mib + 10});
    CHECK(*place.reads == std::vector<watched::read>{{file, 0, mib}, {file, 12 * mib, mib}});
    place.reads->clear();
    CHECK(load_box(place, m, s.tensors[0], whole(s.tensors[0].extents)) == s.tensors[0].values);
    REQUIRE(place.reads->size() == 12);
    CHECK(place.reads->back() == watched::read{file, 20 * mib, all - 20 * mib});
    place.reads->resize(3);
    CHECK(*place.reads == std::vector<watched::read>{{file, 0, mib}, {file, 0, 2 * mib}, {file, 2 * mib, 2 * mib}});
}

TEST_CASE("a header that is longer than a chunk is read whole") {
    shapes many;
    for (int i = 0; i < 20'000; ++i) many.push_back({"a tensor with a long name, number " + std::to_string(100'000 + i), {1}});
    state const s = state::of(1, many);
    memory place;
    save_dealt(place, 1, 1, s);
    manifest const m = verify_state(place, 1);
    CHECK(m.files.begin()->second.bytes > 1'100'000);
    for (std::size_t const i : {std::size_t{0}, std::size_t{12'345}, std::size_t{19'999}})
        CHECK(load_box(place, m, s.tensors[i], whole(s.tensors[i].extents)) == s.tensors[i].values);
}

TEST_CASE("a tensor that is missing, or of other extents or type, is refused by name") {
    memory place;
    save_dealt(place, 2, 8, state::of(1, {{"w", {4, 3}}, {"v", {2}}}));
    manifest const m = read_manifest(place, 8);
    std::vector<std::byte> room(48);
    auto const load = [&](wanted_piece const& piece) { load_state(place, m, std::span{&piece, 1}); };
    CHECK_NOTHROW(load({"w", {4, 3}, dtype::i32, {{0, 0}, {4, 3}}, room}));
    CHECK_THROWS_WITH(load({"u", {4, 3}, dtype::i32, {{0, 0}, {4, 3}}, room}),
                      "espalier: checkpoint step 8: requires tensor \"u\" among its tensors; got 2 tensors of other names. "
                      "Load the network that was saved. See docs/explanation/checkpoint-format.md.");
    CHECK_THROWS_WITH(load({"w", {3, 4}, dtype::i32, {{0, 0}, {3, 4}}, room}),
                      ContainsSubstring("requires tensor \"w\" as I32 of extents (3,4); got I32 of extents (4,3)."));
    CHECK_THROWS_WITH(load({"w", {4, 3}, dtype::f32, {{0, 0}, {4, 3}}, room}),
                      ContainsSubstring("requires tensor \"w\" as F32 of extents (4,3); got I32 of extents (4,3)."));
    CHECK_THROWS_WITH(
        load({"w", {4, 3}, dtype::i32, {{1, 0}, {4, 3}}, room}),
        ContainsSubstring(
            "requires tensor \"w\" of extents (4,3) to hold the box that is wanted; got a box at (1,0) of extents (4,3)."));
    CHECK_THROWS_WITH(load({"w", {4, 3}, dtype::i32, {{0, 0}, {3, 3}}, room}),
                      ContainsSubstring("requires tensor \"w\" to go to room for its box of 36 bytes; got room for 48 bytes."));
}

TEST_CASE("a manifest of another step is refused") {
    memory place;
    save_dealt(place, 1, 8, state::of(1, {{"w", {4}}}));
    place.put(9, manifest_name, place.get(8, manifest_name));
    place.commit(9);
    CHECK_THROWS_WITH(read_manifest(place, 9),
                      ContainsSubstring("checkpoint step 9, file manifest.json: requires step 9; got step 8."));
}

TEST_CASE("the newest sound step is the newest; without a step there is none") {
    memory place{5};
    CHECK_FALSE(newest_sound(place));
    for (std::int64_t const step : {3, 5}) save_dealt(place, 2, step, state::of(1, {{"w", {4}}}));
    auto const found = newest_sound(place);
    REQUIRE(found);
    CHECK(found->step == 5);
    CHECK(found->contents == read_manifest(place, 5));
    CHECK(found->passed_over.empty());
}

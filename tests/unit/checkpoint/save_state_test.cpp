// SPDX-License-Identifier: BSL-1.0
/// @file
/// Saving: what lies in the place afterwards, who removes what, and what is refused before anything is committed.
/// That any layout loads any other's is load_state_test.cpp.
#include "support/catch.hpp"
#include "support/ranks.hpp"
#include "unit/checkpoint/state.hpp"

#include <espalier/checkpoint/memory.hpp>
#include <espalier/checkpoint/none.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

using namespace espalier::checkpoint;
using Catch::Matchers::ContainsSubstring;
using espalier_test::on_ranks;
using espalier_test::save_dealt;
using espalier_test::state;

namespace {

/// The error of saving on `ranks` ranks the pieces that `pieces(rank)` gives.
[[nodiscard]] std::string refusal(int ranks, std::function<std::vector<tensor_piece>(int)> const& pieces,
                                  memory place = memory{}) {
    auto const result = on_ranks<espalier::threads>(ranks, [&](auto& world) {
        memory mine = place;
        save_state(mine, world, 7, {}, pieces(world.rank()));
    });
    CHECK(place.list().empty());
    return result.text_of(result.launched);
}

std::vector<float> const values{1, 2, 3, 4, 5, 6};

[[nodiscard]] tensor_piece piece(std::vector<std::int64_t> extents, box where, std::size_t first, std::size_t count) {
    return {"w", std::move(extents), dtype::f32, std::move(where), std::as_bytes(std::span{values}.subspan(first, count))};
}

} // namespace

TEST_CASE("a checkpoint is a manifest and a safetensors file a rank") {
    memory place;
    state const s = state::of(1, {{"a", {300, 100}}, {"b", {5}}, {"scalar", {}}, {"empty", {0, 3}}});
    save_dealt(place, 3, 12, s, {{"network", "n"}});
    CHECK(place.list() == std::vector<std::int64_t>{12});
    manifest const m = read_manifest(place, 12);
    CHECK(m.step == 12);
    CHECK(m.run.at("network") == "n");
    CHECK(m.files.size() == 3);
    CHECK(m.tensors.size() == 4);
    CHECK(m.tensors.at("a").boxes.size() == 3);
    CHECK(m.tensors.at("b").boxes.size() == 1);
    CHECK(m.tensors.at("empty").boxes.empty());
    for (auto const& [name, entry] : m.files) {
        auto const bytes = place.get(12, name);
        CHECK(entry.bytes == bytes.size());
        CHECK_NOTHROW(safetensors_view::parse(bytes, name));
    }
}

TEST_CASE("a rank without a piece writes no file") {
    memory place;
    save_dealt(place, 4, 1, state::of(1, {{"only", {3}}}), {});
    CHECK(read_manifest(place, 1).files.size() == 1);
    save_dealt(place, 4, 2, state::of(1, {}), {});
    CHECK(read_manifest(place, 2).files.empty());
    CHECK_NOTHROW(verify_state(place, 2));
}

TEST_CASE("a place that keeps nothing gets nothing") {
    none place;
    espalier::self world;
    save_state(place, world, 3, {}, {});
    CHECK(place.list().empty());
}

TEST_CASE("steps beyond those to keep are removed, counted from the one just saved downwards") {
    memory place{2};
    state const s = state::of(1, {{"w", {3}}});
    for (std::int64_t const step : {10, 20, 30}) save_dealt(place, 2, step, s, {});
    CHECK(place.list() == std::vector<std::int64_t>{20, 30});
    save_dealt(place, 1, 25, s, {}); // a run that went back: later steps are left alone
    CHECK(place.list() == std::vector<std::int64_t>{20, 25, 30});
    save_dealt(place, 1, 25, s, {});
    CHECK(place.list() == std::vector<std::int64_t>{20, 25, 30});
    save_dealt(place, 1, 5, s, {});
    CHECK(place.list() == std::vector<std::int64_t>{5, 20, 25, 30});
}

TEST_CASE("what was put and not committed is discarded, and does not enter") {
    memory place;
    std::byte const rest[1] = {};
    place.put(4, "left over", rest);
    save_dealt(place, 2, 4, state::of(1, {{"w", {3}}}), {});
    CHECK_THROWS_AS(place.get(4, "left over"), bad_checkpoint);
}

TEST_CASE("pieces that overlap, leave a hole or disagree are refused before anything is committed") {
    CHECK_THAT(
        refusal(2,
                [](int) {
                    return std::vector{piece({6}, {{0}, {6}}, 0, 6)};
                }),
        ContainsSubstring("requires boxes that hold each element once; got tensor \"w\" of 6 elements with boxes that overlap") &&
            ContainsSubstring("Give each element of each tensor to one rank, once."));
    CHECK_THAT(refusal(2,
                       [](int r) {
                           return std::vector{piece({6}, {{3 * r}, {2}}, 0, 2)};
                       }),
               ContainsSubstring("got tensor \"w\" of 6 elements with boxes that leave a hole: they hold 4 elements"));
    CHECK_THAT(
        refusal(2,
                [](int r) {
                    return std::vector{piece({6 + r}, {{3 * r}, {3}}, 0, 3)};
                }),
        ContainsSubstring("save_state: requires the same tensor \"w\" on every rank, F32 of extents (6); got F32 of extents "
                          "(7) on rank 1. Give the extents of the whole tensor, not of the part."));
    CHECK_THAT(refusal(1,
                       [](int) {
                           return std::vector{piece({6}, {{3}, {4}}, 0, 4)};
                       }),
               ContainsSubstring(
                   "save_state: requires a box within tensor \"w\" of extents (6); got a box at (3) of extents (4) on rank 0."));
    CHECK_THAT(refusal(1,
                       [](int) {
                           return std::vector{piece({6}, {{0}, {3}}, 0, 3), piece({7}, {{3}, {3}}, 3, 3)};
                       }),
               ContainsSubstring("save_state: requires the same tensor \"w\" on every rank, F32 of extents (6); got F32 of extents (7) on "
                                 "rank 0. Give the extents of the whole tensor, not of the part."));
    CHECK_THAT(refusal(1,
                       [](int) {
                           return std::vector{piece({6}, {{0}, {6}}, 0, 5)};
                       }),
               ContainsSubstring("tensor \"w\": requires bytes for extents (6) of F32; got 20 bytes."));
}

TEST_CASE("a rank that gives several boxes of a tensor writes a file for each, so that no file holds two") {
    std::vector<float> const other{7, 8};
    memory place;
    auto const result = on_ranks<espalier::threads>(2, [&](auto& world) {
        memory mine = place;
        // Of w (6) rank 0 gives 0 1, 4 and nothing, rank 1 gives 2 3 and 5; v is rank 1's.
        std::vector<tensor_piece> const first{piece({6}, {{0}, {2}}, 0, 2), piece({6}, {{6}, {0}}, 0, 0), piece({6}, {{4}, {1}}, 4, 1)};
        std::vector<tensor_piece> const second{piece({6}, {{5}, {1}}, 5, 1), {"v", {2}, dtype::f32, whole(std::vector<std::int64_t>{2}),
                                               std::as_bytes(std::span{other})}, piece({6}, {{2}, {2}}, 2, 2)};
        save_state(mine, world, 7, {}, world.rank() == 0 ? first : second);
    });
    REQUIRE(result.text_of(result.launched).empty());
    manifest const m = verify_state(place, 7);
    std::vector<std::string> names;
    for (auto const& [name, entry] : m.files) names.push_back(name);
    CHECK(names == std::vector<std::string>{"rank-0-2.safetensors", "rank-0.safetensors", "rank-1-2.safetensors", "rank-1.safetensors"});
    CHECK(m.tensors.at("w").boxes == std::vector<stored_box>{{"rank-0.safetensors", {{0}, {2}}}, {"rank-0-2.safetensors", {{4}, {1}}},
                                                             {"rank-1.safetensors", {{5}, {1}}}, {"rank-1-2.safetensors", {{2}, {2}}}});
    std::vector<float> w(6), v(2);
    std::vector<wanted_piece> const wanted{
        {"w", {6}, dtype::f32, {{0}, {6}}, std::as_writable_bytes(std::span{w})}, {"v", {2}, dtype::f32, {{0}, {2}}, std::as_writable_bytes(std::span{v})}};
    load_state(place, m, wanted);
    CHECK(w == values);
    CHECK(v == other);
}

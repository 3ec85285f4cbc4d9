// SPDX-License-Identifier: BSL-1.0
/// @file
/// State of ranks that have parts of tensors: what one layout saves any other loads, and whole weights are put together and handed out.
/// Runs of a trainer that stop and go on are tensor_checkpoint_test.cpp and mesh_checkpoint_test.cpp.
#include "support/catch.hpp"
#include "support/made_up_state.hpp"

#include <functional>
#include <set>

using namespace espalier;
using namespace espalier_test;
using checkpoint::memory;

namespace {
struct saver_and_loader {
    char const* name;
    std::function<void(memory const&)> save;
    std::function<int(memory const&)> wrong_after_load;
};
template <class Layout>
saver_and_loader layout(char const* name, int ranks, bool sharded = false) {
    return {name, [=](memory const& place) { save_made_up<Layout>(place, ranks, sharded); },
            [=](memory const& place) { return wrong_after_load<Layout>(place, ranks, sharded); }};
}
std::vector<saver_and_loader> const layouts{layout<made_up_layout<1, 1>>("one rank", 1),
                                            layout<made_up_layout<4, 1>>("one rank with four slices", 1),
                                            layout<made_up_layout<2, 2>>("tensor 2", 2),
                                            layout<made_up_layout<4, 2>>("tensor 2 with four slices, data 2", 4),
                                            layout<made_up_layout<4, 4>>("tensor 4", 4),
                                            layout<made_up_layout<8, 2>>("tensor 2 with eight slices", 2),
                                            layout<made_up_layout<2, 2, 2>>("tensor 2, two stages", 4),
                                            layout<made_up_layout<2, 2>>("tensor 2, data 3 in shards", 6, true),
                                            layout<made_up_layout<4, 2, 2>>("tensor 2 with four slices, two stages, data 2 in shards", 8, true)};

/// Every rank puts the whole together, and takes its own part out of it again.
template <class Layout, class P>
void puts_together(int ranks, bool sharded) {
    using whole        = network<typename Layout::whole>;
    auto const result  = on_ranks<threads>(ranks, [&](threads& world) {
        made_up_rank<Layout> mine{ranks, world.rank(), sharded};
        mine.chunk = mine.expected(1);
        std::vector<float*> begins;
        for (auto& c : mine.chunk) begins.push_back(c.data());
        auto const all = Layout::state::template everywhere<P, void>(world, begins, sharded);
        for (auto& c : mine.chunk) std::fill(c.begin(), c.end(), 0.0f);
        Layout::state::take(all.data(), mine.ranges(), mine.plan);
        return std::pair{all, mine.chunk == mine.expected(1)};
    });
    REQUIRE(result.all_returned());
    std::vector<float> expected(static_cast<std::size_t>(whole::tensors.elements), 0.0f);
    for (auto const& t : whole::tensors.item)
        for (std::int64_t i = 0; i < t.extents.elements(); ++i) expected[static_cast<std::size_t>(t.offset + i)] = static_cast<float>(1 + t.offset + i);
    for (auto const& [all, is_own] : result.value) {
        CHECK(all == expected);
        CHECK(is_own);
    }
}

std::map<std::string, std::vector<std::byte>> files_of(memory const& place) {
    std::map<std::string, std::vector<std::byte>> out;
    for (auto const& [name, entry] : checkpoint::read_manifest(place, 1).files) out[name] = place.get(1, name);
    return out;
}
}  // namespace

TEST_CASE("what one layout of a tensor axis saves, every other loads, padding zero") {
    for (auto const& from : layouts) {
        memory place;
        from.save(place);
        for (auto const& to : layouts) {
            INFO("saved by " << from.name << ", loaded by " << to.name);
            CHECK(to.wrong_after_load(place) == 0);
        }
    }
}

TEST_CASE("a checkpoint names whole tensors, whatever parts the ranks have") {
    memory place;
    layouts[8].save(place);
    auto const contents = checkpoint::verify_state(place, 1);
    std::set<std::string> names;
    for (auto const& t : network<made_up_network<1, 1>>::tensors.item)
        for (std::string const prefix : {"", "m."}) {
            std::string const name = prefix + std::string{t.name.view()};
            names.insert(name);
            REQUIRE(contents.tensors.contains(name));
            CHECK(contents.tensors.at(name).extents == std::vector<std::int64_t>(t.extents.extent, t.extents.extent + t.extents.rank));
        }
    CHECK(contents.tensors.size() == names.size());
}

TEST_CASE("a rank with all slices writes the file of a rank whose tensors are not cut") {
    memory whole, cut;
    layouts[0].save(whole);
    layouts[1].save(cut);
    CHECK(files_of(whole).size() == 1);
    CHECK(files_of(whole) == files_of(cut));
}

TEST_CASE("the four gates of a rank's units lie in four files, since a file holds one box of a tensor") {
    memory place;
    layouts[2].save(place);
    auto const contents = checkpoint::read_manifest(place, 1);
    CHECK(contents.files.size() == 8);
    auto const& boxes = contents.tensors.at("0.gates").boxes;  // (32,3): gates of eight units, four of which a rank has
    REQUIRE(boxes.size() == 8);
    for (std::int64_t i = 0; i < 8; ++i)
        CHECK(std::count(boxes.begin(), boxes.end(),
                         checkpoint::stored_box{joined("rank-", i % 2, i < 2 ? "" : joined("-", i / 2 + 1), ".safetensors"), {{4 * i, 0}, {4, 3}}}) == 1);
}

TEST_CASE("whole weights are put together from the parts of all ranks, and every rank takes its own out of them") {
    puts_together<made_up_layout<4, 1>, made_up_layout<4, 1>>(1, false);
    puts_together<made_up_layout<2, 2>, made_up_layout<2, 2>>(2, false);
    puts_together<made_up_layout<4, 4>, made_up_layout<4, 4>>(8, false);
    puts_together<made_up_layout<8, 2>, in_shards<made_up_layout<8, 2>>>(6, true);
    puts_together<made_up_layout<4, 2, 2>, made_up_layout<4, 2, 2>>(4, false);
    puts_together<made_up_layout<4, 2, 2>, in_shards<made_up_layout<4, 2, 2>>>(8, true);
}

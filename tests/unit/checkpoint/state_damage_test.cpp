// SPDX-License-Identifier: BSL-1.0
/// @file
/// Damage to a checkpoint: every flipped bit, every cut, bytes behind the end, a missing file. Each is detected, the error names
/// the file, and the step before is used.
#include "support/catch.hpp"
#include "unit/checkpoint/state.hpp"

#include <espalier/checkpoint/directory.hpp>
#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

using namespace espalier::checkpoint;
using Catch::Matchers::ContainsSubstring;
using espalier_test::save_dealt;
using espalier_test::state;

namespace {

[[nodiscard]] state small(std::int32_t first_value) {
    return state::of(first_value, {{"weight", {10, 8}}, {"bias", {10}}, {"scale", {}}, {"empty", {0, 4}}, {"moment", {9, 5}}});
}

/// `memory` in which one file of one step reads otherwise than it was written.
class damaged : public memory {
public:
    damaged() : memory{5} {}
    void alter(std::int64_t step, std::string name, std::vector<std::byte> bytes) {
        *altered_ = {step, std::move(name), std::move(bytes)};
    }

    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name) const {
        return step == altered_->step && name == altered_->name ? altered_->bytes : memory::get(step, name);
    }
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name, std::size_t offset,
                                             std::size_t bytes) const {
        if (step != altered_->step || name != altered_->name) return memory::get(step, name, offset, bytes);
        memory copy; // its own words for a range that leaves the part
        copy.put(step, name, altered_->bytes);
        copy.commit(step);
        return copy.get(step, name, offset, bytes);
    }

private:
    struct alteration {
        std::int64_t step = -1;
        std::string name;
        std::vector<std::byte> bytes;
    };
    std::shared_ptr<alteration> altered_ = std::make_shared<alteration>();
};
static_assert(CheckpointPlace<damaged>);

/// Steps 1 and 2 by two ranks, and the names of the files of a step.
[[nodiscard]] std::vector<std::string> save_two_steps(auto const& place) {
    save_dealt(place, 2, 1, small(1), {{"seed", "7"}});
    save_dealt(place, 2, 2, small(1000), {{"seed", "7"}});
    return {"manifest.json", "rank-0.safetensors", "rank-1.safetensors"};
}

/// Whether the damage to step 2 is detected with the file's name, and step 1 is taken.
[[nodiscard]] bool is_passed_over(auto const& place, std::string const& file) {
    auto const found = newest_sound(place);
    return found && found->step == 1 && found->passed_over.size() == 1 && found->passed_over[0].find(file) != std::string::npos;
}

} // namespace

TEST_CASE("every flipped bit of every file is detected, and the step before is used") {
    damaged place;
    int flips = 0, missed = 0;
    for (std::string const& file : save_two_steps(place)) {
        auto bytes = place.memory::get(2, file);
        for (auto& byte : bytes)
            for (int bit = 0; bit < 8; ++bit) {
                byte ^= static_cast<std::byte>(1 << bit);
                place.alter(2, file, bytes);
                missed += !is_passed_over(place, file);
                byte ^= static_cast<std::byte>(1 << bit);
                ++flips;
            }
        place.alter(2, file, bytes); // as it was: the damage was the only reason
        CHECK(newest_sound(place)->step == 2);
    }
    CHECK(flips > 10'000);
    CHECK(missed == 0);
}

TEST_CASE("every cut of every file and bytes behind its end are detected, and the step before is used") {
    damaged place;
    int missed = 0;
    for (std::string const& file : save_two_steps(place)) {
        auto const whole = place.memory::get(2, file);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            place.alter(2, file, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
            missed += !is_passed_over(place, file);
        }
        auto longer = whole;
        for (char const c : {'\0', '\n', '}'}) {
            longer.push_back(static_cast<std::byte>(c));
            place.alter(2, file, longer);
            missed += !is_passed_over(place, file);
        }
        place.alter(2, file, whole);
        CHECK(newest_sound(place)->step == 2);
    }
    CHECK(missed == 0);
}

TEST_CASE("damage on a disk is detected, and so is a missing file") {
    auto const folder = std::filesystem::temp_directory_path() / ("espalier_state_damage_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    directory const place{folder, {.keep = 5}};
    int missed = 0;
    for (std::string const& file : save_two_steps(place)) {
        auto const path  = folder / "step-000000000002" / file;
        auto const whole = read_file(path);
        auto const write = [&](std::span<std::byte const> bytes) {
            std::ofstream{path, std::ios::binary}.write(reinterpret_cast<char const*>(bytes.data()),
                                                        static_cast<std::streamsize>(bytes.size()));
        };
        for (std::size_t at = 0; at < whole.size(); at += 7) {
            auto changed = whole;
            changed[at] ^= std::byte{1};
            write(changed);
            missed += !is_passed_over(place, file);
            write(std::span{whole}.first(at));
            missed += !is_passed_over(place, file);
        }
        auto longer = whole;
        longer.push_back(std::byte{0});
        write(longer);
        missed += !is_passed_over(place, file);
        std::filesystem::remove(path);
        missed += !is_passed_over(place, file);
        write(whole);
        CHECK(newest_sound(place)->step == 2);
    }
    CHECK(missed == 0);
    std::filesystem::remove_all(folder);
}

TEST_CASE("the error says which chunk of a large file is damaged; other chunks can still be loaded") {
    constexpr std::size_t mib = 1 << 20;
    damaged place;
    state const s = state::of(1, {{"w", {mib, 1}}}); // 4 MiB behind a short header: five chunks
    save_dealt(place, 1, 2, s);
    std::string const file = "rank-0.safetensors";
    auto bytes             = place.memory::get(2, file);
    bytes[2 * mib + 5] ^= std::byte{0x10};
    place.alter(2, file, bytes);
    CHECK_THROWS_WITH(verify_state(place, 2),
                      ContainsSubstring("espalier: checkpoint step 2, file rank-0.safetensors: requires the checksum ") &&
                          ContainsSubstring(" of chunk 2 of 5, bytes 2097152 … 3145727; got "));
    manifest const m = read_manifest(place, 2);
    CHECK(espalier_test::load_box(place, m, s.tensors[0], {{0, 0}, {2, 1}}) == std::vector<std::int32_t>{1, 2});
    CHECK_THROWS_WITH(espalier_test::load_box(place, m, s.tensors[0], {{mib / 2 + 40, 0}, {1, 1}}),
                      ContainsSubstring("of chunk 2 of 5"));
}

TEST_CASE("a file that is whole and another than the manifest says is refused") {
    damaged place;
    static_cast<void>(save_two_steps(place));
    manifest m                = read_manifest(place, 2);
    std::string const f       = "rank-0.safetensors";
    std::int32_t const two[2] = {1, 2};
    auto const replace        = [&](std::vector<named_tensor> const& tensors) { // with sums to match
        auto const bytes = to_safetensors(tensors);
        m.files[f]       = {bytes.size(), chunk_sums(bytes)};
        m.tensors.clear();
        m.tensors["a"] = {dtype::i32, {2}, {{f, {{0}, {2}}}}};
        m.files.erase("rank-1.safetensors");
        place.put(3, f, bytes);
        m.step = 3;
        place.put(3, manifest_name, to_bytes(m));
        place.commit(3);
    };
    replace({as_tensor("a", espalier::dims(2), two)});
    CHECK_NOTHROW(verify_state(place, 3));
    replace({as_tensor("b", espalier::dims(2), two)});
    CHECK_THROWS_WITH(
        verify_state(place, 3),
        ContainsSubstring(
            "checkpoint step 3, file rank-0.safetensors: requires a tensor \"a\" as the manifest says; got none of that name."));
    replace({as_tensor("a", espalier::dims(1, 2), two)});
    CHECK_THROWS_WITH(
        verify_state(place, 3),
        ContainsSubstring("requires tensor \"a\" as I32 of extents (2), as the manifest says; got I32 of extents (1,2)."));
    replace({as_tensor("a", espalier::dims(2), two), as_tensor("b", espalier::dims(2), two)});
    CHECK_THROWS_WITH(verify_state(place, 3), ContainsSubstring("requires the 1 tensors that the manifest lists; got 2."));
}

TEST_CASE("where no step is sound, the error says what is wrong with the newest") {
    damaged place;
    save_dealt(place, 2, 1, small(1));
    auto bytes = place.memory::get(1, "rank-1.safetensors");
    bytes.back() ^= std::byte{1};
    place.alter(1, "rank-1.safetensors", bytes);
    CHECK_THROWS_AS(newest_sound(place), bad_checkpoint);
    CHECK_THROWS_WITH(
        newest_sound(place),
        ContainsSubstring("newest_sound: requires a sound step among the 1 that are there; got damage in each "
                          "(the newest: espalier: checkpoint step 1, file rank-1.safetensors: requires the checksum"));
}

TEST_CASE("a step that does not read back as it was written is an error of the save, and older steps stay") {
    damaged place;
    place.alter(5, "rank-0.safetensors", std::vector<std::byte>(10));
    for (std::int64_t const step : {1, 2, 3, 4}) save_dealt(place, 2, step, small(1));
    CHECK_THROWS_AS(save_dealt(place, 2, 5, small(1)), bad_checkpoint);
    CHECK(place.list() == std::vector<std::int64_t>{1, 2, 3, 4, 5});
    CHECK(newest_sound(place)->step == 4);
}

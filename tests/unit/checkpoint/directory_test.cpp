// SPDX-License-Identifier: BSL-1.0
/// @file
/// The place on a disk, on the real file system: the laws of all places, the layout, what it cleans and leaves alone.
/// What it refuses is in directory_errors_test.cpp, what crashes leave behind in directory_crash_test.cpp.
#include "unit/checkpoint/place_laws.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/checkpoint/directory.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace espalier::checkpoint;
using espalier_test::bytes_of_text;
using espalier_test::temporary_folder;
using steps = std::vector<std::int64_t>;
using names = std::vector<std::string>;

namespace {

/// Everything below a folder, as paths from it, sorted.
names below(std::filesystem::path const& folder) {
    names out;
    for (auto const& entry : std::filesystem::recursive_directory_iterator{folder})
        out.push_back(std::filesystem::relative(entry.path(), folder).string());
    std::sort(out.begin(), out.end());
    return out;
}

void save(directory& place, std::int64_t step, std::string_view text) {
    place.discard(step);
    place.put(step, "weights", bytes_of_text(text));
    place.commit(step);
}

} // namespace

TEST_CASE("the place on a disk follows the laws of all places") {
    temporary_folder const folder;
    int made = 0;
    espalier_test::check_place_laws([&] { return directory{folder.path() / std::to_string(made++)}; });
}

TEST_CASE("a step is a folder of twelve digits that sorts as its number, and a part a file in it") {
    temporary_folder const folder;
    directory place{folder.path()};
    place.put(400, "rank-0.safetensors", bytes_of_text("zero"));
    CHECK(below(folder.path()) == names{"step-000000000400.partial", "step-000000000400.partial/rank-0.safetensors"});
    place.put(400, "manifest.json", bytes_of_text("{}"));
    place.commit(400);
    save(place, 1'234'567, "later");
    CHECK(below(folder.path()) == names{"step-000000000400", "step-000000000400/manifest.json",
                                        "step-000000000400/rank-0.safetensors", "step-000001234567",
                                        "step-000001234567/weights"});
    CHECK(espalier::checkpoint::read_file(folder.path() / "step-000000000400/rank-0.safetensors") == bytes_of_text("zero"));
}

TEST_CASE("another place over the same folder, such as that of a later process, sees what was committed") {
    temporary_folder const folder;
    {
        directory place{folder.path() / "run"};
        save(place, 7, "seven");
        place.put(8, "weights", bytes_of_text("never committed"));
    }
    directory place{folder.path() / "run"};
    CHECK(place.list() == steps{7});
    CHECK(place.get(7, "weights") == bytes_of_text("seven"));
    CHECK(place.get(7, "weights", 2, 2) == bytes_of_text("ve"));
    CHECK_THROWS_AS(place.get(8, "weights"), bad_checkpoint);
}

TEST_CASE("parts that one process puts are committed by another") {
    temporary_folder const folder;
    directory one{folder.path()}, other{folder.path()};
    one.put(5, "rank-0", bytes_of_text("0"));
    other.put(5, "rank-1", bytes_of_text("1"));
    other.commit(5);
    CHECK(one.get(5, "rank-0") == bytes_of_text("0"));
    CHECK(one.get(5, "rank-1") == bytes_of_text("1"));
}

TEST_CASE("large parts come back byte for byte, whole and in ranges") {
    temporary_folder const folder;
    directory place{folder.path()};
    std::vector<std::byte> bytes(3'000'001);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 31 + i / 65'536);
    place.put(1, "large", bytes);
    place.commit(1);
    CHECK(place.get(1, "large") == bytes);
    CHECK(place.get(1, "large", 2'999'000, 1'001) == std::vector<std::byte>(bytes.begin() + 2'999'000, bytes.end()));
}

TEST_CASE("a step committed again is a further attempt, and the earlier one goes") {
    temporary_folder const folder;
    directory place{folder.path()};
    for (int again = 0; again < 3; ++again) save(place, 400, std::to_string(again));
    CHECK(below(folder.path()) == names{"step-000000000400.2", "step-000000000400.2/weights"});
    CHECK(place.list() == steps{400});
    CHECK(place.get(400, "weights") == bytes_of_text("2"));
    place.remove(400);
    CHECK(below(folder.path()).empty());
    save(place, 400, "anew");
    CHECK(below(folder.path()) == names{"step-000000000400", "step-000000000400/weights"});
}

TEST_CASE("the highest attempt is the step where a run was killed before it removed the lower ones") {
    temporary_folder const folder;
    for (char const* name : {"step-000000000400", "step-000000000400.9", "step-000000000400.10"})
        folder.write((std::filesystem::create_directories(folder.path() / name), std::string{name} + "/weights"), name);
    directory place{folder.path()};
    CHECK(place.list() == steps{400});
    CHECK(place.get(400, "weights") == bytes_of_text("step-000000000400.10"));
    SECTION("the next discard deletes the others") {
        place.discard(401);
        CHECK(below(folder.path()) == names{"step-000000000400.10", "step-000000000400.10/weights"});
    }
    SECTION("removing the step removes all of them") {
        place.remove(400);
        CHECK(below(folder.path()).empty());
    }
    SECTION("a further commit replaces all of them") {
        save(place, 400, "eleven");
        CHECK(below(folder.path()) == names{"step-000000000400.11", "step-000000000400.11/weights"});
    }
}

TEST_CASE("what runs that were killed left behind goes with the next discard or commit") {
    temporary_folder const folder;
    auto const leave = [&](std::string const& name) {
        std::filesystem::create_directories(folder.path() / name);
        folder.write(name + "/weights", "left");
    };
    directory place{folder.path()};
    for (char const* name : {"step-000000000001.removed", "step-000000000001.3.removed", "step-000000000100.partial.removed"})
        leave(name);
    leave("step-000000000100.partial");
    leave("step-000000000300.partial");
    SECTION("discard deletes the parts of its own step alone") {
        place.discard(100);
        CHECK(below(folder.path()) == names{"step-000000000300.partial", "step-000000000300.partial/weights"});
    }
    SECTION("commit deletes the parts of earlier steps") {
        place.put(200, "weights", bytes_of_text("new"));
        place.commit(200);
        CHECK(below(folder.path()) == names{"step-000000000200", "step-000000000200/weights", "step-000000000300.partial",
                                            "step-000000000300.partial/weights"});
    }
    SECTION("a part that never became whole is no part of the step") {
        folder.write("step-000000000300.partial/.rank-1.writing", "half");
        place.commit(300);
        CHECK(below(folder.path()) == names{"step-000000000300", "step-000000000300/weights"});
    }
}

TEST_CASE("whatever else lies in the folder is neither listed nor touched") {
    temporary_folder const folder;
    names const files = {"weights.safetensors", "metrics.csv",   "step-000000000009",
                         "step-00000000010",    "notes.removed", "step-.removed"};
    for (auto const& name : files) folder.write(name, "mine");
    names const folders = {"step-11",
                           "step-0000000000012",
                           "step-000000000013.01",
                           "step-000000000014.0",
                           "step-000000000015x",
                           "step--00000000016",
                           "step-+00000000017",
                           "step-000000000018.-1",
                           "step-000000000019.",
                           "step-000000000020.1x",
                           "Step-000000000021",
                           "old.removed",
                           "step-22.removed",
                           "step-000000000023.removed.removed"};
    for (auto const& name : folders) {
        std::filesystem::create_directories(folder.path() / name);
        folder.write(name + "/file", "mine");
    }
    auto const before = below(folder.path());
    directory place{folder.path()};
    CHECK(place.list().empty());
    save(place, 1'000'000, "x");
    CHECK(place.list() == steps{1'000'000});
    place.discard(1);
    place.remove(1'000'000);
    CHECK(below(folder.path()) == before);
}

TEST_CASE("steps of more than twelve digits, up to the largest, are listed by number") {
    temporary_folder const folder;
    directory place{folder.path()};
    steps const all = {0, 999'999'999'999, 1'000'000'000'000, INT64_MAX};
    for (auto const step : all) save(place, step, std::to_string(step));
    CHECK(place.list() == all);
    for (auto const step : all) CHECK(place.get(step, "weights") == bytes_of_text(std::to_string(step)));
}

TEST_CASE("nothing is created before a part is put, and then every folder above as well") {
    temporary_folder const folder;
    auto const path = folder.path() / "a" / "b" / "run";
    directory place{path / ""};
    CHECK(place.folder() == path);
    CHECK(place.list().empty());
    place.discard(1);
    CHECK_THROWS_AS(place.commit(1), bad_checkpoint);
    CHECK_THROWS_AS(place.remove(1), bad_checkpoint);
    CHECK(below(folder.path()).empty());
    save(place, 1, "x");
    CHECK(place.list() == steps{1});
}

TEST_CASE("a path from the working folder is a path as any other") {
    temporary_folder const folder;
    auto const before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    directory place{"run"}, deeper{"./a/../b/run"}, here{"."};
    for (directory* p : {&place, &deeper, &here}) save(*p, 1, "x");
    std::filesystem::current_path(before);
    CHECK(directory{folder.path() / "run"}.list() == steps{1});
    CHECK(directory{folder.path() / "b/run"}.list() == steps{1});
    CHECK(directory{folder.path()}.list() == steps{1});
}

TEST_CASE("three steps are to stay unless another number is given") {
    CHECK(directory{"anywhere"}.keep() == 3);
    CHECK(directory{"anywhere", {.keep = 7}}.keep() == 7);
}

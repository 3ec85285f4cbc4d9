// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the place on a disk refuses, on the real file system, and in which words.
/// Errors that no real disk gives when asked are in directory_crash_test.cpp.
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/checkpoint/raw_bytes.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/checkpoint/directory.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

using namespace espalier::checkpoint;
using Catch::Matchers::ContainsSubstring;
using espalier_test::bytes_of_text;
using espalier_test::temporary_folder;
using steps = std::vector<std::int64_t>;
using names = std::vector<std::string>;

namespace {

void save(directory& place, std::int64_t step, std::string_view text) {
    place.discard(step);
    place.put(step, "weights", bytes_of_text(text));
    place.commit(step);
}

/// Takes a folder's permissions away for a scope.
class locked {
public:
    locked(std::filesystem::path path, std::filesystem::perms left) : path_{std::move(path)} {
        std::filesystem::permissions(path_, left);
    }
    locked(locked const&)            = delete;
    locked& operator=(locked const&) = delete;
    ~locked() { std::filesystem::permissions(path_, std::filesystem::perms::owner_all); }

private:
    std::filesystem::path path_;
};

/// Makes this process an ordinary user for a scope, to whom a folder belongs: root may do everything.
class ordinary_user {
public:
    explicit ordinary_user(std::filesystem::path const& folder) : was_root_{::geteuid() == 0} {
        constexpr ::uid_t nobody = 65534;
        if (was_root_ && (::chown(folder.c_str(), nobody, static_cast<::gid_t>(-1)) != 0 || ::seteuid(nobody) != 0))
            espalier_test::skip("needs a user who is not root");
    }
    ordinary_user(ordinary_user const&)            = delete;
    ordinary_user& operator=(ordinary_user const&) = delete;
    ~ordinary_user() {
        if (was_root_ && ::seteuid(0) != 0) std::abort();
    }

private:
    bool was_root_;
};

} // namespace

TEST_CASE("a part's name must be a plain file name") {
    temporary_folder const folder;
    directory place{folder.path() / "run"};
    for (auto const& name : names{"", ".", "..", ".hidden", "a/b", "../outside", "/etc/passwd", "a\\b", "a\nb", "a\x7f",
                                  std::string{"a\0b", 3}, std::string(201, 'x')}) {
        CHECK_THROWS_AS(place.put(1, name, {}), espalier::invalid_setting);
        CHECK_THROWS_WITH(place.put(1, name, {}),
                          "espalier: checkpoint::directory " + (folder.path() / "run").string() +
                              ": requires a part's name that is a plain file name of 1 to 200 bytes; got " +
                              detail::in_quotes(name) +
                              ". Use no slash, backslash or control character, and no dot at the "
                              "beginning. See docs/policies/checkpoint.md.");
    }
    CHECK(std::filesystem::is_empty(folder.path()));
    for (auto const& name : names{"a", "rank-0.safetensors", "with space", "a..b", "gewicht-ä", std::string(200, 'x')}) {
        place.put(1, name, bytes_of_text(name));
        place.commit(1);
        CHECK(place.get(1, name) == bytes_of_text(name));
    }
    folder.write("secret", "outside of the step");
    CHECK_THROWS_WITH(place.get(1, "../../secret"), ContainsSubstring("requires a part \"../../secret\" of step 1; got 1 parts"));
}

TEST_CASE("the place on a disk says what it misses") {
    temporary_folder const folder;
    directory place{folder.path()};
    std::string const who = "espalier: checkpoint::directory " + folder.path().string() + ": requires ";
    std::string const see = " See docs/policies/checkpoint.md.";
    CHECK_THROWS_WITH(place.get(3, "weights"),
                      who + "a committed step 3; got no committed step. Take a step that list() gives." + see);
    save(place, 1, "one");
    save(place, 2, "two");
    CHECK_THROWS_WITH(place.remove(3), ContainsSubstring("requires a committed step 3; got the steps 1, 2."));
    CHECK_THROWS_WITH(place.get(-1, "weights"), ContainsSubstring("requires a committed step -1; got the steps 1, 2."));
    CHECK_THROWS_WITH(place.get(2, "weight\n"),
                      who +
                          R"(a part "weight\x0a" of step 2; got 1 parts of other names. Ask for a part that was put before )"
                          "the commit." +
                          see);
    CHECK_THROWS_WITH(place.get(2, "weights", 1, 3),
                      who + R"(a range within the 3 bytes of part "weights" of step 2; got 3 bytes from byte 1. Ask for less.)" +
                          see);
    CHECK_THROWS_WITH(place.commit(3), who +
                                           "parts that were put for step 3; got none. Put the parts of all ranks, then commit "
                                           "once." +
                                           see);
    CHECK_THROWS_AS(place.put(-1, "weights", {}), espalier::invalid_setting);
    CHECK_THROWS_WITH(place.put(-1, "weights", {}), who + "a step of at least 0; got -1. Count steps from 0." + see);
    CHECK_THROWS_AS((directory{folder.path(), {.keep = 0}}), espalier::invalid_setting);
    CHECK_THROWS_WITH((directory{folder.path(), {.keep = -2}}),
                      who + "at least 1 step to keep; got -2. Keep 1 or more, or use checkpoint::none." + see);
    CHECK_THROWS_WITH(directory{""}, ContainsSubstring("requires the path of a folder; got an empty one. Name a folder."));
}

TEST_CASE("where a file stands in the way, the error names the path and says so") {
    temporary_folder const folder;
    auto const file = folder.write("file", "mine");
    directory in_a_file{file}, below_a_file{file / "run"};
    for (directory* place : {&in_a_file, &below_a_file}) {
        CHECK_THROWS_WITH(place->put(1, "a", {}),
                          ContainsSubstring("requires space and permission to create the folder " + file.string()) &&
                              ContainsSubstring("; got Not a directory. Check the folder, its permissions "
                                                "and the space on its disk. See docs/"));
        CHECK_THROWS_WITH(place->list(), ContainsSubstring("requires permission to list the folder " + file.string()) &&
                                             ContainsSubstring("got Not a directory"));
    }
    std::filesystem::create_directories(folder.path() / "run/step-000000000001.partial/a/inside");
    directory taken{folder.path() / "run"};
    CHECK_THROWS_WITH(
        taken.put(1, "a", {}),
        ContainsSubstring("to write " + (folder.path() / "run/step-000000000001.partial/a").string() + "; got Is a directory"));
}

TEST_CASE("a full disk is an error in the system's words, and the step before stays") {
    if (!std::filesystem::exists("/dev/full")) espalier_test::skip("needs /dev/full");
    temporary_folder const folder;
    directory place{folder.path()};
    save(place, 1, "before");
    place.put(2, "first", bytes_of_text("x"));
    auto const partial = folder.path() / "step-000000000002.partial";
    std::filesystem::create_symlink("/dev/full", partial / ".weights.writing"); // where the part is written at first
    CHECK_THROWS_AS(place.put(2, "weights", bytes_of_text("after")), bad_checkpoint);
    CHECK(std::filesystem::exists(partial / "first"));
    CHECK_FALSE(std::filesystem::is_symlink(partial / ".weights.writing"));
    std::filesystem::create_symlink("/dev/full", partial / ".weights.writing");
    CHECK_THROWS_WITH(place.put(2, "weights", bytes_of_text("after")),
                      "espalier: checkpoint::directory " + folder.path().string() + ": requires space and permission to write " +
                          (partial / "weights").string() +
                          "; got No space left on device. Check the folder, its permissions and the space on its disk. "
                          "See docs/policies/checkpoint.md.");
    CHECK(place.list() == steps{1});
}

TEST_CASE("a folder that may not be written is an error at the first part, one that may not be read at the first look") {
    temporary_folder const folder;
    ordinary_user const user{folder.path()};
    directory place{folder.path() / "run"};
    save(place, 1, "one");
    place.put(2, "weights", bytes_of_text("two"));
    using std::filesystem::perms;
    SECTION("not written") {
        locked const run{folder.path() / "run", perms::owner_read | perms::owner_exec};
        CHECK_THROWS_WITH(place.put(3, "weights", {}), ContainsSubstring("space and permission to create the folder") &&
                                                           ContainsSubstring("step-000000000003.partial; got Permission denied"));
        CHECK_THROWS_WITH(place.commit(2), ContainsSubstring("space and permission to commit as ") &&
                                               ContainsSubstring("step-000000000002; got Permission denied"));
        CHECK_THROWS_WITH(place.discard(2), ContainsSubstring("permission to rename ") &&
                                                ContainsSubstring("step-000000000002.partial; got Permission denied"));
        CHECK_THROWS_WITH(place.remove(1), ContainsSubstring("permission to remove as ") &&
                                               ContainsSubstring("step-000000000001.removed; got Permission denied"));
        CHECK(place.list() == steps{1});
        CHECK(place.get(1, "weights") == bytes_of_text("one"));
    }
    SECTION("not listed") {
        locked const run{folder.path() / "run", perms::none};
        CHECK_THROWS_WITH(place.list(), ContainsSubstring("requires permission to list the folder ") &&
                                            ContainsSubstring("run; got Permission denied"));
        CHECK_THROWS_AS(place.get(1, "weights"), bad_checkpoint);
    }
    SECTION("a part that may not be read") {
        locked const weights{folder.path() / "run/step-000000000001/weights", perms::none};
        CHECK_THROWS_WITH(place.get(1, "weights"), ContainsSubstring("requires permission to read ") &&
                                                       ContainsSubstring("step-000000000001/weights; got Permission denied"));
    }
    SECTION("a folder above that cannot be opened is nobody's fault") {
        save(place, 2, "before");
        locked const above{folder.path(), perms::owner_exec};
        save(place, 3, "three");
        CHECK(place.list() == steps{1, 2, 3});
    }
    CHECK(directory{folder.path() / "run"}.list().front() == 1);
}

TEST_CASE("a step that is removed or cut short while it is read is an error in words") {
    /// Calls that do something before a file's size is asked for: what another process may do between the two.
    struct meddled : posix_calls {
        std::filesystem::path removed, shortened;
        int open(char const* path, int flags) const noexcept {
            if (!removed.empty()) std::filesystem::remove_all(removed);
            return posix_calls::open(path, flags);
        }
        std::int64_t pread(int file, std::byte* into, std::size_t count, std::int64_t offset) const noexcept {
            if (!shortened.empty()) std::filesystem::resize_file(shortened, 2);
            return posix_calls::pread(file, into, count, offset);
        }
    };
    temporary_folder const folder;
    directory writer{folder.path()};
    save(writer, 1, "weights");
    auto const step = folder.path() / "step-000000000001";
    meddled removes, shortens;
    removes.removed    = step;
    shortens.shortened = step / "weights";
    CHECK_THROWS_WITH((basic_directory<meddled>{folder.path(), {}, shortens}.get(1, "weights")),
                      ContainsSubstring("requires a part that stays as it is while it is read, " + (step / "weights").string() +
                                        "; got its end 5 bytes early. Let nobody else write there."));
    CHECK_THROWS_WITH((basic_directory<meddled>{folder.path(), {}, removes}.get(1, "weights")),
                      ContainsSubstring("requires a committed step 1; got no committed step"));
}

TEST_CASE("a step that is committed again while it is looked up is read in its later attempt") {
    /// Replaces the step, as another process would, when a part of its first attempt is opened.
    struct replaces : posix_calls {
        std::filesystem::path step;
        int open(char const* path, int flags) const noexcept {
            if (std::filesystem::exists(step) && std::string_view{path}.ends_with("/weights")) {
                directory other{step.parent_path()};
                save(other, 1, "later");
            }
            return posix_calls::open(path, flags);
        }
    };
    temporary_folder const folder;
    directory writer{folder.path()};
    save(writer, 1, "earlier");
    replaces calls;
    calls.step = folder.path() / "step-000000000001";
    CHECK(basic_directory<replaces>{folder.path(), {}, calls}.get(1, "weights") == bytes_of_text("later"));
}

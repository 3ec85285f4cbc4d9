// SPDX-License-Identifier: BSL-1.0
/// @file
/// Processes that end at every system call of a save, on the real file system: the next process finds whole steps and goes on.
/// What a machine that stops loses besides is in directory_crash_test.cpp, on a fake disk.
#include "support/catch.hpp"
#include "unit/checkpoint/raw_bytes.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/checkpoint/directory.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace espalier::checkpoint;
using espalier_test::bytes_of_text;
using espalier_test::temporary_folder;
using steps = std::vector<std::int64_t>;

namespace {

constexpr int killed = 7;

/// The system's calls but for the flush, which takes long and is only for machines that stop.
struct live_calls : posix_calls {
    int fsync(int) const noexcept { return 0; }
};
using live_directory = basic_directory<live_calls>;

/// The calls until so many were made; the process ends before the next.
struct mortal_calls : live_calls {
    int* left;

    explicit mortal_calls(int& calls) : left{&calls} {}
    void live() const noexcept {
        if ((*left)-- == 0) ::_exit(killed);
    }
    int open(char const* path, int flags) const { return live(), posix_calls::open(path, flags); }
    std::int64_t write(int file, std::byte const* bytes, std::size_t n) const {
        live();
        return posix_calls::write(file, bytes, std::max<std::size_t>(n / 2, 1)); // so that a file is half there in between
    }
    std::int64_t pread(int file, std::byte* into, std::size_t n, std::int64_t at) const {
        return live(), posix_calls::pread(file, into, n, at);
    }
    std::int64_t size(int file) const { return live(), posix_calls::size(file); }
    int fsync(int file) const { return live(), live_calls::fsync(file); }
    int close(int file) const { return live(), posix_calls::close(file); }
    int rename(char const* from, char const* to) const { return live(), posix_calls::rename(from, to); }
    int unlink(char const* path) const { return live(), posix_calls::unlink(path); }
    int mkdir(char const* path) const { return live(), posix_calls::mkdir(path); }
    int rmdir(char const* path) const { return live(), posix_calls::rmdir(path); }
    int list(char const* path, std::vector<folder_entry>& into) const { return live(), posix_calls::list(path, into); }
};

char const* const names[] = {"rank-0.safetensors", "rank-1.safetensors", "manifest.json"};

[[nodiscard]] std::vector<std::byte> bytes_of(std::int64_t step, std::string const& name) {
    return bytes_of_text(name + " of step " + std::to_string(step));
}

template <class Place>
void save(Place place, std::int64_t step) {
    place.discard(step);
    for (char const* name : names) place.put(step, name, bytes_of(step, name));
    place.commit(step);
}

/// Whether every step that is listed is whole.
[[nodiscard]] bool is_whole(live_directory const& place) {
    auto const held = place.list();
    return std::all_of(held.begin(), held.end(), [&](std::int64_t step) {
        return std::all_of(std::begin(names), std::end(names),
                           [&](char const* name) { return place.get(step, name) == bytes_of(step, name); });
    });
}

/// Runs in a process of its own, which makes so many calls; gives its exit status.
template <class Body>
[[nodiscard]] int status_after(int calls, Body const& body) {
    ::pid_t const child = ::fork();
    if (child == 0) {
        try {
            body(mortal_calls{calls});
        } catch (std::exception const&) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

} // namespace

TEST_CASE("a process that ends at any system call of a save leaves whole steps, and the next one saves over what it left") {
    std::int64_t const step = GENERATE(300, 200); // a later step, and the newest again
    int deaths              = 0;
    for (int calls = 0;; ++calls) {
        temporary_folder const folder;
        live_directory place{folder.path() / "run"};
        for (std::int64_t const s : {100, 200}) save(place, s);
        int const status      = status_after(calls, [&](mortal_calls const& mortal) {
            basic_directory<mortal_calls> dying{folder.path() / "run", {}, mortal};
            save(dying, step);
            dying.remove(100);
        });
        auto const held       = place.list();
        bool const has_newest = std::count(held.begin(), held.end(), 200) == 1;
        bool const whole      = is_whole(place);
        if (status != killed) {
            CHECK(status == 0);
            CHECK(held == (step == 300 ? steps{200, 300} : steps{200}));
            CHECK(whole);
            break;
        }
        ++deaths;
        INFO("after " << calls << " calls");
        CHECK(has_newest);
        CHECK(whole);
        save(place, step);
        save(place, 400);
        CHECK(is_whole(place));
        auto const after = place.list();
        CHECK(std::count(after.begin(), after.end(), step) == 1);
        CHECK(after.back() == 400);
        auto const entries = std::distance(std::filesystem::directory_iterator{place.folder()}, {});
        CHECK(static_cast<std::size_t>(entries) == after.size()); // nothing else is left
    }
    CHECK(deaths > 50);
}

TEST_CASE("a process that ends while it creates the folder leaves nothing in the way of the next") {
    int deaths = 0;
    for (int calls = 0;; ++calls) {
        temporary_folder const folder;
        auto const path  = folder.path() / "a" / "b" / "run";
        int const status = status_after(calls, [&](mortal_calls const& mortal) {
            save(basic_directory<mortal_calls>{path, {}, mortal}, 1);
        });
        live_directory place{path};
        CHECK(is_whole(place));
        if (status != killed) {
            CHECK(status == 0);
            CHECK(place.list() == steps{1});
            break;
        }
        ++deaths;
        save(place, 1);
        CHECK(place.list() == steps{1});
        CHECK(is_whole(place));
    }
    CHECK(deaths > 40);
}

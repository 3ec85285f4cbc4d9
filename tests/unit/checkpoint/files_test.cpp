// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whole files: what is written is read, a failure leaves the former file and names the path.
/// What a crash of the machine leaves behind is not tested here.
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/checkpoint/raw_bytes.hpp"

#include <espalier/checkpoint/files.hpp>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

using namespace espalier::checkpoint;
using Catch::Matchers::ContainsSubstring;
using espalier_test::bytes_of_text;

namespace {

/// A folder of this test's own, gone with it.
struct scratch {
    std::filesystem::path path;
    scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "espalier_files_XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path = name;
    }
    scratch(scratch const&)            = delete;
    scratch& operator=(scratch const&) = delete;
    ~scratch() { std::filesystem::remove_all(path); }

    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{path}, {}));
    }
};

}  // namespace

TEST_CASE("a file is read as it was written, byte for byte, and nothing is left beside it") {
    scratch const folder;
    auto const path = folder.path / "a file";
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{100'003}}) {
        std::vector<std::byte> bytes(size);
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
        write_file(path, bytes);
        CHECK(read_file(path) == bytes);
        CHECK(folder.entries() == 1);
    }
}

TEST_CASE("what others write is read") {
    scratch const folder;
    std::ofstream{folder.path / "text"} << "abc\n";
    CHECK(read_file(folder.path / "text") == bytes_of_text("abc\n"));
}

TEST_CASE("a file that cannot be read is an error with its path and the system's words") {
    scratch const folder;
    auto const missing = folder.path / "missing";
    CHECK_THROWS_AS(read_file(missing), bad_checkpoint);
    CHECK_THROWS_WITH(read_file(missing),
                      "espalier: file " + missing.string() +
                          ": requires a file that can be opened; got No such file or directory. Check the path, its "
                          "permissions and the space on the disk. See docs/policies/checkpoint.md.");
    CHECK_THROWS_WITH(read_file(folder.path), ContainsSubstring("requires a regular file; got Is a directory"));
}

TEST_CASE("a file that cannot be written is an error, and nothing is left behind") {
    scratch const folder;
    auto const lost = folder.path / "no folder" / "file";
    CHECK_THROWS_WITH(write_file(lost, {}), ContainsSubstring(lost.string()) && ContainsSubstring("No such file or directory"));
    // A folder stands where the file should: the rename fails after the bytes were written.
    auto const taken = folder.path / "taken";
    std::filesystem::create_directories(taken / "inside");
    CHECK_THROWS_WITH(write_file(taken, bytes_of_text("x")), ContainsSubstring("Is a directory"));
    CHECK(folder.entries() == 1);
    CHECK(std::filesystem::exists(taken / "inside"));
}

TEST_CASE("a full disk is an error") {
    // The neighbour that is written first is /dev/full by way of a link.
    if (!std::filesystem::exists("/dev/full")) espalier_test::skip("needs /dev/full");
    scratch const folder;
    auto const path = folder.path / "file";
    write_file(path, bytes_of_text("before"));
    std::filesystem::create_symlink("/dev/full", path.string() + ".partial" + std::to_string(::getpid()));
    CHECK_THROWS_WITH(write_file(path, std::vector<std::byte>(10'000)), ContainsSubstring("No space left on device"));
    CHECK(read_file(path) == bytes_of_text("before"));
    CHECK(folder.entries() == 1);
}

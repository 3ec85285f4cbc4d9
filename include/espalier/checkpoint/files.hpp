// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whole files as bytes: read at once; written aside and renamed, so that a reader sees the old file or the new one.
/// Folders, steps and formats are not its business.
#pragma once

#include <espalier/checkpoint/errors.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace espalier::checkpoint {

namespace detail {

struct file_closer {
    void operator()(std::FILE* f) const noexcept { std::fclose(f); }
};
using file_handle = std::unique_ptr<std::FILE, file_closer>;

[[nodiscard]] inline bad_checkpoint file_error(std::filesystem::path const& path, char const* required, std::string got) {
    return bad_checkpoint{{.entity   = joined("file ", path.string()),
                           .required = required,
                           .got      = std::move(got),
                           .fix      = "Check the path, its permissions and the space on the disk",
                           .page     = page}};
}
[[nodiscard]] inline std::string text_of(int error_number) { return std::generic_category().message(error_number); }

}  // namespace detail

/// Reads a regular file into memory.
/// @par Cost      one allocation of the file's size
/// @throws bad_checkpoint with the path and the system's words where the file cannot be opened or read
[[nodiscard]] inline std::vector<std::byte> read_file(std::filesystem::path const& path) {
    detail::file_handle const file{std::fopen(path.c_str(), "rb")};
    if (file == nullptr) throw detail::file_error(path, "a file that can be opened", detail::text_of(errno));
    std::error_code failure;
    auto const size = std::filesystem::file_size(path, failure);
    if (failure) throw detail::file_error(path, "a regular file", failure.message());
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    std::size_t const got = bytes.empty() ? 0 : std::fread(bytes.data(), 1, bytes.size(), file.get());
    if (got != bytes.size())
        throw detail::file_error(path, "a file that stays as it is while it is read",
                                 std::ferror(file.get()) != 0 ? detail::text_of(errno)
                                                              : joined(got, " of ", bytes.size(), " bytes"));
    return bytes;
}

/// Writes a file: into a neighbour with the suffix ".partial" and the process number, flushed to the disk, then renamed.
/// Whoever reads the path sees the former file or the whole of the new one. Two threads must not write one path at a time.
/// @throws bad_checkpoint with the path and the system's words; the former file is then as it was
inline void write_file(std::filesystem::path const& path, std::span<std::byte const> bytes) {
    std::string const aside = joined(path.string(), ".partial", ::getpid());
    auto const fail         = [&](int error_number) {
        std::remove(aside.c_str());
        throw detail::file_error(path, "a place that can be written", detail::text_of(error_number));
    };
    detail::file_handle file{std::fopen(aside.c_str(), "wb")};
    if (file == nullptr) fail(errno);
    if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) fail(errno);
    if (std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) fail(errno);
    if (std::fclose(file.release()) != 0) fail(errno);
    if (std::rename(aside.c_str(), path.c_str()) != 0) fail(errno);
}

}  // namespace espalier::checkpoint

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plain POSIX writing and reading of files, to compare with, and a folder that is deleted in the end.
#pragma once

#include <espalier/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace bench {

inline constexpr std::size_t block_bytes = std::size_t{1} << 20; ///< as `dd bs=1M`

/// Throws the system's words where a call failed.
inline void require(bool holds, char const* call) {
    if (!holds) throw std::system_error{errno, std::generic_category(), call};
}

/// What `dd bs=1M conv=fsync` does, from memory.
inline void plain_write(std::filesystem::path const& path, std::span<std::byte const> bytes) {
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    require(file >= 0, "open");
    while (!bytes.empty()) {
        auto const written = ::write(file, bytes.data(), std::min(bytes.size(), block_bytes));
        require(written > 0, "write");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    require(::fsync(file) == 0, "fsync");
    require(::close(file) == 0, "close");
}

/// Reads a file, in blocks, to where there is room for it.
inline void plain_read(std::filesystem::path const& path, std::span<std::byte> into) {
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    require(file >= 0, "open");
    for (;;) {
        auto const got = ::read(file, into.data(), std::min(into.size(), block_bytes));
        require(got >= 0, "read");
        if (got == 0) break;
        into = into.subspan(static_cast<std::size_t>(got));
    }
    require(::close(file) == 0, "close");
}

/// A new folder below `above`, deleted in the end with all that lies in it; `above` too where it was not there before.
class scratch_folder {
public:
    explicit scratch_folder(std::filesystem::path const& above) : path_{above / espalier::joined("run-", ::getpid())} {
        is_above_ours_ = std::filesystem::create_directories(above);
        if (!std::filesystem::create_directory(path_)) throw std::system_error{EEXIST, std::generic_category(), path_.string()};
    }
    scratch_folder(scratch_folder const&)            = delete;
    scratch_folder& operator=(scratch_folder const&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
        if (is_above_ours_) std::filesystem::remove(path_.parent_path(), ignored); // where nobody else came meanwhile
    }

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    bool is_above_ours_ = false;
};

} // namespace bench

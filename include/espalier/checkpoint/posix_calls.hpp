// SPDX-License-Identifier: BSL-1.0
/// @file
/// The system calls that `checkpoint::directory` makes, as members of one struct, so that a test can fail any of them.
/// What an error means, and what is to be done again after an interruption, is not decided here.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace espalier::checkpoint {

/// What a folder holds under one name; a link is no folder, wherever it leads.
struct folder_entry {
    std::string name;
    bool is_folder = false;
};

/// The calls as the system has them. Each gives what the call gives, or the negative of its error number.
/// A type with the same members takes its place in `basic_directory`; it is copied, and called by many threads at a time.
struct posix_calls {
    /// @param flags O_RDONLY and the like
    /// @return the number of the open file
    int open(char const* path, int flags) const noexcept { return answer(::open(path, flags | O_CLOEXEC, 0666)); }
    /// @return how many bytes were written, which may be fewer
    std::int64_t write(int file, std::byte const* bytes, std::size_t count) const noexcept {
        return answer(::write(file, bytes, count));
    }
    /// @return how many bytes were read, which may be fewer; 0 at the end of the file
    std::int64_t pread(int file, std::byte* into, std::size_t count, std::int64_t offset) const noexcept {
        return answer(::pread(file, into, count, offset));
    }
    /// @return the size in bytes
    std::int64_t size(int file) const noexcept {
        struct ::stat about {};
        return ::fstat(file, &about) == 0 ? about.st_size : -errno;
    }
    int fsync(int file) const noexcept { return answer(::fsync(file)); }
    /// Has the disk begin with bytes that were written, so that it works while the next ones come: a hint, which promises nothing
    /// and whose failure means nothing. A type that takes this one's place need not have it.
    void begin_to_store([[maybe_unused]] int file, [[maybe_unused]] std::int64_t from, [[maybe_unused]] std::int64_t count) const noexcept {
#if defined(SYNC_FILE_RANGE_WRITE)
        (void)::sync_file_range(file, from, count, SYNC_FILE_RANGE_WRITE);
#endif
    }
    int close(int file) const noexcept { return answer(::close(file)); }

    int rename(char const* from, char const* to) const noexcept { return answer(::rename(from, to)); }
    int unlink(char const* path) const noexcept { return answer(::unlink(path)); }
    int mkdir(char const* path) const noexcept { return answer(::mkdir(path, 0777)); }
    int rmdir(char const* path) const noexcept { return answer(::rmdir(path)); }

    /// Appends what a folder holds, in no order, without "." and "..".
    int list(char const* path, std::vector<folder_entry>& into) const {
        DIR* const folder = ::opendir(path);
        if (folder == nullptr) return -errno;
        int const error = append(folder, into);
        ::closedir(folder);
        return -error;
    }

private:
    template <class T>
    static T answer(T result) noexcept {
        return result < 0 ? static_cast<T>(-errno) : result;
    }
    static int append(DIR* folder, std::vector<folder_entry>& into) {
        for (;;) {
            errno                   = 0; // readdir gives null at the end as well
            ::dirent const* const e = ::readdir(folder);
            if (e == nullptr) return errno;
            std::string name = e->d_name;
            if (name == "." || name == "..") continue;
            bool is_folder = e->d_type == DT_DIR;
            if (e->d_type == DT_UNKNOWN) { // a file system that does not say
                struct ::stat about {};
                is_folder = ::fstatat(::dirfd(folder), e->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(about.st_mode);
            }
            into.push_back({std::move(name), is_folder});
        }
    }
};

} // namespace espalier::checkpoint

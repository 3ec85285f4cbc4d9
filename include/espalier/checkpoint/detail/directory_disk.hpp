// SPDX-License-Identifier: BSL-1.0
/// @file
/// What `checkpoint::directory` does to a disk: writing, reading, flushing, moving and deleting, each with its error's words.
/// Which folder means what is not known here.
#pragma once

#include <espalier/checkpoint/detail/directory_names.hpp>
#include <espalier/checkpoint/errors.hpp>
#include <espalier/checkpoint/files.hpp>
#include <espalier/checkpoint/posix_calls.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier::checkpoint::detail {

/// Makes a call again until no signal interrupts it.
template <class Call>
[[nodiscard]] auto retried(Call const& call) {
    for (;;)
        if (auto const result = call(); result != -EINTR) return result;
}

/// An open file, closed at the end of the scope.
template <class Calls>
class open_file {
public:
    open_file(Calls& calls, std::filesystem::path const& path, int flags)
        : calls_{&calls}, number_{retried([&] { return calls.open(path.c_str(), flags); })} {}
    open_file(open_file&& other) noexcept : calls_{other.calls_}, number_{std::exchange(other.number_, -1)} {}
    open_file& operator=(open_file&&) = delete;
    ~open_file() { (void)close(); }

    /// The number of the file, or minus the error that opening it gave.
    [[nodiscard]] int number() const noexcept { return number_; }
    /// @return 0 or minus the error. It is not done again: after an interruption the number may be another file's.
    [[nodiscard]] int close() {
        int const number = std::exchange(number_, -1);
        int const result = number < 0 ? 0 : calls_->close(number);
        return result == -EINTR ? 0 : result;
    }

private:
    Calls* calls_;
    int number_;
};

/// The disk as the place sees it. Functions that give an int give 0 or an error number, the others throw.
template <class Calls>
class disk {
public:
    using path = std::filesystem::path;

    disk(std::string entity, Calls calls) : entity_{std::move(entity)}, calls_{std::move(calls)} {}

    [[nodiscard]] std::string const& entity() const noexcept { return entity_; }

    [[noreturn]] void fail(std::string const& required, path const& what, int error) const {
        throw bad_checkpoint{{.entity   = entity_,
                              .required = joined(required, " ", what.string()),
                              .got      = text_of(error),
                              .fix      = "Check the folder, its permissions and the space on its disk",
                              .page     = page}};
    }

    /// Writes a file aside, flushes it, and gives it its name: the name stands for the former bytes or for all of these.
    /// @par Cost      no copy: the system takes the bytes from where they are
    void write(path const& file, std::span<std::span<std::byte const> const> pieces) {
        path const aside = file.parent_path() / aside_name(file.filename().string());
        int error        = write_flushed(aside, pieces);
        if (error == 0) error = rename(aside, file);
        if (error == 0) return;
        (void)unlink(aside); // where it stays it is in nobody's way
        fail("space and permission to write", file, error);
    }

    [[nodiscard]] open_file<Calls> open_to_read(path const& file) { return {calls_, file, O_RDONLY}; }

    [[nodiscard]] std::size_t size(open_file<Calls> const& file, path const& name) {
        auto const size = retried([&] { return calls_.size(file.number()); });
        if (size < 0) fail("permission to read", name, static_cast<int>(-size));
        return static_cast<std::size_t>(size);
    }

    /// Fills `into` from a byte of the file on.
    void read(open_file<Calls> const& file, path const& name, std::size_t offset, std::span<std::byte> into) {
        while (!into.empty()) {
            auto const got = retried([&] {
                return calls_.pread(file.number(), into.data(), std::min(into.size(), most), static_cast<std::int64_t>(offset));
            });
            if (got < 0) fail("a disk that gives back", name, static_cast<int>(-got));
            if (got == 0)
                throw bad_checkpoint{{.entity   = entity_,
                                      .required = joined("a part that stays as it is while it is read, ", name.string()),
                                      .got      = joined("its end ", into.size(), " bytes early"),
                                      .fix      = "Let nobody else write there",
                                      .page     = page}};
            offset += static_cast<std::size_t>(got);
            into = into.subspan(static_cast<std::size_t>(got));
        }
    }

    /// What a folder holds; nothing where it does not exist.
    [[nodiscard]] std::vector<folder_entry> entries(path const& folder) {
        std::vector<folder_entry> out;
        int const error = -retried([&] {
            out.clear();
            return calls_.list(folder.c_str(), out);
        });
        if (error != 0 && error != ENOENT) fail("permission to list the folder", folder, error);
        return out;
    }

    /// Makes the names in a folder last: what was created, renamed or deleted there.
    [[nodiscard]] int flush(path const& folder) {
        open_file<Calls> opened{calls_, folder, O_RDONLY | O_DIRECTORY};
        if (opened.number() < 0) return -opened.number();
        int const error = -retried([&] { return calls_.fsync(opened.number()); });
        return error == EINVAL ? 0 : error; // on some shared file systems folders cannot be flushed; files can
    }

    /// Makes the name of a folder last. Of one that others made, whoever cannot open the folder above is not to answer for it.
    void flush_name_of(path const& folder, bool is_ours) {
        int const error = flush(above(folder));
        if (error != 0 && (is_ours || (error != EACCES && error != EPERM))) fail("a disk that keeps the folder", folder, error);
    }

    /// Creates a folder and those above it that are missing, from the top. Before a folder is created the name of the one above
    /// lasts, be it that of a run that was killed between the two: so a folder that is there lacks at most its own name.
    void make_folder(path const& folder) {
        if (path const up = above(folder); up != folder) {
            int const seen = open_file<Calls>{calls_, up, O_RDONLY | O_DIRECTORY}.number();
            if (seen == -ENOENT)
                make_folder(up);
            else if (seen >= 0 || seen == -EACCES || seen == -EPERM)
                flush_name_of(up, false);
            else
                fail("a disk that gives back the folder", up, -seen);
        }
        int const error = mkdir(folder);
        if (error != 0 && error != EEXIST) fail("space and permission to create the folder", folder, error);
        flush_name_of(folder, error == 0);
    }

    /// Deletes the files of a folder, and the folder, as far as it can.
    void erase(path const& folder) {
        std::vector<folder_entry> inside;
        (void)retried([&] {
            inside.clear();
            return calls_.list(folder.c_str(), inside);
        });
        for (auto const& entry : inside) (void)unlink(folder / entry.name);
        (void)retried([&] { return calls_.rmdir(folder.c_str()); });
    }

    [[nodiscard]] int rename(path const& from, path const& to) {
        return -retried([&] { return calls_.rename(from.c_str(), to.c_str()); });
    }
    [[nodiscard]] int mkdir(path const& folder) {
        return -retried([&] { return calls_.mkdir(folder.c_str()); });
    }
    [[nodiscard]] int unlink(path const& file) {
        return -retried([&] { return calls_.unlink(file.c_str()); });
    }

    [[nodiscard]] static path above(path const& folder) { return folder.has_parent_path() ? folder.parent_path() : path{"."}; }

private:
    static constexpr std::size_t most    = std::size_t{1} << 30; // Linux takes at most 2 GiB less a page in one call
    static constexpr std::size_t stretch = std::size_t{8} << 20; // written at once, then the disk begins with it

    [[nodiscard]] int write_flushed(path const& file, std::span<std::span<std::byte const> const> pieces) {
        open_file<Calls> opened{calls_, file, O_WRONLY | O_CREAT | O_TRUNC};
        if (opened.number() < 0) return -opened.number();
        std::int64_t begun = 0, end = 0; // bytes that the disk was told to begin with, and all that were written
        for (auto bytes : pieces)
            while (!bytes.empty()) {
                auto const written =
                    retried([&] { return calls_.write(opened.number(), bytes.data(), std::min(bytes.size(), stretch)); });
                if (written < 0) return static_cast<int>(-written);
                if (written == 0) return EIO; // a disk that takes nothing and does not say why
                bytes = bytes.subspan(static_cast<std::size_t>(written));
                end += written;
                if constexpr (requires { calls_.begin_to_store(0, end, end); })
                    if (end - begun >= static_cast<std::int64_t>(stretch)) {
                        calls_.begin_to_store(opened.number(), begun, end - begun);
                        begun = end;
                    }
            }
        int const error = -retried([&] { return calls_.fsync(opened.number()); });
        return error != 0 ? error : -opened.close();
    }

    std::string entity_;
    Calls calls_;
};

} // namespace espalier::checkpoint::detail

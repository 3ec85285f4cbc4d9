// SPDX-License-Identifier: BSL-1.0
/// @file
/// The place on a disk: a folder with one folder a committed step, in which each part is a file.
/// Ranks may be threads or processes on one file system; what the parts hold is the format's business.
#pragma once

#include <espalier/checkpoint/concepts.hpp>
#include <espalier/checkpoint/detail/directory_disk.hpp>
#include <espalier/checkpoint/detail/directory_names.hpp>
#include <espalier/checkpoint/posix_calls.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace espalier::checkpoint {

/// How a directory is kept.
struct directory_settings {
    int keep = 3; ///< how many committed steps are to stay, the newest; at least 1
};

/// Keeps steps below a folder; whatever else lies there is left alone. All its state is in the folder.
/// A part is flushed to the disk when `put` returns, a step when `commit` returns. A step appears, and is replaced, by one
/// rename: whenever a process or the machine dies, `list` and `get` show each step whole, as it was or as it is to be.
/// ```
/// <folder>/step-000000000400/          a committed step; a part is a file of its name
///          step-000000000400.1/        the same committed again: the highest number counts, the lower ones are removed
///          step-000000000600.partial/  put and not committed
///          step-000000000200.removed/  waits to be deleted, which the next commit or discard does if nobody else has
/// ```
/// @par Ranks     as the concept says; one run at a time writes to a folder, any number read
/// @par Cost      put: the bytes are written from where they are, one flush; get: one allocation, of what is asked for
/// @tparam Calls the system calls; tests give one that fails
template <class Calls = posix_calls>
class basic_directory {
public:
    static constexpr bool keeps = true;

    /// Touches nothing on disk; the folder is created, with those above it, when the first part is put.
    /// @throws invalid_setting for an empty path, or fewer than 1 step to keep
    explicit basic_directory(std::filesystem::path folder, directory_settings settings = {}, Calls calls = {})
        : folder_{normal(std::move(folder))}, keep_{settings.keep}, disk_{std::make_shared<detail::disk<Calls>>(
                                                                        joined("checkpoint::directory ", folder_.string()),
                                                                        std::move(calls))} {
        if (folder_.empty()) throw wrong("the path of a folder", "an empty one", "Name a folder");
        if (keep_ < 1) throw wrong("at least 1 step to keep", std::to_string(keep_), "Keep 1 or more, or use checkpoint::none");
    }

    [[nodiscard]] std::filesystem::path const& folder() const noexcept { return folder_; }
    [[nodiscard]] int keep() const noexcept { return keep_; }

    /// @throws invalid_setting for a name that is no plain file name, or a negative step
    /// @throws bad_checkpoint with the file and the system's words where it cannot be written; what was put before stays
    void put(std::int64_t step, std::string_view name, std::span<std::byte const> bytes) {
        put_pieces(step, name, {&bytes, 1});
    }
    /// The same for a part whose pieces lie in several places: the system takes each from where it is.
    void put_pieces(std::int64_t step, std::string_view name, std::span<std::span<std::byte const> const> pieces) {
        if (step < 0) throw wrong("a step of at least 0", std::to_string(step), "Count steps from 0");
        if (!detail::is_part_name(name))
            throw wrong("a part's name that is a plain file name of 1 to 200 bytes", detail::in_quotes(name),
                        "Use no slash, backslash or control character, and no dot at the beginning");
        auto const partial = folder_ / detail::partial_name(step);
        int error          = disk_->mkdir(partial);
        if (error == ENOENT) {
            disk_->make_folder(folder_);
            error = disk_->mkdir(partial);
        }
        if (error != 0 && error != EEXIST) disk_->fail("space and permission to create the folder", partial, error);
        disk_->write(partial / name, pieces);
    }

    /// Commits a step and forgets the parts that were put for earlier steps and not committed; every committed step stays.
    /// @throws bad_checkpoint where no part was put, or with the system's words; the committed steps are then as before
    void commit(std::int64_t step);

    /// Forgets the parts of a step that were put and not committed, and deletes what a run that was killed left behind.
    /// @throws bad_checkpoint with the system's words where it cannot
    void discard(std::int64_t step) {
        auto const partial = detail::partial_name(step);
        if (int const error = hide(partial); error != 0 && error != ENOENT)
            disk_->fail("permission to rename", folder_ / partial, error);
        clean(0);
    }

    /// @throws bad_checkpoint for an unknown step or name, or with the system's words
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name) const {
        auto const part = open(step, name);
        std::vector<std::byte> bytes(disk_->size(part.file, part.path));
        disk_->read(part.file, part.path, 0, bytes);
        return bytes;
    }

    /// @throws bad_checkpoint for an unknown step or name, a range that leaves the part, or with the system's words
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name, std::size_t offset,
                                             std::size_t bytes) const {
        auto const part = open(step, name);
        require_range(part, step, name, offset, bytes);
        std::vector<std::byte> range(bytes);
        disk_->read(part.file, part.path, offset, range);
        return range;
    }
    /// The same into memory of the caller.
    void get_into(std::int64_t step, std::string_view name, std::size_t offset, std::span<std::byte> into) const {
        auto const part = open(step, name);
        require_range(part, step, name, offset, into.size());
        disk_->read(part.file, part.path, offset, into);
    }

    [[nodiscard]] std::vector<std::int64_t> list() const {
        std::vector<std::int64_t> steps;
        for (auto const& held : attempts()) steps.push_back(held.first);
        return steps;
    }

    /// Removes a step at once; its files are deleted afterwards, those that cannot be by the next commit or discard.
    /// @throws bad_checkpoint for a step that is not committed, or with the system's words; the step then stays
    void remove(std::int64_t step);

private:
    struct opened_part {
        detail::open_file<Calls> file;
        std::filesystem::path path;
    };

    void require_range(opened_part const& part, std::int64_t step, std::string_view name, std::size_t offset,
                       std::size_t bytes) const {
        std::size_t const size = disk_->size(part.file, part.path);
        if (offset > size || bytes > size - offset)
            throw bad(joined("a range within the ", size, " bytes of part ", detail::in_quotes(name), " of step ", step),
                      joined(bytes, " bytes from byte ", offset), "Ask for less");
    }
    [[nodiscard]] static std::filesystem::path normal(std::filesystem::path folder) {
        folder = folder.lexically_normal();
        return folder.has_filename() ? folder : folder.parent_path(); // "run/" is "run"
    }
    [[nodiscard]] invalid_setting wrong(std::string required, std::string got, char const* fix) const {
        return invalid_setting{{disk_->entity(), std::move(required), std::move(got), fix, detail::page}};
    }
    [[nodiscard]] bad_checkpoint bad(std::string required, std::string got, char const* fix) const {
        return bad_checkpoint{{disk_->entity(), std::move(required), std::move(got), fix, detail::page}};
    }
    [[nodiscard]] bad_checkpoint unknown(std::int64_t step) const {
        return detail::unknown_step(joined("directory ", folder_.string()).c_str(), step, list());
    }

    /// The attempts at each committed step, both rising.
    [[nodiscard]] std::map<std::int64_t, std::vector<int>> attempts() const;
    [[nodiscard]] opened_part open(std::int64_t step, std::string_view name) const;
    void settle(std::string const& from, std::string const& to, char const* required, int error);
    [[nodiscard]] int hide(std::string const& name);
    void clean(std::int64_t first_partial_to_stay) noexcept;

    std::filesystem::path folder_;
    int keep_;
    std::shared_ptr<detail::disk<Calls>> disk_; // shared by copies
};

/// The place on a disk, by the system's own calls.
using directory = basic_directory<>;

} // namespace espalier::checkpoint

#include <espalier/checkpoint/detail/directory_body.hpp>

namespace espalier::checkpoint {
static_assert(CheckpointPlace<directory> && LimitsSteps<directory> && AcceptsPieces<directory> && FillsMemory<directory>);
} // namespace espalier::checkpoint

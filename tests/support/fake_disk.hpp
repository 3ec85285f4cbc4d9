// SPDX-License-Identifier: BSL-1.0
/// @file
/// A fake disk in memory, in place of the system's calls: it fails at a chosen call, fills up, and loses in a crash what was not
/// flushed. It is stricter than disks are, and knows no links, no permissions and no threads.
#pragma once

#include <espalier/checkpoint/posix_calls.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>

namespace espalier_test {

/// Bytes of a file last once the file was flushed; what is created, renamed or deleted in a folder, once the folder was. A copy
/// of the disk is another disk in the same state.
class fake_disk {
public:
    /// What happens at a call: it fails and does nothing; writes half; is interrupted by a signal; the process dies before it.
    enum class fault { none, error, half, interrupted, death };
    /// What a crash takes of that which was not flushed. `bytes` and `names` take only these; `some` takes by chance.
    enum class loss { everything, nothing, bytes, names, some };

    static constexpr std::size_t entry_bytes = 16; ///< what a file or folder takes, besides a file's bytes

    std::size_t capacity = SIZE_MAX;

    /// From now on calls are counted anew, and this happens at call `at`.
    void expect(fault kind, std::size_t at) {
        log_.clear();
        fault_ = kind;
        at_    = at;
        dead_  = false;
    }
    /// The calls since `expect`, as "fsync /run".
    [[nodiscard]] std::vector<std::string> const& log() const { return log_; }
    [[nodiscard]] bool is_dead() const { return dead_; }

    [[nodiscard]] std::size_t used() const {
        std::size_t sum = 0;
        for (auto const& n : nodes_)
            if (n.links > 0) sum += entry_bytes + n.bytes.size();
        return sum;
    }
    [[nodiscard]] std::size_t open_files() const { return open_.size(); }
    [[nodiscard]] std::string const& path_of(int file) const { return open_.at(file).path; }

    /// The machine stops, and starts again with what is left.
    void crash(loss what, std::uint64_t seed) {
        std::mt19937_64 chance{seed};
        auto const survives = [&](loss kind) {
            return what == loss::nothing || (what == loss::some ? chance() % 2 == 0 : what != loss::everything && what != kind);
        };
        for (auto& n : nodes_) {
            for (auto const& change : n.unflushed)
                if (survives(loss::names))
                    for (auto const& [name, to] : change) set(n.lasting_entries, name, to);
            n.entries = n.lasting_entries;
            n.unflushed.clear();
            if (n.bytes != n.lasting && !survives(loss::bytes)) {
                if (what == loss::some && chance() % 2 == 0) { // a part of what was written, and a hole
                    n.bytes.resize(n.bytes.size() - chance() % (n.bytes.size() + 1));
                    std::fill_n(n.bytes.begin(), n.bytes.size() / 2, std::byte{0});
                } else {
                    n.bytes = n.lasting;
                }
            }
            n.lasting = n.bytes;
            n.links   = 0;
        }
        for (auto const& n : nodes_)
            for (auto const& entry : n.entries) ++nodes_[entry.second].links;
        expect(fault::none, 0);
        open_.clear();
    }

    int open(std::string const& path, int flags) {
        if (int const e = begin("open", path); e != 0) return -e;
        auto const at  = parent_and_name(path);
        std::size_t to = find(path);
        if (to == none && (flags & O_CREAT) == 0) return -ENOENT;
        if (to == none) {
            if (at.first == none) return -ENOENT;
            if (used() + entry_bytes > capacity) return -ENOSPC;
            to = create(at.first, at.second, false);
        }
        if ((flags & O_DIRECTORY) != 0 && !nodes_[to].is_folder) return -ENOTDIR;
        if ((flags & (O_WRONLY | O_TRUNC)) != 0 && nodes_[to].is_folder) return -EISDIR;
        if ((flags & O_TRUNC) != 0) nodes_[to].bytes.clear();
        open_[++last_file_] = {to, path};
        return last_file_;
    }
    std::int64_t write(int file, std::byte const* bytes, std::size_t count) {
        if (int const e = begin("write", name_of(file)); e != 0) return -e;
        if (fault_ == fault::half && log_.size() == at_ + 1) count = std::max<std::size_t>(count / 2, 1);
        std::size_t const room = capacity - std::min(capacity, used());
        if (room == 0) return -ENOSPC;
        auto& to = nodes_[open_.at(file).node].bytes;
        count    = std::min(count, room);
        to.insert(to.end(), bytes, bytes + count);
        return static_cast<std::int64_t>(count);
    }
    std::int64_t pread(int file, std::byte* into, std::size_t count, std::int64_t offset) {
        if (int const e = begin("pread", name_of(file)); e != 0) return -e;
        auto const& from    = nodes_[open_.at(file).node].bytes;
        auto const first    = std::min(static_cast<std::size_t>(offset), from.size());
        std::size_t const n = std::min(count, from.size() - first);
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(first), n, into);
        return static_cast<std::int64_t>(n);
    }
    std::int64_t size(int file) {
        if (int const e = begin("size", name_of(file)); e != 0) return -e;
        return static_cast<std::int64_t>(nodes_[open_.at(file).node].bytes.size());
    }
    int fsync(int file) {
        if (int const e = begin("fsync", name_of(file)); e != 0) return -e;
        auto& n           = nodes_[open_.at(file).node];
        n.lasting         = n.bytes;
        n.lasting_entries = n.entries;
        n.unflushed.clear();
        return 0;
    }
    int close(int file) { // closes even where it fails, as Linux does
        int const e = begin("close", name_of(file));
        if (!dead_) open_.erase(file);
        return -e;
    }
    int rename(std::string const& from, std::string const& to) {
        if (int const e = begin("rename", from); e != 0) return -e;
        auto const source = parent_and_name(from), target = parent_and_name(to);
        std::size_t const moved = find(from), over = find(to);
        if (moved == none || target.first == none) return -ENOENT;
        if (source.first != target.first) return -EXDEV; // the place never moves between folders
        if (over != none && nodes_[over].is_folder != nodes_[moved].is_folder) return nodes_[over].is_folder ? -EISDIR : -ENOTDIR;
        if (over != none && !nodes_[over].entries.empty()) return -ENOTEMPTY;
        change(source.first, {{source.second, none}, {target.second, moved}});
        return 0;
    }
    int unlink(std::string const& path) { return drop("unlink", path, false); }
    int rmdir(std::string const& path) { return drop("rmdir", path, true); }
    int mkdir(std::string const& path) {
        if (int const e = begin("mkdir", path); e != 0) return -e;
        auto const at = parent_and_name(path);
        if (find(path) != none) return -EEXIST;
        if (at.first == none) return -ENOENT;
        if (used() + entry_bytes > capacity) return -ENOSPC;
        (void)create(at.first, at.second, true);
        return 0;
    }
    int list(std::string const& path, std::vector<espalier::checkpoint::folder_entry>& into) {
        if (int const e = begin("list", path); e != 0) return -e;
        std::size_t const folder = find(path);
        if (folder == none) return -ENOENT;
        if (!nodes_[folder].is_folder) return -ENOTDIR;
        for (auto const& [name, to] : nodes_[folder].entries) into.push_back({name, nodes_[to].is_folder});
        return 0;
    }

private:
    static constexpr std::size_t none = SIZE_MAX;
    using entry_map                   = std::map<std::string, std::size_t, std::less<>>;

    struct node {
        bool is_folder = true;
        int links      = 0;
        std::vector<std::byte> bytes, lasting;
        entry_map entries, lasting_entries;
        std::vector<std::vector<std::pair<std::string, std::size_t>>> unflushed; ///< changes of entries, each lost or kept whole
    };
    struct opened {
        std::size_t node;
        std::string path;
    };

    static void set(entry_map& in, std::string const& name, std::size_t to) {
        if (to == none)
            in.erase(name);
        else
            in[name] = to;
    }
    /// Counts a call; an error where it is the one that fails, or the process is dead.
    int begin(char const* call, std::string const& what) {
        if (dead_) return EIO;
        log_.push_back(std::string{call} + " " + what);
        if (fault_ == fault::none || log_.size() != at_ + 1) return 0;
        dead_ = fault_ == fault::death;
        return fault_ == fault::half ? 0 : fault_ == fault::interrupted ? EINTR : EIO;
    }
    [[nodiscard]] std::string name_of(int file) const { return dead_ ? "" : path_of(file); }
    [[nodiscard]] std::size_t find(std::string_view path) const {
        std::size_t at = 0;
        while (!path.empty()) {
            auto const slash = std::min(path.find('/'), path.size());
            auto const name  = path.substr(0, slash);
            path.remove_prefix(std::min(slash + 1, path.size()));
            if (name.empty()) continue;
            auto const next = nodes_[at].entries.find(name);
            if (next == nodes_[at].entries.end()) return none;
            at = next->second;
        }
        return at;
    }
    [[nodiscard]] std::pair<std::size_t, std::string> parent_and_name(std::string const& path) const {
        auto const slash = path.rfind('/');
        return {find(std::string_view{path}.substr(0, slash)), path.substr(slash + 1)};
    }
    void change(std::size_t folder, std::vector<std::pair<std::string, std::size_t>> to) {
        for (auto const& [name, target] : to) {
            if (auto const old = nodes_[folder].entries.find(name); old != nodes_[folder].entries.end())
                --nodes_[old->second].links;
            if (target != none) ++nodes_[target].links;
            set(nodes_[folder].entries, name, target);
        }
        nodes_[folder].unflushed.push_back(std::move(to));
    }
    std::size_t create(std::size_t folder, std::string const& name, bool is_folder) {
        nodes_.emplace_back().is_folder = is_folder;
        change(folder, {{name, nodes_.size() - 1}});
        return nodes_.size() - 1;
    }
    int drop(char const* call, std::string const& path, bool is_folder) {
        if (int const e = begin(call, path); e != 0) return -e;
        std::size_t const to = find(path);
        if (to == none) return -ENOENT;
        if (nodes_[to].is_folder != is_folder) return is_folder ? -ENOTDIR : -EISDIR;
        if (!nodes_[to].entries.empty()) return -ENOTEMPTY;
        auto const at = parent_and_name(path);
        change(at.first, {{at.second, none}});
        return 0;
    }

    std::vector<node> nodes_ = std::vector<node>(1); // the root
    std::map<int, opened> open_;
    int last_file_ = 2;
    std::vector<std::string> log_;
    fault fault_    = fault::none;
    std::size_t at_ = 0;
    bool dead_      = false;
};

/// The calls of `checkpoint::basic_directory` to a fake disk; copies go to the same disk.
struct fake_calls {
    fake_disk* disk;

    int open(char const* path, int flags) const { return disk->open(path, flags); }
    std::int64_t write(int file, std::byte const* bytes, std::size_t n) const { return disk->write(file, bytes, n); }
    std::int64_t pread(int file, std::byte* into, std::size_t n, std::int64_t at) const { return disk->pread(file, into, n, at); }
    std::int64_t size(int file) const { return disk->size(file); }
    int fsync(int file) const { return disk->fsync(file); }
    int close(int file) const { return disk->close(file); }
    int rename(char const* from, char const* to) const { return disk->rename(from, to); }
    int unlink(char const* path) const { return disk->unlink(path); }
    int mkdir(char const* path) const { return disk->mkdir(path); }
    int rmdir(char const* path) const { return disk->rmdir(path); }
    int list(char const* path, std::vector<espalier::checkpoint::folder_entry>& into) const { return disk->list(path, into); }
};

/// Calls whose fsync does nothing for paths that end so: what a place would be that left it out.
struct calls_without_fsync : fake_calls {
    std::string_view of;

    int fsync(int file) const { return disk->path_of(file).ends_with(of) ? 0 : fake_calls::fsync(file); }
};

} // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The members of `checkpoint::basic_directory` that rename: their order is what a crash at any point must find.
/// It is included by directory.hpp and by nothing else.
#pragma once

#include <espalier/checkpoint/directory.hpp>

namespace espalier::checkpoint {

// 1 the parts' names last   2 the folder's own name lasts   3 the step appears   4 its name lasts   5 what it replaces goes
template <class Calls>
void basic_directory<Calls>::commit(std::int64_t step) {
    auto const partial = detail::partial_name(step);
    std::size_t parts  = 0;
    for (auto const& entry : disk_->entries(folder_ / partial)) {
        if (detail::is_part_name(entry.name))
            ++parts;
        else
            (void)disk_->unlink(folder_ / partial / entry.name); // a part that never became whole
    }
    if (parts == 0)
        throw bad(joined("parts that were put for step ", step), "none", "Put the parts of all ranks, then commit once");
    if (int const error = disk_->flush(folder_ / partial); error != 0)
        disk_->fail("a disk that keeps the folder", folder_ / partial, error);
    disk_->flush_name_of(folder_, false);
    auto const held = attempts();
    auto const same = held.find(step);
    int const next  = same == held.end() ? 0 : same->second.back() + 1;
    auto const name = detail::committed_name(step, next);
    settle(partial, name, "space and permission to commit as", disk_->rename(folder_ / partial, folder_ / name));
    clean(step);
}

// From the lowest attempt up, and after what a run that was killed has renamed lasts: one that was replaced never comes back.
template <class Calls>
void basic_directory<Calls>::remove(std::int64_t step) {
    auto const held = attempts();
    auto const same = held.find(step);
    if (same == held.end()) throw unknown(step);
    if (int const error = disk_->flush(folder_); error != 0) disk_->fail("a disk that keeps the folder", folder_, error);
    for (int const attempt : same->second) {
        auto const name = detail::committed_name(step, attempt), hidden = detail::removed_name(name);
        settle(name, hidden, "permission to remove as", hide(name));
        disk_->erase(folder_ / hidden);
    }
}

template <class Calls>
std::map<std::int64_t, std::vector<int>> basic_directory<Calls>::attempts() const {
    std::map<std::int64_t, std::vector<int>> out;
    for (auto const& entry : disk_->entries(folder_)) {
        auto const name = detail::parse_step_name(entry.name);
        if (name && entry.is_folder && name->is == detail::step_name::kind::committed) out[name->step].push_back(name->attempt);
    }
    for (auto& held : out) std::sort(held.second.begin(), held.second.end());
    return out;
}

// A step that is committed again while it is looked up has a higher attempt when it is looked up once more.
template <class Calls>
auto basic_directory<Calls>::open(std::int64_t step, std::string_view name) const -> opened_part {
    for (int before = -1;;) {
        auto const held = attempts();
        auto const same = held.find(step);
        if (same == held.end()) throw unknown(step);
        int const attempt = same->second.back();
        auto const folder = folder_ / detail::committed_name(step, attempt);
        if (attempt == before || !detail::is_part_name(name))
            throw bad(joined("a part ", detail::in_quotes(name), " of step ", step),
                      joined(disk_->entries(folder).size(), " parts of other names"),
                      "Ask for a part that was put before the commit");
        auto file = disk_->open_to_read(folder / name);
        if (file.number() >= 0) return {std::move(file), folder / name};
        if (file.number() != -ENOENT) disk_->fail("permission to read", folder / name, -file.number());
        before = attempt;
    }
}

/// Makes a rename last that gave `error`, or takes it back and throws.
template <class Calls>
void basic_directory<Calls>::settle(std::string const& from, std::string const& to, char const* required, int error) {
    if (error == 0) {
        error = disk_->flush(folder_);
        if (error == 0) return;
        (void)disk_->rename(folder_ / to, folder_ / from);
    }
    disk_->fail(required, folder_ / to, error);
}

/// Renames to the name of what waits to be deleted. Another of that name, left by a run that was killed, is deleted first: who
/// calls has made its name last, or it holds nothing that was committed. Else a crash could bring back a step without its files.
template <class Calls>
int basic_directory<Calls>::hide(std::string const& name) {
    auto const hidden = detail::removed_name(name);
    int const error   = disk_->rename(folder_ / name, folder_ / hidden);
    if (error != ENOTEMPTY && error != EEXIST) return error;
    disk_->erase(folder_ / hidden);
    return disk_->rename(folder_ / name, folder_ / hidden);
}

/// Deletes what was removed, replaced or, below a step, never committed. What fails is left for the next time: the steps are
/// as they should be without it.
template <class Calls>
void basic_directory<Calls>::clean(std::int64_t first_partial_to_stay) noexcept {
    using kind = detail::step_name::kind;
    try {
        std::vector<std::string> replaced;
        for (auto const& held : attempts())
            for (std::size_t i = 0; i + 1 < held.second.size(); ++i)
                replaced.push_back(detail::committed_name(held.first, held.second[i]));
        // What replaces them may be of a run that was killed before its name lasted.
        if (!replaced.empty() && disk_->flush(folder_) != 0) return;
        for (auto const& name : replaced) (void)hide(name);
        for (auto const& entry : disk_->entries(folder_)) {
            auto const name = detail::parse_step_name(entry.name);
            if (name && name->is == kind::partial && name->step < first_partial_to_stay) (void)hide(entry.name);
        }
        auto hidden = disk_->entries(folder_);
        std::erase_if(hidden, [](folder_entry const& entry) {
            auto const name = detail::parse_step_name(entry.name);
            return !entry.is_folder || !name || name->is != kind::removed;
        });
        // A folder whose new name is lost must not come back with half of its files.
        if (hidden.empty() || disk_->flush(folder_) != 0) return;
        for (auto const& entry : hidden) disk_->erase(folder_ / entry.name);
    } catch (std::exception const&) { // a folder that cannot be listed, or no memory
    }
}

} // namespace espalier::checkpoint

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a manifest must fulfil beyond its structure: plain file names, checksums for every byte, and boxes that cover each
/// tensor once. Both who writes and who reads a manifest asks.
#pragma once

#include <espalier/checkpoint/chunk_sums.hpp>
#include <espalier/checkpoint/detail/tiling.hpp>
#include <espalier/checkpoint/manifest_entries.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier::checkpoint::detail {

/// Letters, digits, '.', '_' and '-', at most 100 of them, not beginning with '.': a name that every file system takes and that
/// leads nowhere else. The manifest's own name is taken.
[[nodiscard]] inline bool is_plain(std::string_view name) noexcept {
    auto const is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 100 && name.front() != '.' && name != manifest_name &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

inline void check_file(std::string const& name, stored_file const& file, std::string_view source, std::string const& fix) {
    if (!is_plain(name))
        reject_manifest(source, "file names of letters, digits, '.', '_' and '-'", joined("a file ", in_quotes(name)), fix);
    if (file.bytes > static_cast<std::uint64_t>(INT64_MAX) || chunks_of(file.bytes) != file.sums.size())
        reject_manifest(source, joined("a checksum each ", chunk_bytes, " bytes of a file"),
                        joined(file.sums.size(), " checksums for the ", file.bytes, " bytes of file ", in_quotes(name)), fix);
}

/// The boxes of one tensor: each within it and in a file of its own that the manifest lists; together each element once.
inline void check_tensor(std::string const& name, stored_tensor const& t, manifest const& m, std::string_view source,
                         std::string const& fix) {
    auto const complain = [&](std::string required, std::string got) {
        reject_manifest(source, std::move(required), joined("tensor ", in_quotes(name), " ", got), fix);
    };
    if (t.extents.size() > most_dims)
        complain(joined("tensors of at most ", most_dims, " dims"), joined("of ", t.extents.size(), " dims"));
    if (!bytes_of(t.extents, t.type))
        complain("extents of at least 0, and tensors of less than 2^63 bytes", joined("of extents ", to_string(t.extents)));
    auto const all    = static_cast<std::uint64_t>(elements(whole(t.extents)));
    std::uint64_t sum = 0;
    std::vector<std::string const*> files;
    files.reserve(t.boxes.size());
    for (stored_box const& b : t.boxes) {
        if (!is_within(b.where, t.extents) || elements(b.where) == 0)
            complain(joined("boxes within tensors that hold at least an element"),
                     joined("of extents ", to_string(t.extents), " with a box at ", to_string(b.where.first), " of extents ",
                            to_string(b.where.extents)));
        if (!m.files.contains(b.file))
            complain("boxes in files that are listed", joined("with a box in file ", in_quotes(b.file)));
        sum += std::min(static_cast<std::uint64_t>(elements(b.where)), all + 1 - std::min(sum, all + 1)); // at most all + 1
        files.push_back(&b.file);
    }
    std::sort(files.begin(), files.end(), [](auto const* a, auto const* b) { return *a < *b; });
    for (std::size_t i = 1; i < files.size(); ++i)
        if (*files[i - 1] == *files[i])
            complain("one box of a tensor a file", joined("with two boxes in file ", in_quotes(*files[i])));
    if (sum > all)
        complain("boxes that hold each element once",
                 joined("of ", all, " elements with boxes that overlap: they hold more than these elements"));
    if (sum < all)
        complain("boxes that hold each element once",
                 joined("of ", all, " elements with boxes that leave a hole: they hold ", sum, " elements"));
    if (!do_tile(t.boxes, t.extents))
        complain("boxes that hold each element once", joined("of ", all, " elements with boxes that overlap and leave a hole"));
}

/// @throws bad_checkpoint for a manifest that no reader may believe
inline void check(manifest const& m, std::string_view source, std::string const& fix) {
    if (m.step < 0) reject_manifest(source, "a step of at least 0", std::to_string(m.step), fix);
    for (auto const& [name, file] : m.files) check_file(name, file, source, fix);
    for (auto const& [name, tensor] : m.tensors) check_tensor(name, tensor, m, source, fix);
}

} // namespace espalier::checkpoint::detail

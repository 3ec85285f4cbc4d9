// SPDX-License-Identifier: BSL-1.0
/// @file
/// Loads boxes of a checkpoint's tensors, whichever boxes it was written in, and says whether a checkpoint is sound.
/// Nothing is believed before its checksum was compared. Types are not converted.
#pragma once

#include <espalier/checkpoint/concepts.hpp>
#include <espalier/checkpoint/detail/copy_plan.hpp>
#include <espalier/checkpoint/detail/state_file.hpp>
#include <espalier/checkpoint/manifest.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier::checkpoint {

/// The manifest of a committed step.
/// @throws bad_checkpoint where there is none, where it is damaged, or of another step
template <CheckpointPlace P>
[[nodiscard]] manifest read_manifest(P const& place, std::int64_t step) {
    std::string const source = joined("checkpoint step ", step, ", file ", manifest_name);
    manifest m               = parse_manifest(place.get(step, manifest_name), source);
    if (m.step != step) detail::reject_manifest(source, joined("step ", step), joined("step ", m.step), "Undo the renaming");
    return m;
}

/// Fills the wanted pieces from the files of a checkpoint that hold parts of them.
/// @par Ranks     local: each rank loads what it wants, in any order
/// @par Cost      reads each mebibyte that holds wanted bytes once, at most 2 MiB at a time, and each file's header; copies the
///                values once more into the pieces
/// @throws bad_checkpoint that names a tensor that is missing or of other extents or type, or a damaged file and where in it; the
///         pieces may then be filled in part
template <CheckpointPlace P>
void load_state(P const& place, manifest const& m, std::span<wanted_piece const> wanted) {
    std::map<std::string, std::vector<detail::wanted_part>> parts; // by file
    for (wanted_piece const& piece : wanted) {
        stored_tensor const& tensor = detail::entry_for(m, piece);
        for (stored_box const& stored : tensor.boxes)
            if (auto common = intersection(stored.where, piece.where))
                parts[stored.file].push_back({&piece, &stored, std::move(*common)});
    }
    for (auto const& [name, wanted_parts] : parts) {
        detail::state_file file{place, m, name};
        std::vector<detail::expected_tensor> expected;
        for (auto const& part : wanted_parts) expected.push_back({&part.piece->name, part.piece->type, &part.stored->where});
        file.copy(detail::segments_of(wanted_parts, file.header(expected)));
    }
}

/// Reads a whole step and compares everything: the manifest, each file's size, checksums and header.
/// @par Ranks     local
/// @par Cost      one read of all bytes, at most 2 MiB at a time
/// @throws bad_checkpoint that names the file that is damaged, and which bytes of it
template <CheckpointPlace P>
manifest verify_state(P const& place, std::int64_t step) {
    manifest m = read_manifest(place, step);
    std::map<std::string, std::vector<detail::expected_tensor>> expected; // by file
    for (auto const& [name, tensor] : m.tensors)
        for (stored_box const& b : tensor.boxes) expected[b.file].push_back({&name, tensor.type, &b.where});
    for (auto const& [name, entry] : m.files) {
        detail::state_file file{place, m, name};
        auto const& due   = expected[name];
        auto const header = file.header(due);
        if (header.tensors.size() != due.size())
            file.reject(joined("the ", due.size(), " tensors that the manifest lists"), joined(header.tensors.size()));
        file.check_all();
    }
    return m;
}

/// A step to resume from, and why later ones were not taken.
struct choice {
    std::int64_t step = 0;
    manifest contents;
    std::vector<std::string> passed_over; ///< the errors of later steps, the latest first
};

/// The newest step that is wholly there; nothing where there is no step at all.
/// @par Ranks     local; let one rank choose and tell the others
/// @par Cost      reads the step that it gives, and what it has to of damaged later ones
/// @throws bad_checkpoint where there are steps and none is sound, with what is wrong with the newest
template <CheckpointPlace P>
[[nodiscard]] std::optional<choice> newest_sound(P const& place) {
    auto const steps = place.list();
    std::vector<std::string> passed_over;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        try {
            return choice{*step, verify_state(place, *step), std::move(passed_over)};
        } catch (bad_checkpoint const& e) {
            passed_over.emplace_back(e.what());
        }
    }
    if (steps.empty()) return std::nullopt;
    throw bad_checkpoint{{.entity   = "newest_sound",
                          .required = joined("a sound step among the ", steps.size(), " that are there"),
                          .got      = joined("damage in each (the newest: ", passed_over.front(), ")"),
                          .fix      = "Bring back a copy, or start over (start_over(), --fresh)",
                          .page     = detail::format_page}};
}

} // namespace espalier::checkpoint

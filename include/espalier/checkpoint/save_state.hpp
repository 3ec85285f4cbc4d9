// SPDX-License-Identifier: BSL-1.0
/// @file
/// Saves the state of a run: each rank the boxes it holds, rank 0 the manifest, the commit and the check of what was written.
/// What the tensors mean is the caller's business, and so is which rank gives which box (deal.hpp, or the layout's own).
#pragma once

#include <espalier/checkpoint/chunk_sums.hpp>
#include <espalier/checkpoint/concepts.hpp>
#include <espalier/checkpoint/detail/gather_manifest.hpp>
#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/manifest.hpp>
#include <espalier/checkpoint/safetensors.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace espalier::checkpoint {

/// A box of a tensor that this rank gives. The bytes stay with the caller.
struct tensor_piece {
    std::string name;
    std::vector<std::int64_t> extents; ///< of the whole tensor, the same on every rank
    dtype type = dtype::f32;
    box where;                        ///< which part of it the bytes are; an empty one adds nothing but the name
    std::span<std::byte const> bytes; ///< row-major, little-endian, without gaps
};

namespace detail {

/// The name of the n-th file that a rank writes, from 0; a locale that groups digits does not enter.
[[nodiscard]] inline std::string file_of_rank(int rank, std::size_t n = 0) {
    std::string name = "rank-";
    name.append(std::to_string(rank));
    if (n > 0) name.append("-").append(std::to_string(n + 1));
    return name.append(".safetensors");
}

/// Writes values as one file, and says what it wrote.
template <CheckpointPlace P>
[[nodiscard]] stored_file write_tensors(P& place, std::int64_t step, std::string const& name, std::span<named_tensor const> tensors) {
    if constexpr (AcceptsPieces<P>) {
        auto const file   = safetensors_in_pieces(tensors);
        auto const all    = file.all();
        std::size_t bytes = 0;
        for (auto const& piece : all) bytes += piece.size();
        stored_file entry{bytes, chunk_sums_of_pieces(all)};
        place.put_pieces(step, name, all);
        return entry;
    } else {
        auto const file = to_safetensors(tensors);
        place.put(step, name, file);
        return {file.size(), chunk_sums(file)};
    }
}

/// Writes a rank's pieces, and says what it wrote. A file holds one box of a tensor: the n-th box of a tensor goes to the rank's n-th file.
template <CheckpointPlace P>
[[nodiscard]] contribution write_pieces(P& place, std::int64_t step, std::span<tensor_piece const> pieces, int rank) {
    contribution out;
    std::vector<std::vector<named_tensor>> files;
    for (tensor_piece const& piece : pieces) {
        if (!is_within(piece.where, piece.extents) || !bytes_of(piece.extents, piece.type))
            throw bad_checkpoint{
                {.entity   = "save_state",
                 .required = joined("a box within tensor ", in_quotes(piece.name), " of extents ", to_string(piece.extents)),
                 .got      = joined("a box at ", to_string(piece.where.first), " of extents ", to_string(piece.where.extents),
                                    " on rank ", rank),
                 .fix      = "Give the extents of the whole tensor, and a box of it",
                 .page     = format_page}};
        auto& entry = out.tensors.try_emplace(piece.name, stored_tensor{piece.type, piece.extents, {}}).first->second;
        require_same_tensor(piece.name, entry, {piece.type, piece.extents, {}}, rank);
        if (elements(piece.where) == 0) continue;
        std::size_t const n = entry.boxes.size();
        if (n == files.size()) files.emplace_back();
        files[n].push_back({piece.name, piece.where.extents, piece.type, piece.bytes});
        entry.boxes.push_back({file_of_rank(rank, n), piece.where});
    }
    for (std::size_t n = 0; n < files.size(); ++n) {
        auto const name = file_of_rank(rank, n);
        out.files.emplace_back(name, write_tensors(place, step, name, files[n]));
    }
    return out;
}

/// Removes the steps before `step` beyond those that the place is to keep; later ones are not looked at.
template <CheckpointPlace P>
void remove_old(P& place, std::int64_t step) {
    if constexpr (LimitsSteps<P>) {
        auto steps = place.list();
        std::erase_if(steps, [&](std::int64_t s) { return s > step; });
        auto const keep = static_cast<std::size_t>(std::max(place.keep(), 1));
        for (std::size_t i = 0; i + keep < steps.size(); ++i) place.remove(steps[i]);
    }
}

} // namespace detail

/// Saves the pieces of all ranks as one checkpoint, which `load_state` reads on any number of ranks and in any boxes.
/// Together the pieces hold each element of each tensor once. Rank 0 commits when all have written, reads the whole step back,
/// compares every checksum, and only then removes the steps that the place need not keep. A place that keeps nothing gets
/// nothing.
/// @par Ranks     collective over `world`; each rank holds a copy of the place. A failure is thrown where it happens: rank 0's
///                check of all, or a rank's own file; the communicator ends the other ranks
/// @par Cost      a rank hashes its own pieces once, and copies them once where the place does not accept pieces; rank 0 reads all
///                files once
/// @param run facts about the run; rank 0's are stored
/// @throws bad_checkpoint where pieces overlap, leave a hole, disagree, or cannot be written or read back; the steps that were
///         committed before are then all there
template <CheckpointPlace P, Communicator C>
requires SupportsBroadcast<C, std::int64_t>
void save_state(P& place, C& world, std::int64_t step, std::map<std::string, std::string> const& run,
                std::span<tensor_piece const> mine) {
    if constexpr (P::keeps) {
        bool const is_first = world.rank() == 0;
        if (is_first) place.discard(step); // what a run left that was killed while it saved
        world.barrier();
        manifest m;
        detail::gather(world, detail::write_pieces(place, step, mine, world.rank()), m);
        if (is_first) {
            m.step = step;
            m.run.insert(run.begin(), run.end());
            place.put(step, manifest_name, to_bytes(m));
            place.commit(step);
            verify_state(place, step);
            detail::remove_old(place, step);
        }
        world.barrier();
    }
}

} // namespace espalier::checkpoint

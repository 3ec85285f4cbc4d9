// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which bytes of a file go where: the common part of a stored box and a wanted one as contiguous segments.
/// It reads no file.
#pragma once

#include <espalier/checkpoint/detail/safetensors_header.hpp>
#include <espalier/checkpoint/manifest_entries.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace espalier::checkpoint {

/// A box of a tensor that this rank wants, and where its values go.
struct wanted_piece {
    std::string name;
    std::vector<std::int64_t> extents; ///< of the whole tensor
    dtype type = dtype::f32;
    box where;
    std::span<std::byte> into; ///< room for the box's values, row-major and without gaps
};

namespace detail {

/// The part of a wanted piece that lies in one file.
struct wanted_part {
    wanted_piece const* piece;
    stored_box const* stored;
    box common;
};

/// `bytes` bytes from byte `from` of a file.
struct segment {
    std::size_t from;
    std::size_t bytes;
    std::byte* into;
};

/// The manifest's entry for what is wanted.
/// @throws bad_checkpoint where it has none, or another one
[[nodiscard]] inline stored_tensor const& entry_for(manifest const& m, wanted_piece const& piece) {
    auto const complain = [&](std::string required, std::string got, char const* fix) {
        throw bad_checkpoint{{.entity   = joined("checkpoint step ", m.step),
                              .required = joined("tensor ", in_quotes(piece.name), " ", required),
                              .got      = std::move(got),
                              .fix      = fix,
                              .page     = format_page}};
    };
    auto const found = m.tensors.find(piece.name);
    if (found == m.tensors.end())
        complain("among its tensors", joined(m.tensors.size(), " tensors of other names"), "Load the network that was saved");
    stored_tensor const& tensor = found->second;
    if (tensor.extents != piece.extents || tensor.type != piece.type)
        complain(joined("as ", to_string(piece.type), " of extents ", to_string(piece.extents)),
                 joined(to_string(tensor.type), " of extents ", to_string(tensor.extents)), "Load the network that was saved");
    if (!is_within(piece.where, piece.extents))
        complain(joined("of extents ", to_string(piece.extents), " to hold the box that is wanted"),
                 joined("a box at ", to_string(piece.where.first), " of extents ", to_string(piece.where.extents)),
                 "Ask for a box of the tensor");
    auto const taken = static_cast<std::size_t>(elements(piece.where)) * bytes_of(piece.type);
    if (taken != piece.into.size())
        complain(joined("to go to room for its box of ", taken, " bytes"), joined("room for ", piece.into.size(), " bytes"),
                 "Give room for the box, no more and no less");
    return tensor;
}

/// Calls f(stored, wanted, n) for each contiguous run of n elements, counted from the begin of the stored and the wanted box.
/// The runs come in rising order. Dims that both boxes take as a whole from the innermost on are one run:
/// ```
///     stored (3,4)  a b c d   wanted (2,3)  f g h      common: runs f g h and j k l,
///                   e f g h                 j k l      at 5 and 9 of the stored, 0 and 3 of the wanted
///                   i j k l
/// ```
template <class F>
void for_each_run(box const& stored, box const& wanted, box const& common, F const& f) {
    std::size_t outer = common.extents.size();
    std::int64_t run  = 1;
    while (outer > 0) {
        std::size_t const k = --outer;
        run *= common.extents[k];
        if (common.extents[k] != stored.extents[k] || common.extents[k] != wanted.extents[k]) break;
    }
    std::vector<std::int64_t> at = common.first; // an odometer over the dims before `outer`
    for (;;) {
        std::int64_t from = 0, into = 0;
        for (std::size_t k = 0; k < at.size(); ++k) {
            from = from * stored.extents[k] + (at[k] - stored.first[k]);
            into = into * wanted.extents[k] + (at[k] - wanted.first[k]);
        }
        f(from, into, run);
        std::size_t k = outer;
        while (k > 0 && ++at[k - 1] == common.first[k - 1] + common.extents[k - 1]) {
            at[k - 1] = common.first[k - 1];
            --k;
        }
        if (k == 0) return;
    }
}

/// The segments of a file that the parts need, by their place in the file; those that continue each other are one.
[[nodiscard]] inline std::vector<segment> segments_of(std::span<wanted_part const> parts, safetensors_header const& header) {
    std::vector<segment> out;
    for (wanted_part const& part : parts) {
        std::size_t const one   = bytes_of(part.piece->type);
        std::size_t const begin = header.data_begins + header.tensors.find(part.piece->name)->second.first_byte;
        for_each_run(part.stored->where, part.piece->where, part.common,
                     [&](std::int64_t from, std::int64_t into, std::int64_t n) {
                         segment const next{begin + static_cast<std::size_t>(from) * one, static_cast<std::size_t>(n) * one,
                                            part.piece->into.data() + static_cast<std::size_t>(into) * one};
                         if (!out.empty() && out.back().from + out.back().bytes == next.from &&
                             out.back().into + out.back().bytes == next.into)
                             out.back().bytes += next.bytes;
                         else
                             out.push_back(next);
                     });
    }
    std::sort(out.begin(), out.end(), [](segment const& a, segment const& b) { return a.from < b.from; });
    return out;
}

} // namespace detail
} // namespace espalier::checkpoint

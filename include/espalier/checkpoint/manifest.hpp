// SPDX-License-Identifier: BSL-1.0
/// @file
/// The manifest of a checkpoint as the text that is stored: which tensors there are, which box of each lies in which file, and
/// the files' checksums. It is written last and holds no values; docs/explanation/checkpoint-format.md describes the text.
#pragma once

#include <espalier/checkpoint/detail/manifest_check.hpp>
#include <espalier/checkpoint/detail/manifest_events.hpp>
#include <espalier/checkpoint/detail/manifest_write.hpp>
#include <espalier/checkpoint/manifest_entries.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace espalier::checkpoint {

/// The text of a manifest: JSON, one line a fact, file and tensor, in name order. Equal manifests give equal bytes.
/// @throws bad_checkpoint where a reader would refuse the result: see `parse_manifest`
[[nodiscard]] inline std::vector<std::byte> to_bytes(manifest const& m) {
    detail::check(m, joined("manifest of step ", m.step), "Give each element of each tensor to one rank, once");
    return detail::manifest_text(m);
}

/// Reads a manifest from bytes that may be anything.
/// Refused are: a checksum that does not fit, another version, whatever is not exactly the format's structure, names that
/// stand twice, files with names that are not plain, boxes that leave their tensor, overlap, leave a hole or lie in a file that
/// the manifest does not list, extents whose product leaves 63 bits, more than 8 dims, more than 100 MB.
/// @param source what errors call it
/// @par Cost      one pass; allocates less than 32 times the bytes, whatever they are
/// @throws bad_checkpoint that names the source, what is wrong and where
[[nodiscard]] inline manifest parse_manifest(std::span<std::byte const> bytes, std::string_view source) {
    std::string_view const text = detail::checked_text(bytes, source);
    manifest out;
    detail::manifest_events events{source, out};
    nlohmann::json::sax_parse(text.begin(), text.end(), &events);
    detail::check(out, source, detail::take_another_step);
    return out;
}

} // namespace espalier::checkpoint

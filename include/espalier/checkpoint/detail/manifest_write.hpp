// SPDX-License-Identifier: BSL-1.0
/// @file
/// A manifest as text, and the checksum at its end. What the text may hold is checked in manifest_check.hpp, not here.
#pragma once

#include <espalier/checkpoint/chunk_sums.hpp>
#include <espalier/checkpoint/detail/safetensors_write.hpp>
#include <espalier/checkpoint/manifest_entries.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace espalier::checkpoint::detail {

/// The last bytes of a manifest, of fixed length: the checksum of all bytes before them.
[[nodiscard]] inline std::string manifest_tail(std::span<std::byte const> before) {
    return joined("\"xxh3_64\": \"", to_hex(xxh3_64(before)), "\"\n}\n");
}
inline constexpr std::size_t manifest_tail_bytes = 32;

inline void append_list(std::string& out, std::span<std::int64_t const> numbers) {
    out += '[';
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) out += ',';
        out += std::to_string(numbers[i]);
    }
    out += ']';
}

/// Appends `"name": {` one entry a line `},` for a map of entries; `body` appends what stands after the entry's name.
template <class Map, class Body>
void append_lines(std::string& out, char const* name, Map const& entries, Body const& body) {
    out.append("\"").append(name).append("\": {");
    char const* separator = "\n ";
    for (auto const& entry : entries) {
        out.append(separator).append(json_string(entry.first)).append(": ");
        body(entry.second);
        separator = ",\n ";
    }
    out += entries.empty() ? "},\n" : "\n},\n";
}

[[nodiscard]] inline std::vector<std::byte> manifest_text(manifest const& m) {
    std::string out = "{\n\"espalier checkpoint\": ";
    out.append(std::to_string(format_version)).append(",\n\"step\": ").append(std::to_string(m.step)).append(",\n");
    append_lines(out, "run", m.run, [&](std::string const& value) { out += json_string(value); });
    append_lines(out, "files", m.files, [&](stored_file const& f) {
        out.append("{\"bytes\": ").append(std::to_string(f.bytes)).append(", \"xxh3_64\": [");
        for (std::size_t i = 0; i < f.sums.size(); ++i) out.append(i > 0 ? ",\"" : "\"").append(to_hex(f.sums[i])).append("\"");
        out += "]}";
    });
    append_lines(out, "tensors", m.tensors, [&](stored_tensor const& t) {
        out.append("{\"dtype\": \"").append(to_string(t.type)).append("\", \"shape\": ");
        append_list(out, t.extents);
        out += ", \"boxes\": [";
        for (std::size_t i = 0; i < t.boxes.size(); ++i) {
            out.append(i > 0 ? ", " : "").append("{\"file\": ").append(json_string(t.boxes[i].file)).append(", \"first\": ");
            append_list(out, t.boxes[i].where.first);
            out += ", \"shape\": ";
            append_list(out, t.boxes[i].where.extents);
            out += '}';
        }
        out += "]}";
    });
    out += manifest_tail(std::as_bytes(std::span{out}));
    if (out.size() > longest_manifest_bytes)
        reject_manifest(joined("manifest of step ", m.step), joined("at most ", longest_manifest_bytes, " bytes"),
                        joined(out.size(), " bytes"), "Write fewer or shorter names, or from fewer ranks");
    auto const bytes = std::as_bytes(std::span{out});
    return {bytes.begin(), bytes.end()};
}

/// The bytes as text, after a check of size, checksum, and of what the JSON parser would take though it is no JSON.
[[nodiscard]] inline std::string_view checked_text(std::span<std::byte const> bytes, std::string_view source) {
    if (bytes.size() < manifest_tail_bytes || bytes.size() > longest_manifest_bytes)
        reject_manifest(source, joined("a file of ", manifest_tail_bytes, " to ", longest_manifest_bytes, " bytes"),
                        joined(bytes.size(), " bytes"));
    auto const before      = bytes.first(bytes.size() - manifest_tail_bytes);
    std::string const tail = manifest_tail(before);
    std::string_view const text{reinterpret_cast<char const*>(bytes.data()), bytes.size()};
    if (text.substr(before.size()) != tail)
        reject_manifest(source,
                        joined("an end with the checksum of the ", before.size(), " bytes before it, ", to_hex(xxh3_64(before))),
                        joined("an end of ", in_quotes(text.substr(before.size()))));
    if (text.front() != '{' || text.find('\0') != std::string_view::npos)
        reject_manifest(source, "JSON that begins with '{' and has no zero byte",
                        joined(text.size(), " bytes that begin with ", in_quotes(text.substr(0, 8))));
    return text;
}

} // namespace espalier::checkpoint::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Any bytes as a manifest: as they are, and with the right checksum behind them, so that the parser is reached.
/// What is accepted must tile every tensor, counted element by element, and be the same after writing and reading.
#include "allocations.hpp"

#include <espalier/checkpoint/manifest.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

using namespace espalier::checkpoint;
using espalier_fuzz::allocations;
using espalier_fuzz::require;

namespace {

/// Parses within the allowed memory; nothing where the bytes are refused.
std::optional<manifest> parsed(std::span<std::byte const> bytes) {
    std::size_t const before = allocations::begin();
    std::optional<manifest> out;
    try {
        out = parse_manifest(bytes, "fuzz");
    } catch (bad_checkpoint const&) {
    }
    allocations::check(before, espalier_fuzz::allowance(bytes.size()));
    return out;
}

void check_each_element(stored_tensor const& t) {
    std::int64_t n = 1;
    for (std::int64_t const extent : t.extents)
        if (extent > 4096 || (n *= extent) > 4096) return;
    for (std::int64_t i = 0; i < n; ++i) {
        int times = 0;
        for (stored_box const& b : t.boxes) {
            bool is_in        = true;
            std::int64_t rest = i;
            for (std::size_t k = t.extents.size(); k-- > 0; rest /= t.extents[k]) {
                std::int64_t const at = rest % t.extents[k] - b.where.first[k];
                is_in                 = is_in && at >= 0 && at < b.where.extents[k];
            }
            times += is_in;
        }
        require(times == 1, "each element of a tensor lies in one box");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::span const raw{reinterpret_cast<std::byte const*>(data), size};
    static_cast<void>(parsed(raw));

    std::string text(reinterpret_cast<char const*>(data), size);
    text += "\"xxh3_64\": \"" + to_hex(xxh3_64(raw)) + "\"\n}\n";
    auto const accepted = parsed(std::as_bytes(std::span{text}));
    if (!accepted) return 0;
    for (auto const& [name, tensor] : accepted->tensors) {
        check_each_element(tensor);
        for (stored_box const& b : tensor.boxes)
            require(accepted->files.contains(b.file), "each box lies in a file that is listed");
    }
    require(parse_manifest(to_bytes(*accepted), "again") == *accepted, "written and read again it is the same");
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Any bytes as a safetensors file: as they are, and as a header in front of which its length is put and behind which data, so
/// that the parser is reached. What is accepted must cover every byte of the data once.
#include "allocations.hpp"

#include <espalier/checkpoint/safetensors.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

using namespace espalier::checkpoint;
using espalier_fuzz::allocations;
using espalier_fuzz::require;

namespace {

void parse(std::span<std::byte const> bytes) {
    std::size_t const before = allocations::begin();
    try {
        auto const file = safetensors_view::parse(bytes, "fuzz");
        allocations::check(before, espalier_fuzz::allowance(bytes.size()));
        std::uint64_t header = 0;
        std::memcpy(&header, bytes.data(), sizeof header);
        std::size_t data = 8 + static_cast<std::size_t>(header);
        std::vector<unsigned char> covered(bytes.size());
        for (auto const& t : file.tensors()) {
            require(bytes_of(t.extents, t.type) == t.bytes.size(), "extents fit the bytes");
            for (std::byte const& b : t.bytes)
                require(covered.at(static_cast<std::size_t>(&b - bytes.data()))++ == 0, "no byte twice");
            data += t.bytes.size();
        }
        require(data == bytes.size(), "every byte once");
        auto const again = to_safetensors(file.tensors(), file.metadata());
        auto const twice = safetensors_view::parse(again, "again");
        require(twice.names() == file.names() && twice.metadata() == file.metadata(), "written and read again it is the same");
    } catch (bad_checkpoint const&) {
        allocations::check(before, espalier_fuzz::allowance(bytes.size()) + bytes.size());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::span const raw{reinterpret_cast<std::byte const*>(data), size};
    parse(raw);
    if (size == 0) return 0;
    std::uint64_t const length = size - 1; // the first byte says how many bytes of data follow the header
    std::vector<std::byte> file(8 + size - 1 + data[0]);
    std::memcpy(file.data(), &length, sizeof length);
    if (length > 0) std::memcpy(file.data() + sizeof length, data + 1, size - 1);
    parse(file);
    return 0;
}

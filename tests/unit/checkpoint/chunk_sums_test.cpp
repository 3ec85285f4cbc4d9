// SPDX-License-Identifier: BSL-1.0
/// @file
/// Checksums against digests that xxHash's own programs printed.
#include "support/catch.hpp"
#include "unit/checkpoint/raw_bytes.hpp"

#include <espalier/checkpoint/chunk_sums.hpp>

#include <cstddef>
#include <vector>

using namespace espalier::checkpoint;

namespace {

/// The bytes for which tests/python/xxh3_test.py states digests; their low words are XXH3 of 64 bits above 240 bytes.
[[nodiscard]] std::vector<std::byte> pattern(std::size_t n) {
    std::vector<std::byte> out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::byte>((i * 131 + i / 256 + 7) & 255);
    return out;
}

} // namespace

TEST_CASE("checksums are XXH3 of 64 bits") {
    CHECK(to_hex(xxh3_64({})) == "2d06800538d394c2"); // the specification's digest of nothing
    CHECK(to_hex(xxh3_64(espalier_test::bytes_of_text("abc"))) == "78af5f94892f3950");
    CHECK(to_hex(xxh3_64(pattern(241))) == "956cae592c67279e");
    CHECK(to_hex(xxh3_64(pattern(1024))) == "ea76dda06d735ac5");
    CHECK(to_hex(xxh3_64(pattern(65'536))) == "bb203614c1f22f27");
    CHECK(to_hex(0x0123456789abcdefull) == "0123456789abcdef");
    CHECK(to_hex(1) == "0000000000000001");
}

TEST_CASE("a file in pieces has the checksums of the whole, wherever it is cut") {
    constexpr std::size_t mib = 1024 * 1024;
    auto const bytes          = pattern(2 * mib + 5);
    std::span<std::byte const> const all{bytes};
    CHECK(chunk_sums_of_pieces({}).empty());
    for (std::size_t const cut : {std::size_t{0}, std::size_t{1}, mib - 1, mib, mib + 1, 2 * mib, bytes.size()}) {
        std::span<std::byte const> const pieces[] = {all.first(cut), {}, all.subspan(cut)};
        CHECK(chunk_sums_of_pieces(pieces) == chunk_sums(bytes));
    }
}

TEST_CASE("each mebibyte has a checksum, and so has what remains") {
    constexpr std::size_t mib = 1024 * 1024;
    CHECK(chunk_sums({}).empty());
    for (std::size_t const n : {std::size_t{1}, mib - 1, mib, mib + 1, 2 * mib, 3 * mib - 1}) {
        auto const bytes = pattern(n);
        auto const sums  = chunk_sums(bytes);
        REQUIRE(sums.size() == (n + mib - 1) / mib);
        REQUIRE(chunks_of(n) == sums.size());
        for (std::size_t i = 0; i < sums.size(); ++i) {
            std::size_t const end = i + 1 < sums.size() ? (i + 1) * mib : n;
            CHECK(sums[i] == XXH3_64bits(bytes.data() + i * mib, end - i * mib));
        }
    }
    CHECK(chunks_of(0) == 0);
    CHECK(chunks_of(UINT64_MAX) == (1ull << 44));
}

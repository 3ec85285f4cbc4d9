// SPDX-License-Identifier: BSL-1.0
/// @file
/// The hash of weights against digests that other programs printed for the same bytes.
/// The script tests/python/weights_hash.py computes the same from files.
#include "support/catch.hpp"

#include <espalier/checkpoint/tensor.hpp>
#include <espalier/checkpoint/weights_hash.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

using namespace espalier::checkpoint;
using espalier::dims;

TEST_CASE("the hash is XXH3 of 128 bits at every class of lengths") {
    // python3 -c 'import xxhash                                          # 4.1.0
    // for n in (0, 1, 2, …): print(n, xxhash.xxh3_128(bytes((i*131 + i//256 + 7) & 255 for i in range(n))).hexdigest())'
    struct known {
        int bytes;
        char const* digest;
    };
    auto const [length, digest] = GENERATE(
        known{0, "99aa06d3014798d86001c324468d497f"}, known{1, "495b62073ef70ca44c5cca45d0f4811f"},
        known{2, "f1b5eec902a1eb5e29c60963cbfa4e6e"}, known{3, "390cdc5b4a895dd76e3e2670e61106ac"},
        known{4, "aa6e2f274640a3f43d668af6f2a44d77"}, known{8, "6a86a3bda6af4e3d61ddbe7f31a6100d"},
        known{9, "664c7ca18afd62558c7b67fd458a936b"}, known{16, "7f9a218b0425449ae2ce54a7c19c730d"},
        known{17, "66fc23f6439dbd778d96ef110fcdebb4"}, known{128, "aec730751478556cff361dec1385710a"},
        known{129, "98cd36ccbb5579264545b3a09738e31a"}, known{240, "5293e17bf553903d3f2c53e72293711f"},
        known{241, "b53840fe3fedf161956cae592c67279e"}, known{256, "d0d2829a226d0edbb15e550733c5dfac"},
        known{512, "d4640d40af9107c3304495c2d7cf0b22"}, known{1024, "df45c3bd75acec8cea76dda06d735ac5"},
        known{1025, "aa3e7bd7062a0570badeb1907fb9a31e"}, known{2048, "b712ed17e329792af78ccaa92a32989d"},
        known{4096, "564b7e0f58679b7d3460af104d0739aa"}, known{65536, "22e6b9b8b5c38151bb203614c1f22f27"},
        known{100001, "c24f3ec96446de3a340df19db41de7aa"});
    std::vector<std::uint8_t> values;
    for (int i = 0; i < length; ++i) values.push_back(static_cast<std::uint8_t>(i * 131 + i / 256 + 7));
    named_tensor const t = as_tensor("", dims(length), values.data());
    CHECK(weights_hash({&t, 1}) == digest);
}

TEST_CASE("names and values enter the hash in name order, whatever the order of the tensors") {
    // python3 -c 'import struct, xxhash
    // print(xxhash.xxh3_128(b"head.bias" + struct.pack("<f", 0.5) + b"head.weight" + struct.pack("<3f", 1, -2, 3)).hexdigest())'
    float const weight[3] = {1, -2, 3}, bias[1] = {0.5f};
    named_tensor const rising[2]  = {as_tensor("head.bias", dims(1), bias), as_tensor("head.weight", dims(1, 3), weight)};
    named_tensor const falling[2] = {rising[1], rising[0]};
    CHECK(weights_hash(rising) == "4575fb21c19f21d0b12285351e3ae355");
    CHECK(weights_hash(falling) == "4575fb21c19f21d0b12285351e3ae355");
}

TEST_CASE("the hash of no tensors is that of no bytes") {
    // printf '' | xxhsum -H2                                              # 0.8.1
    CHECK(weights_hash({}) == "99aa06d3014798d86001c324468d497f");
}

TEST_CASE("one changed bit or another name changes the hash") {
    float a[2] = {1, 2};
    named_tensor const t = as_tensor("a", dims(2), a), other_name = as_tensor("b", dims(2), a);
    std::string const before = weights_hash({&t, 1});
    CHECK(weights_hash({&other_name, 1}) != before);
    a[1] = 2.0000002384185791015625f;      // the next float after 2
    CHECK(weights_hash({&t, 1}) != before);
    a[1] = 2;
    CHECK(weights_hash({&t, 1}) == before);
}

TEST_CASE("tensors that cannot be ordered or do not fit their extents have no hash") {
    float const a[2]           = {1, 2};
    named_tensor const twice[] = {as_tensor("a", dims(1), a), as_tensor("a", dims(2), a)};
    CHECK_THROWS_WITH(weights_hash(twice), "espalier: tensors: requires names that differ; got two named \"a\". "
                                           "Name each tensor once. See docs/policies/checkpoint.md.");
    named_tensor const short_one{"a", {3}, dtype::f32, std::as_bytes(std::span{a})};
    CHECK_THROWS_WITH(weights_hash({&short_one, 1}),
                      "espalier: tensor \"a\": requires bytes for extents (3) of F32; got 8 bytes. "
                      "Give the extents of the whole tensor and all of its values. See docs/policies/checkpoint.md.");
}

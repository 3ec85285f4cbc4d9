// SPDX-License-Identifier: BSL-1.0
/// @file
/// Element types, the bytes that extents take, and tensors over somebody's values.
/// Files and hashes of tensors have tests of their own.
#include "support/catch.hpp"

#include <espalier/checkpoint/tensor.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace espalier::checkpoint;

TEST_CASE("every element type has one name, and its row in the table is its own") {
    std::size_t const sizes[] = {8, 4, 2, 2, 8, 8, 4, 4, 2, 2, 1, 1, 1};
    for (int i = 0; i <= static_cast<int>(dtype::boolean); ++i) {
        auto const type = static_cast<dtype>(i);
        CHECK(detail::dtype_table[i].type == type);
        CHECK(bytes_of(type) == sizes[i]);
        CHECK(dtype_from(to_string(type)) == type);
    }
    CHECK(to_string(dtype::bf16) == "BF16");
    CHECK_FALSE(dtype_from("F8_E4M3").has_value());
    CHECK_FALSE(dtype_from("f32").has_value());
    CHECK_FALSE(dtype_from("").has_value());
}

TEST_CASE("a C++ type has the element type of its size, kind and sign") {
    STATIC_REQUIRE(dtype_of<float>() == dtype::f32);
    STATIC_REQUIRE(dtype_of<double>() == dtype::f64);
    STATIC_REQUIRE(dtype_of<bool>() == dtype::boolean);
    STATIC_REQUIRE(dtype_of<std::int8_t>() == dtype::i8);
    STATIC_REQUIRE(dtype_of<std::uint8_t>() == dtype::u8);
    STATIC_REQUIRE(dtype_of<std::int16_t>() == dtype::i16);
    STATIC_REQUIRE(dtype_of<std::uint16_t>() == dtype::u16);
    STATIC_REQUIRE(dtype_of<std::int32_t>() == dtype::i32);
    STATIC_REQUIRE(dtype_of<std::uint32_t>() == dtype::u32);
    STATIC_REQUIRE(dtype_of<long>() == dtype::i64);
    STATIC_REQUIRE(dtype_of<long long>() == dtype::i64);
    STATIC_REQUIRE(dtype_of<unsigned long long>() == dtype::u64);
}

TEST_CASE("extents and a type take the product of their sizes, or nothing where that is no size") {
    using extents   = std::vector<std::int64_t>;
    auto const most = std::numeric_limits<std::int64_t>::max();
    CHECK(bytes_of(extents{}, dtype::f64) == 8u);
    CHECK(bytes_of(extents{3, 5}, dtype::f32) == 60u);
    CHECK(bytes_of(extents{3, 0, 5}, dtype::f32) == 0u);
    CHECK(bytes_of(extents{0, most, most}, dtype::f32) == 0u);
    CHECK(bytes_of(extents{most}, dtype::u8) == static_cast<std::size_t>(most));
    CHECK_FALSE(bytes_of(extents{most}, dtype::u16).has_value());
    CHECK_FALSE(bytes_of(extents{most / 2 + 1, 2}, dtype::u8).has_value());
    CHECK_FALSE(bytes_of(extents{1ll << 32, 1ll << 32}, dtype::u8).has_value());
    CHECK_FALSE(bytes_of(extents{-1}, dtype::u8).has_value());
    CHECK_FALSE(bytes_of(extents{0, -1}, dtype::u8).has_value());
    CHECK_FALSE(bytes_of(extents{-1, -1}, dtype::u8).has_value());
}

TEST_CASE("a tensor over values refers to them and copies its name and extents") {
    double const values[6] = {1, 2, 3, 4, 5, 6};
    named_tensor const t   = as_tensor("w", espalier::dims(2, 3), values);
    CHECK(t.name == "w");
    CHECK(t.extents == std::vector<std::int64_t>{2, 3});
    CHECK(t.type == dtype::f64);
    CHECK(static_cast<void const*>(t.bytes.data()) == values);
    CHECK(t.bytes.size() == 48);
    CHECK(as_tensor("s", espalier::dims(), values).bytes.size() == 8);
    CHECK(as_tensor("e", espalier::dims(0, 3), values).bytes.empty());
}

TEST_CASE("extents are shown in brackets, long ones cut") {
    CHECK(to_string(std::vector<std::int64_t>{}) == "()");
    CHECK(to_string(std::vector<std::int64_t>{128, 32}) == "(128,32)");
    CHECK(to_string(std::vector<std::int64_t>(1000, 1)) == "(1,1,1,1,1,1,1,1,…)");
}

TEST_CASE("a name from a file is shown as one short line of ASCII") {
    CHECK(detail::in_quotes("head.weight") == "\"head.weight\"");
    CHECK(detail::in_quotes({"a\0\n\"\\\x80", 6}) == R"("a\x00\x0a\x22\x5c\x80")");
    CHECK(detail::in_quotes(std::string(61, 'x')) == "\"" + std::string(60, 'x') + "…\"");
}

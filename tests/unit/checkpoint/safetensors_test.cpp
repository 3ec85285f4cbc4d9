// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reading and writing safetensors: files of others, files of our own, and values in and out.
/// Damaged files are in safetensors_damage_test.cpp.
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/checkpoint/raw_bytes.hpp"

#include <espalier/checkpoint/safetensors.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <unistd.h>

using namespace espalier::checkpoint;
using Catch::Matchers::ContainsSubstring;
using espalier::dims;
using espalier_test::file_by_safetensors;
using espalier_test::raw_file;
using extents = std::vector<std::int64_t>;
using names   = std::vector<std::string>;
using texts   = std::map<std::string, std::string>;

TEST_CASE("a file by the format's own package is read") {
    auto const bytes = file_by_safetensors();
    auto const file  = safetensors_view::parse(bytes, "by hand");
    CHECK(file.names() == names{"a", "b", "empty", "scalar"});
    CHECK(file.metadata() == texts{{"made by", "safetensors"}});
    CHECK(file.contains("b"));
    CHECK_FALSE(file.contains("__metadata__"));
    CHECK(file.info("b").type == dtype::f32);
    CHECK(file.info("b").extents == extents{1, 3});
    CHECK(file.info("b").first_byte == 8);
    CHECK(file.info("b").bytes == 12);
    CHECK(file.info("b").elements() == 3);
    CHECK(file.info("empty").extents == extents{0, 4});
    CHECK(file.info("scalar").extents.empty());
    CHECK(file.read<std::uint8_t>("a") == std::vector<std::uint8_t>{250, 7});
    CHECK(file.read<float>("b") == std::vector<float>{1, -2, 3});
    CHECK(file.read<double>("b") == std::vector<double>{1, -2, 3});
    CHECK(file.read<double>("scalar") == std::vector<double>{0.1});
    CHECK(file.read<float>("scalar") == std::vector<float>{0.1f});
    CHECK(file.read<std::int64_t>("empty").empty());
    CHECK(file.bytes("a").size() == 2);
    CHECK(file.tensors().size() == 4);
}

TEST_CASE("the reference case of the LSTM is read, as float and as double", "[data]") {
    safetensors_file const file{espalier_test::require_reference("lstm_small.safetensors")};
    CHECK(file.names().size() == 34);
    CHECK(file.names().front() == "final.head.bias");
    CHECK(file.metadata().at("optimizer") == "adamw");
    CHECK(file.metadata().at("epsilon") == "1e-08");
    CHECK(file.info("final.lstm.weight_ih_l0").extents == extents{128, 5});
    CHECK(file.info("input.x").extents == extents{8, 20, 5});
    // As numpy prints them: safetensors.numpy.load_file(…)["output.loss"].astype("f8").tolist()
    CHECK(file.read<double>("output.loss") == std::vector<double>{0.875030517578125, 0.8601260781288147, 0.8458238244056702,
                                                                  0.8320623636245728, 0.8187844753265381, 0.8059341311454773});
    CHECK(file.read<float>("final.head.bias") == std::vector<float>{0x1.f3d668p-9f});
    CHECK(file.read<float>("input.x").back() == 0x1.f70d2p-2f);
    std::vector<double> x(800);
    file.read("input.x", dims(8, 20, 5), x.data());
    CHECK(x.back() == 0x1.f70d2p-2);
}

TEST_CASE("what is written is the format, to the byte") {
    float const b[3]        = {1, -2, 3};
    std::uint8_t const a[2] = {250, 7};
    double const scalar     = 0.1;
    named_tensor const tensors[] = {as_tensor("scalar", dims(), &scalar), as_tensor("b", dims(1, 3), b),
                                    as_tensor("empty", dims(0, 4), static_cast<std::int64_t const*>(nullptr)),
                                    as_tensor("a", dims(2), a)};
    using namespace std::string_view_literals;
    auto const data = "\xfa\x07\x00\x00\x80?\x00\x00\x00\xc0\x00\x00@@\x9a\x99\x99\x99\x99\x99\xb9?"sv;
    std::string const entries =
        R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[1,3],"data_offsets":[2,14]},)"
        R"("empty":{"dtype":"I64","shape":[0,4],"data_offsets":[14,14]},)"
        R"("scalar":{"dtype":"F64","shape":[],"data_offsets":[14,22]}})";
    CHECK(to_safetensors(tensors) == raw_file("{" + entries + "   ", data));
    CHECK(to_safetensors(tensors, {{"steps", "20"}, {"by", "a \"name\"\n"}}) ==
          raw_file(R"({"__metadata__":{"by":"a \"name\"\n","steps":"20"},)" + entries + " ", data));
    CHECK(to_safetensors({}) == raw_file("{}      "));
}

TEST_CASE("a file read and written again has the same tensors, and from then on the same bytes") {
    auto const bytes  = file_by_safetensors();
    auto const first  = safetensors_view::parse(bytes, "first");
    auto const again  = to_safetensors(first.tensors(), first.metadata());
    auto const second = safetensors_view::parse(again, "second");
    CHECK(second.names() == first.names());
    CHECK(second.metadata() == first.metadata());
    for (std::string const& name : first.names()) {
        CHECK(second.info(name).type == first.info(name).type);
        CHECK(second.info(name).extents == first.info(name).extents);
        auto const before = first.bytes(name), after = second.bytes(name);
        CHECK(std::equal(before.begin(), before.end(), after.begin(), after.end()));
    }
    CHECK(to_safetensors(second.tensors(), second.metadata()) == again);
}

TEST_CASE("the data begin at a multiple of 8 bytes, whatever the header's length") {
    float const value = 1;
    for (std::size_t length = 1; length <= 17; ++length) {
        named_tensor const t = as_tensor(std::string(length, 'n'), dims(1), &value);
        CHECK((to_safetensors({&t, 1}).size() - sizeof(float)) % 8 == 0);
    }
}

TEST_CASE("names in any alphabet, with quotes and control characters, survive") {
    float const value = 1;
    using namespace std::string_view_literals;
    std::string const name{"gewicht \"ä\" \\ 权重\n\0\x7f"sv};
    named_tensor const t = as_tensor(name, dims(1), &value);
    auto const bytes     = to_safetensors({&t, 1}, {{name, name}});
    auto const file      = safetensors_view::parse(bytes, "file");
    CHECK(file.names() == names{name});
    CHECK(file.metadata().at(name) == name);
}

TEST_CASE("values become float or double by rounding to nearest, and keep infinities and not-a-numbers") {
    double const wide[]  = {1.0 + 0x1p-24, 1.0 + 0x1.8p-24, 1e300, -1e300, 1e-300, std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN(), -0.0};
    named_tensor const t = as_tensor("w", dims(8), wide);
    auto const bytes     = to_safetensors({&t, 1});
    auto const narrow    = safetensors_view::parse(bytes, "file").read<float>("w");
    CHECK(narrow[0] == 1.0f);      // halfway: to even
    CHECK(narrow[1] == 1.0f + 0x1p-23f);
    CHECK(narrow[2] == std::numeric_limits<float>::infinity());
    CHECK(narrow[3] == -std::numeric_limits<float>::infinity());
    CHECK(narrow[4] == 0.0f);
    CHECK(narrow[5] == std::numeric_limits<float>::infinity());
    CHECK(std::isnan(narrow[6]));
    CHECK(std::signbit(narrow[7]));
}

TEST_CASE("values are seen in place where type and address allow it") {
    auto const bytes = file_by_safetensors();      // header of 272 bytes: b at byte 288 of the file, a at 300
    auto const file  = safetensors_view::parse(bytes, "by hand");
    auto const b     = file.view<float>("b");
    REQUIRE(b.size() == 3);
    CHECK(b[1] == -2);
    CHECK(static_cast<void const*>(b.data()) == bytes.data() + 288);
    CHECK(file.view<std::int64_t>("empty").empty());
    CHECK_THROWS_WITH(file.view<double>("b"), ContainsSubstring(R"(requires tensor "b" of type F64; got F32)"));

    auto const odd = raw_file(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "\x01\x02\x03\x04");      // at byte 63
    CHECK_THROWS_WITH(safetensors_view::parse(odd, "odd").view<float>("a"),
                      ContainsSubstring(R"(requires tensor "a" at a multiple of 4 bytes)") && ContainsSubstring("Use read"));
    CHECK(safetensors_view::parse(odd, "odd").read<float>("a").front() == 0x1.060402p-119f);
}

TEST_CASE("a file keeps its bytes as long as one copy of it lives") {
    auto const path = std::filesystem::temp_directory_path() / ("espalier_safetensors_" + std::to_string(::getpid()));
    write_file(path, file_by_safetensors());
    std::optional<safetensors_file> first{path};
    safetensors_file const second = *first;
    first.reset();
    std::filesystem::remove(path);
    CHECK(second.read<float>("b") == std::vector<float>{1, -2, 3});
    CHECK_THROWS_WITH(second.info("c"), ContainsSubstring("safetensors file " + path.string() + ": requires a tensor \"c\""));
}

TEST_CASE("asking for what a file does not hold is an error that says what it holds") {
    auto const bytes = file_by_safetensors();
    auto const file  = safetensors_view::parse(bytes, "weights.safetensors");
    CHECK_THROWS_AS(file.info("c"), bad_checkpoint);
    CHECK_THROWS_WITH(file.info("c"), "espalier: safetensors file weights.safetensors: requires a tensor \"c\"; got 4 tensors: "
                                      "\"a\", \"b\", \"empty\", \"scalar\". Ask for a tensor that the file holds. "
                                      "See docs/policies/checkpoint.md.");
    CHECK_THROWS_WITH(file.bytes("c"), ContainsSubstring("requires a tensor \"c\""));
    CHECK_THROWS_WITH(file.read<float>("a"), ContainsSubstring(R"(requires tensor "a" of type F32; got U8)"));
    CHECK_THROWS_WITH(file.read<std::int32_t>("b"), ContainsSubstring(R"(requires tensor "b" of type I32; got F32)"));
    CHECK_THROWS_WITH(file.read<double>("empty"), ContainsSubstring(R"(requires tensor "empty" of type F64; got I64)"));
    float out[3];
    CHECK_THROWS_WITH(file.read("b", dims(3), out), ContainsSubstring(R"(requires tensor "b" of extents (3); got (1,3))"));
    CHECK_THROWS_WITH(file.read("b", dims(1, 4), out), ContainsSubstring(R"(of extents (1,4); got (1,3))"));
    CHECK_THROWS_WITH(safetensors_view::parse(raw_file("{}"), "none").info("c"), ContainsSubstring("got 0 tensors."));
}

TEST_CASE("tensors that the format cannot hold are not written") {
    float const v[4]            = {};
    named_tensor const twice[]  = {as_tensor("a", dims(1), v), as_tensor("a", dims(1), v)};
    named_tensor const reserved = as_tensor("__metadata__", dims(1), v);
    named_tensor const no_utf8  = as_tensor("\xff", dims(1), v);
    named_tensor const negative = {"a", {-1}, dtype::f32, {}};
    named_tensor const too_few  = {"a", {5}, dtype::f32, std::as_bytes(std::span{v})};
    CHECK_THROWS_WITH(to_safetensors(twice), ContainsSubstring("requires names that differ; got two named \"a\""));
    CHECK_THROWS_WITH(to_safetensors({&reserved, 1}), ContainsSubstring("otherwise than the format's own \"__metadata__\""));
    CHECK_THROWS_WITH(to_safetensors({&no_utf8, 1}), ContainsSubstring(R"(requires names and metadata in UTF-8; got "\xff")"));
    CHECK_THROWS_WITH(to_safetensors({}, {{"key", "\xff"}}),
                      ContainsSubstring(R"(requires names and metadata in UTF-8; got "\xff")"));
    CHECK_THROWS_WITH(to_safetensors({&negative, 1}), ContainsSubstring("requires bytes for extents (-1) of F32; got 0 bytes"));
    CHECK_THROWS_WITH(to_safetensors({&too_few, 1}), ContainsSubstring("requires bytes for extents (5) of F32; got 16 bytes"));
}

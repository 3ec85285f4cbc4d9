// SPDX-License-Identifier: BSL-1.0
/// @file
/// Files that are not what they seem: every kind of damage is a bad_checkpoint that names the file, what and where, and no
/// accident of memory. Run it under the address sanitizer to see the second half of that.
#include "support/catch.hpp"
#include "unit/checkpoint/raw_bytes.hpp"

#include <espalier/checkpoint/safetensors.hpp>
#include <espalier/core/philox.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace espalier::checkpoint;
using namespace std::string_view_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using espalier_test::bytes_of_text;
using espalier_test::file_by_safetensors;
using espalier_test::raw_file;

namespace {

/// Expects that `bytes` are refused as the file "bad.safetensors", with the words `required` and `got`.
void check_refused(std::vector<std::byte> const& bytes, std::string const& required, std::string const& got) {
    CHECK_THROWS_AS(safetensors_view::parse(bytes, "bad.safetensors"), bad_checkpoint);
    CHECK_THROWS_WITH(safetensors_view::parse(bytes, "bad.safetensors"),
                      StartsWith("espalier: safetensors file bad.safetensors: requires ") && ContainsSubstring(required) &&
                          ContainsSubstring("; got ") && ContainsSubstring(got) &&
                          Catch::Matchers::EndsWith(" See docs/policies/checkpoint.md."));
}

/// Whether the bytes are refused; what is not must be whole: tensors whose extents fit, that cover every byte of the data once.
[[nodiscard]] bool is_refused_or_whole(std::vector<std::byte> const& bytes) {
    try {
        auto const file = safetensors_view::parse(bytes, "mutant");
        std::uint64_t header_bytes;
        std::memcpy(&header_bytes, bytes.data(), 8);
        std::vector<int> covered(bytes.size());
        std::fill_n(covered.begin(), 8 + header_bytes, 1);
        for (std::string const& name : file.names()) {
            tensor_info const& info = file.info(name);
            std::size_t elements    = 1;
            for (std::int64_t const extent : info.extents) elements *= static_cast<std::size_t>(extent);
            if (elements * bytes_of(info.type) != info.bytes) return false;
            for (std::byte const& byte : file.bytes(name)) ++covered.at(static_cast<std::size_t>(&byte - bytes.data()));
        }
        return std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; });
    } catch (bad_checkpoint const&) {
        return true;
    }
}

/// The header of a file with one tensor "a" of four bytes whose entry is `entry`.
[[nodiscard]] std::vector<std::byte> one_tensor(std::string_view entry) {
    return raw_file(R"({"a":)" + std::string{entry} + "}", "1234");
}

}  // namespace

TEST_CASE("a file too short for its header is refused") {
    check_refused({}, "8 bytes of header length", "a file of 0 bytes");
    check_refused(bytes_of_text("1234567"), "8 bytes of header length", "a file of 7 bytes");
    check_refused(bytes_of_text("\x03\0\0\0\0\0\0\0{}"sv), "a header within the file", "3 bytes with 2 bytes behind it");
    check_refused(bytes_of_text("\xff\xff\xff\xff\xff\xff\xff\xff{}"sv), "a header within the file",
                  "a header length of 18446744073709551615 bytes");
    check_refused(bytes_of_text("\0\0\0\0\0\0\0\x80{}"sv), "a header within the file", "9223372036854775808 bytes");
    check_refused(bytes_of_text("\0\0\0\0\0\0\0\0{}"sv), "begins with '{'", "a header of 0 bytes");
}

TEST_CASE("a header above 100 MB is refused, even when it is there") {
    std::vector<std::byte> bytes = raw_file("{}");
    bytes.resize(8 + 100'000'001, std::byte{' '});
    for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<std::byte>(100'000'001ull >> (8 * i));
    check_refused(bytes, "at most 100000000 bytes", "a header length of 100000001 bytes");
}

TEST_CASE("a header that is no JSON object is refused") {
    check_refused(raw_file("[]"), "begins with '{'", "\"[]\"");
    check_refused(raw_file(" {}"), "begins with '{'", "\" {}\"");
    check_refused(raw_file("\xef\xbb\xbf{}"), "begins with '{'", R"("\xef\xbb\xbf{}")");
    check_refused(raw_file("{}\0\0"sv), "no zero byte", R"("{}\x00\x00")");
    check_refused(raw_file("{"), "valid JSON", "at byte 2 of the header");
    check_refused(raw_file("{]"), "valid JSON", "at byte 2 of the header");
    check_refused(raw_file("{}}"), "valid JSON", "at byte 3 of the header");
    check_refused(raw_file("{\"a\xff\":{}}"), "valid JSON", "at byte 4 of the header");
    check_refused(raw_file("{} garbage"), "valid JSON", "at byte 4 of the header");
    check_refused(raw_file(R"({"a":{"shape":[1e999]}})"), "valid JSON", "of the header");
}

TEST_CASE("a header of another structure is refused, with the place") {
    auto const [header, got] = GENERATE(table<char const*, char const*>({
        {R"({"a":1})", R"(the number 1 under "a")"},
        {R"({"a":null})", R"(null under "a")"},
        {R"({"a":"x"})", R"(a string under "a")"},
        {R"({"a":[]})", R"(a list under "a")"},
        {R"({"__metadata__":[]})", R"(a list under "__metadata__")"},
        {R"({"__metadata__":{"k":1}})", R"(the number 1 in the metadata under "k")"},
        {R"({"__metadata__":{"k":{}}})", R"(an object in the metadata under "k")"},
        {R"({"__metadata__":{"k":true}})", R"(a boolean in the metadata under "k")"},
        {R"({"a":{"dtype":1}})", R"(the number 1 in field "dtype" of tensor "a")"},
        {R"({"a":{"dtype":{}}})", R"(an object in field "dtype" of tensor "a")"},
        {R"({"a":{"shape":"x"}})", R"(a string in field "shape" of tensor "a")"},
        {R"({"a":{"shape":4}})", R"(the number 4 in field "shape" of tensor "a")"},
        {R"({"a":{"shape":[[4]]}})", R"(a list in field "shape" of tensor "a")"},
        {R"({"a":{"shape":[-1]}})", R"(the number -1 in field "shape" of tensor "a")"},
        {R"({"a":{"shape":[1.0]}})", R"(the number "1.0" in field "shape" of tensor "a")"},
        {R"({"a":{"shape":[9223372036854775808]}})", R"(the number 9223372036854775808 in field "shape")"},
        {R"({"a":{"shape":[18446744073709551616]}})", R"(the number "18446744073709551616" in field "shape")"},
        {R"({"a":{"data_offsets":{"x":1}}})", R"(an object in field "data_offsets" of tensor "a")"},
        {R"({"a":{"data_offsets":[-1,3]}})", R"(the number -1 in field "data_offsets" of tensor "a")"},
        {R"({"a":{"data_offsets":[0,1,2]}})", R"(the number 2 in field "data_offsets" of tensor "a")"},
    }));
    check_refused(raw_file(header), "a header that follows the safetensors format", got);
}

TEST_CASE("a tensor with a field missing, doubled or unknown is refused") {
    std::string const each = "dtype, shape and data_offsets once a tensor";
    check_refused(one_tensor(R"({"shape":[1],"data_offsets":[0,4]})"), each, R"(tensor "a" without dtype)");
    check_refused(one_tensor(R"({"dtype":"F32","data_offsets":[0,4]})"), each, R"(tensor "a" without shape)");
    check_refused(one_tensor(R"({"dtype":"F32","shape":[1]})"), each, R"(tensor "a" without data_offsets)");
    check_refused(one_tensor("{}"), each, R"(tensor "a" without dtype)");
    check_refused(one_tensor(R"({"dtype":"F32","dtype":"F32"})"), each, R"(tensor "a" with a second field "dtype")");
    check_refused(one_tensor(R"({"stride":[1]})"), each, R"(tensor "a" with a field "stride")");
    check_refused(one_tensor(R"({"data_offsets":[4]})"), "two data_offsets a tensor", R"(tensor "a" with 1)");
    check_refused(one_tensor(R"({"data_offsets":[]})"), "two data_offsets a tensor", R"(tensor "a" with 0)");
}

TEST_CASE("a name that stands twice is refused") {
    std::string const a = R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    check_refused(raw_file("{" + a + "," + a + "}"), "names that differ", R"(two entries named "a")");
    check_refused(raw_file("{" + a + R"(,"\u0061":{}})"), "names that differ", R"(two entries named "a")");
    check_refused(raw_file(R"({"__metadata__":{},"__metadata__":{}})"), "names that differ", R"(named "__metadata__")");
    check_refused(raw_file(R"({"__metadata__":{"k":"1","k":"2"}})"), "names that differ", R"(named "k" in the metadata)");
}

TEST_CASE("an element type that is unknown is refused by name") {
    for (char const* type : {"F8_E4M3", "F128", "f32", "", "F32 "})
        check_refused(one_tensor(R"({"dtype":")" + std::string{type} + R"(","shape":[1],"data_offsets":[0,4]})"),
                      "element types that espalier knows", R"(tensor "a" of type ")" + std::string{type} + "\"");
}

TEST_CASE("extents that do not fit the data are refused") {
    auto const entry = [](char const* extents) {
        return one_tensor(R"({"dtype":"F32","shape":)" + std::string{extents} + R"(,"data_offsets":[0,4]})");
    };
    CHECK_NOTHROW(safetensors_view::parse(entry("[]"), "fits"));
    CHECK_NOTHROW(safetensors_view::parse(entry("[1,1]"), "fits"));
    check_refused(entry("[2]"), "extents that fit the data", R"(tensor "a" with 4 bytes of data for extents (2) and type F32)");
    check_refused(entry("[0]"), "extents that fit the data", "which take 0");
    // 4 · (2⁶² + 1) bytes are 4 bytes where the product wraps.
    check_refused(entry("[4611686018427387905]"), "extents that fit the data", "which take too many");
    check_refused(entry("[4294967296,4294967296]"), "extents that fit the data", "which take too many");
    check_refused(entry("[9223372036854775807,9223372036854775807,0]"), "extents that fit the data", "which take too many");
}

TEST_CASE("offsets that leave the data, turn round, overlap or leave holes are refused") {
    auto const two = [](char const* first, char const* second, std::string_view data) {
        return raw_file(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + std::string{first} +
                            R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}",
                        data);
    };
    char const* const gapless = "without gaps and overlaps";
    CHECK_NOTHROW(safetensors_view::parse(two("[0,4]", "[4,8]", "12345678"), "fits"));
    CHECK_NOTHROW(safetensors_view::parse(two("[4,8]", "[0,4]", "12345678"), "fits"));
    check_refused(two("[0,4]", "[4,8]", "1234567"), "data as long as the header says",
                  R"(7 bytes of data, and tensor "b" of 4 bytes at byte 4 of them)");
    check_refused(two("[0,4]", "[4,8]", "123456789"), "data as long as the header says",
                  "9 bytes of data for tensors of 8 bytes");
    check_refused(two("[0,4]", "[0,4]", "1234"), gapless, R"(tensor "b" at byte 0 of the data instead of 4)");
    check_refused(two("[0,4]", "[3,7]", "1234567"), gapless, R"(tensor "b" at byte 3 of the data instead of 4)");
    check_refused(two("[0,4]", "[5,9]", "123456789"), gapless, R"(tensor "b" at byte 5 of the data instead of 4)");
    check_refused(two("[1,5]", "[5,9]", "123456789"), gapless, R"(tensor "a" at byte 1 of the data instead of 0)");
    check_refused(two("[0,4]", "[8,4]", "12345678"), "end after they begin", R"(tensor "b" at bytes 8 … 4)");
    check_refused(two("[0,4]", "[18446744073709551608,18446744073709551612]", "12345678"), "data as long as the header says",
                  R"(tensor "b" of 4 bytes at byte 18446744073709551608)");
    check_refused(two("[0,4]", "[4,18446744073709551615]", "12345678"), "extents that fit the data", R"(tensor "b")");
}

TEST_CASE("nesting without end is refused at its first level, not followed") {
    std::size_t const depth = 1'000'000;
    check_refused(raw_file(R"({"a":)" + std::string(depth, '[')), "safetensors format", R"(a list under "a")");
    check_refused(raw_file(R"({"a":{"shape":)" + std::string(depth, '[')), "safetensors format",
                  R"(a list in field "shape" of tensor "a")");
    std::string objects = "{";
    for (std::size_t i = 0; i < depth / 8; ++i) objects += R"("a":{)";
    check_refused(raw_file(objects), "dtype, shape and data_offsets", R"(tensor "a" with a field "a")");
}

TEST_CASE("a file that was cut anywhere is refused") {
    auto const whole = file_by_safetensors();
    CHECK_NOTHROW(safetensors_view::parse(whole, "whole"));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        std::vector<std::byte> const part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        CHECK_THROWS_AS(safetensors_view::parse(part, "part"), bad_checkpoint);
    }
}

TEST_CASE("a file with something behind its data is refused") {
    auto longer = file_by_safetensors();
    longer.push_back(std::byte{0});
    check_refused(longer, "data as long as the header says", "23 bytes of data for tensors of 22 bytes");
}

TEST_CASE("each change of one byte is refused, or leaves a whole file") {
    auto const whole = file_by_safetensors();
    int wrong        = 0;
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (int value = 0; value < 256; ++value) {
            auto mutant = whole;
            mutant[at]  = static_cast<std::byte>(value);
            wrong += !is_refused_or_whole(mutant);
        }
    CHECK(wrong == 0);
}

TEST_CASE("random changes of many bytes are refused, or leave a whole file") {
    auto const whole = file_by_safetensors();
    espalier::random_key const key{2024, "mutations of a safetensors file"};
    std::string_view const pieces = "{}[]\",:0123456789-e.\\ ";      // what JSON is made of gets further than noise
    int wrong                     = 0;
    for (std::uint64_t trial = 0; trial < 20'000; ++trial) {
        auto mutant              = whole;
        std::uint32_t const many = 1 + key.at(0, trial).word[0] % 6;
        for (std::uint32_t change = 1; change <= many; ++change) {
            espalier::random_block const random = key.at(change, trial);
            auto const at        = static_cast<std::ptrdiff_t>(random.word[0] % mutant.size());
            char const piece     = pieces[random.word[1] % pieces.size()];
            auto const byte      = static_cast<std::byte>(random.word[2] % 4 == 0 ? static_cast<char>(random.word[1]) : piece);
            if (random.word[3] % 4 == 0) mutant.erase(mutant.begin() + at);
            else if (random.word[3] % 4 == 1) mutant.insert(mutant.begin() + at, byte);
            else mutant[static_cast<std::size_t>(at)] = byte;
        }
        mutant.shrink_to_fit();
        wrong += !is_refused_or_whole(mutant);
    }
    CHECK(wrong == 0);
}

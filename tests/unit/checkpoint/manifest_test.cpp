// SPDX-License-Identifier: BSL-1.0
/// @file
/// Manifests: their text as documented, and everything that is not a manifest refused, with its place, even where the checksum
/// is right.
#include "support/catch.hpp"
#include "unit/checkpoint/raw_bytes.hpp"

#include <espalier/checkpoint/manifest.hpp>
#include <espalier/core/philox.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using namespace espalier::checkpoint;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using espalier_test::bytes_of_text;

namespace {

/// The text with the checksum of all before it at its end.
[[nodiscard]] std::vector<std::byte> sealed(std::string const& text) {
    char tail[64];
    std::snprintf(tail, sizeof tail, "\"xxh3_64\": \"%016llx\"\n}\n",
                  static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
    return bytes_of_text(text + tail);
}

std::string const begin = "{\n\"espalier checkpoint\": 1,\n\"step\": 400,\n";

/// A manifest of these files and tensors.
[[nodiscard]] std::vector<std::byte> of(std::string const& files, std::string const& tensors, std::string const& run = "{}") {
    return sealed(begin + "\"run\": " + run + ",\n\"files\": " + files + ",\n\"tensors\": " + tensors + ",\n");
}
/// A manifest with one file "f" and one tensor "a".
[[nodiscard]] std::vector<std::byte> of_tensor(std::string const& tensor) {
    return of(R"({"f": {"bytes": 8, "xxh3_64": ["0000000000000001"]}, "g": {"bytes": 0, "xxh3_64": []}})",
              "{\"a\": " + tensor + "}");
}
/// The same with boxes of a tensor (4,3).
[[nodiscard]] std::vector<std::byte> of_boxes(std::string const& boxes) {
    return of_tensor(R"({"dtype": "F32", "shape": [4,3], "boxes": [)" + boxes + "]}");
}

void check_refused(std::vector<std::byte> const& bytes, std::string const& required, std::string const& got) {
    CHECK_THROWS_AS(parse_manifest(bytes, "manifest bad"), bad_checkpoint);
    CHECK_THROWS_WITH(parse_manifest(bytes, "manifest bad"), StartsWith("espalier: manifest bad: requires ") &&
                                                                 ContainsSubstring(required) && ContainsSubstring("; got ") &&
                                                                 ContainsSubstring(got) &&
                                                                 EndsWith(" See docs/explanation/checkpoint-format.md."));
}

/// The manifest that docs/explanation/checkpoint-format.md shows.
[[nodiscard]] manifest small() {
    manifest m;
    m.step                        = 400;
    m.run                         = {{"network", "linear<3,4>"}, {"seed", "7"}};
    m.files["rank-0.safetensors"] = {232, {0x0123456789abcdefull}};
    m.files["rank-1.safetensors"] = {(1 << 20) + 1, {1, UINT64_MAX}};
    m.tensors["bias"]             = {dtype::f32, {4}, {{"rank-1.safetensors", {{0}, {4}}}}};
    m.tensors["empty"]            = {dtype::u8, {0, 3}, {}};
    m.tensors["t"]                = {dtype::i64, {}, {{"rank-0.safetensors", {}}}};
    m.tensors["weight"]           = {
                  dtype::f32, {4, 3}, {{"rank-0.safetensors", {{0, 0}, {2, 3}}}, {"rank-1.safetensors", {{2, 0}, {2, 3}}}}};
    return m;
}
char const* const small_text = R"({
"espalier checkpoint": 1,
"step": 400,
"run": {
 "network": "linear<3,4>",
 "seed": "7"
},
"files": {
 "rank-0.safetensors": {"bytes": 232, "xxh3_64": ["0123456789abcdef"]},
 "rank-1.safetensors": {"bytes": 1048577, "xxh3_64": ["0000000000000001","ffffffffffffffff"]}
},
"tensors": {
 "bias": {"dtype": "F32", "shape": [4], "boxes": [{"file": "rank-1.safetensors", "first": [0], "shape": [4]}]},
 "empty": {"dtype": "U8", "shape": [0,3], "boxes": []},
 "t": {"dtype": "I64", "shape": [], "boxes": [{"file": "rank-0.safetensors", "first": [], "shape": []}]},
 "weight": {"dtype": "F32", "shape": [4,3], "boxes": [{"file": "rank-0.safetensors", "first": [0,0], "shape": [2,3]}, )"
                               R"({"file": "rank-1.safetensors", "first": [2,0], "shape": [2,3]}]}
},
)";

} // namespace

TEST_CASE("a manifest is written as documented, and read again") {
    CHECK(to_bytes(small()) == sealed(small_text));
    CHECK(parse_manifest(sealed(small_text), "small") == small());
    CHECK(to_bytes(manifest{}) ==
          sealed("{\n\"espalier checkpoint\": 1,\n\"step\": 0,\n\"run\": {},\n\"files\": {},\n\"tensors\": {},\n"));
    CHECK(parse_manifest(to_bytes(manifest{}), "empty") == manifest{});
    manifest odd                   = small();
    odd.run                        = {{"", ""}, {"权重 \"\\\n\x01", "\U0001F333\0"s}};
    odd.tensors["gewicht \"ä\"\n"] = odd.tensors["weight"];
    CHECK(parse_manifest(to_bytes(odd), "odd") == odd);
}

TEST_CASE("white space between tokens means nothing") {
    std::string text;
    for (char const c : std::string{small_text}) text += c == '\n' ? " \t\r\n"s : std::string(1, c);
    CHECK(parse_manifest(sealed(text), "spaced") == small());
}

TEST_CASE("every change of one bit and every cut of a manifest is refused") {
    auto const whole = to_bytes(small());
    int accepted     = 0;
    auto const tried = [&](std::vector<std::byte> const& bytes) {
        try {
            static_cast<void>(parse_manifest(bytes, "changed"));
            return 1;
        } catch (bad_checkpoint const&) {
            return 0;
        }
    };
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = whole;
            changed[at] ^= static_cast<std::byte>(1 << bit);
            accepted += tried(changed);
        }
    for (std::size_t length = 0; length < whole.size(); ++length)
        accepted += tried({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    auto longer = whole;
    longer.push_back(std::byte{'\n'});
    accepted += tried(longer);
    CHECK(accepted == 0);
    auto upper = bytes_of_text("{\n");
    check_refused(upper, "a file of 32 to 100000000 bytes", "2 bytes");
    auto torn = whole;
    torn[50] ^= std::byte{1};
    check_refused(torn, "an end with the checksum of the ", "an end of \"\\x22xxh3_64\\x22: \\x22");
}

TEST_CASE("another version of the format is refused by its number") {
    for (char const* version : {"2", "0", "9000000000"})
        check_refused(
            sealed("{\n\"espalier checkpoint\": "s + version + ",\n\"anything\": [],\n"), "requires version 1 of the format",
            "version "s + version + ". Read the checkpoint with the release of espalier that wrote it, or a later one.");
}

TEST_CASE("whatever is not the structure of a manifest is refused, with the place") {
    auto const [text, got] = GENERATE(table<std::string, char const*>({
        {"[", R"(begins with '{' and has no zero byte; got 33 bytes that begin with "[\x22xxh3_6")"},
        {" {", "begins with '{'"},
        {"{\0"s, "has no zero byte"},
        {"{", R"(the field "espalier checkpoint"; got a field "xxh3_64" at the top)"},
        {"{\"step\": 1,", R"(the field "espalier checkpoint"; got a field "step" at the top)"},
        {"{\"espalier checkpoint\": \"1\",", "a string at the top"},
        {"{\"espalier checkpoint\": 1.0,", "the number \"1.0\" at the top"},
        {"{\"espalier checkpoint\": -1,", "the number -1 at the top"},
        {"{\"espalier checkpoint\": null,", "null at the top"},
        {"{\"espalier checkpoint\": true,", "a boolean at the top"},
        {"{\"espalier checkpoint\": {},", "an object at the top"},
        {"{\"espalier checkpoint\": [],", "a list at the top"},
        {"{\"espalier checkpoint\": 1, \"run\": {},", R"(the field "step"; got a field "run" at the top)"},
        {"{\"espalier checkpoint\": 1, \"espalier checkpoint\": 1,", R"(got a field "espalier checkpoint" at the top)"},
        {"{\"espalier checkpoint\": 1, \"step\": 9223372036854775808,", "the number 9223372036854775808 at the top"},
        {"{\"espalier checkpoint\": 1, \"step\": {},", "an object at the top"},
        {begin + "\"run\": [],", "a list at the top"},
        {begin + "\"run\": 3,", "the number 3 at the top"},
        {begin + "\"run\": {\"a\": 1},", R"(the number 1 in "run" under "a")"},
        {begin + "\"run\": {\"a\": {}},", R"(an object in "run" under "a")"},
        {begin + "\"run\": {\"a\": \"1\", \"a\": \"1\"},", R"(two entries "a" in "run")"},
        {begin + "\"run\": {}, \"files\": {\"f\": 1},", R"(the number 1 in "files" under "f")"},
        {begin + "\"run\": {}, \"files\": {}, \"tensors\": {}, \"more\": 1,",
         R"(the field "xxh3_64"; got a field "more" at the top)"},
        {begin + "\"run\": {}, \"files\": {}, \"tensors\": {}, \"xxh3_64\": \"\",",
         R"(no further field; got a field "xxh3_64" at the top)"},
        {begin + "\"run\": {}, \"files\": {}, \"tensors\": {}, \"xxh3_64\": \"\"},", "valid JSON; got an error at byte "},
        {begin + "\"run\": {}, \"files\": {}},", "requires every field; got no \"tensors\" at the top"},
        {begin + "\"run\": {}, \"files\": {}, \"tensors\": {}},", "requires every field; got no \"xxh3_64\" at the top"},
        {begin + "\"run\": {\"\xff\": \"\"},", "valid JSON"},
        {begin + "\"run\": {\"a\": 1e999},", "valid JSON"},
    }));
    auto const whole       = sealed(text);
    check_refused(whole, "", got);
}

TEST_CASE("a file's entry that is wrong is refused") {
    auto const [entry, got] = GENERATE(table<char const*, char const*>({
        {R"({"f": {}})", R"(every field; got no "bytes" in "files" under "f")"},
        {R"({"f": {"bytes": 0}})", R"(every field; got no "xxh3_64" in "files" under "f")"},
        {R"({"f": {"xxh3_64": []}})", R"(the field "bytes"; got a field "xxh3_64" in "files" under "f")"},
        {R"({"f": {"bytes": 0, "xxh3_64": [], "x": 1}})", R"(no further field; got a field "x" in "files" under "f")"},
        {R"({"f": {"bytes": -1}})", R"(the number -1 in "files" under "f")"},
        {R"({"f": {"bytes": []}})", R"(a list in "files" under "f")"},
        {R"({"f": {"bytes": 9223372036854775808}})", R"(the number 9223372036854775808)"},
        {R"({"f": {"bytes": 1, "xxh3_64": "0000000000000000"}})", R"(a string in "files" under "f")"},
        {R"({"f": {"bytes": 1, "xxh3_64": [["0000000000000000"]]}})", R"(a list in "files" under "f")"},
        {R"({"f": {"bytes": 1, "xxh3_64": [0]}})", R"(the number 0 in "files" under "f")"},
        {R"({"f": {"bytes": 1, "xxh3_64": ["000000000000000"]}})",
         R"(16 lower-case hex digits; got "000000000000000" in "files")"},
        {R"({"f": {"bytes": 1, "xxh3_64": ["00000000000000000"]}})", "16 lower-case hex digits"},
        {R"({"f": {"bytes": 1, "xxh3_64": ["000000000000000A"]}})", "16 lower-case hex digits"},
        {R"({"f": {"bytes": 1, "xxh3_64": []}})",
         R"(a checksum each 1048576 bytes of a file; got 0 checksums for the 1 bytes of file "f")"},
        {R"({"f": {"bytes": 1048576, "xxh3_64": ["0000000000000000", "0000000000000000"]}})",
         R"(got 2 checksums for the 1048576 bytes)"},
        {R"({"f": {"bytes": 1048577, "xxh3_64": ["0000000000000000"]}})", R"(got 1 checksums for the 1048577 bytes)"},
        {R"({"f": {"bytes": 0, "xxh3_64": []}, "f": {"bytes": 0, "xxh3_64": []}})", R"(two entries "f" in "files")"},
        {R"({"../f": {"bytes": 0, "xxh3_64": []}})", R"(letters, digits, '.', '_' and '-'; got a file "../f")"},
        {R"({"a/f": {"bytes": 0, "xxh3_64": []}})", R"(got a file "a/f")"},
        {R"({".f": {"bytes": 0, "xxh3_64": []}})", R"(got a file ".f")"},
        {R"({"": {"bytes": 0, "xxh3_64": []}})", R"(got a file "")"},
        {R"({"ä": {"bytes": 0, "xxh3_64": []}})", R"(got a file "\xc3\xa4")"},
        {R"({"manifest.json": {"bytes": 0, "xxh3_64": []}})", R"(got a file "manifest.json")"},
        {R"({"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)"
         R"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": {"bytes": 0, "xxh3_64": []}})",
         "got a file \"aaaa"},
    }));
    check_refused(of(entry, "{}"), "", got);
}

TEST_CASE("a tensor's entry that is wrong is refused") {
    auto const [entry, got] = GENERATE(table<char const*, char const*>({
        {"[]", R"(a list in "tensors" under "a")"},
        {"{}", R"(every field; got no "dtype" in "tensors" under "a")"},
        {R"({"dtype": "F32", "boxes": []})", R"(the field "shape"; got a field "boxes" in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [0]})", R"(every field; got no "boxes" in "tensors" under "a")"},
        {R"({"dtype": "F8_E4M3"})", R"(element types that espalier knows; got type "F8_E4M3" in "tensors" under "a")"},
        {R"({"dtype": 3})", R"(the number 3 in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": ["1"]})", R"(a string in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [1.5]})", R"(the number "1.5" in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [[1]]})", R"(a list in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [0], "boxes": [[]]})", R"(a list in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [0], "boxes": [{}]})", R"(every field; got no "file" in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [0], "boxes": [{"file": "f", "first": [{}]}]})", R"(an object in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [0], "boxes": [], "x": 1})", R"(no further field; got a field "x" in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1]})", R"(tensors of at most 8 dims; got more in "tensors" under "a")"},
        {R"({"dtype": "F32", "shape": [4611686018427387904], "boxes": []})",
         R"(less than 2^63 bytes; got tensor "a" of extents (4611686018427387904))"},
        {R"({"dtype": "U8", "shape": [4294967296,4294967296], "boxes": []})",
         R"(less than 2^63 bytes; got tensor "a" of extents)"},
        {R"({"dtype": "U8", "shape": [], "boxes": []})",
         R"(got tensor "a" of 1 elements with boxes that leave a hole: they hold 0 elements)"},
        {R"({"dtype": "U8", "shape": [9223372036854775807], "boxes": [)"
         R"({"file": "f", "first": [0], "shape": [9223372036854775807]}, )"
         R"({"file": "g", "first": [0], "shape": [9223372036854775807]}]})",
         "boxes that overlap"},
    }));
    check_refused(of_tensor(entry), "", got);
}

TEST_CASE("boxes that do not tile their tensor, and files that are not listed, are refused") {
    CHECK_NOTHROW(parse_manifest(
        of_boxes(R"({"file": "g", "first": [2,0], "shape": [2,3]}, {"file": "f", "first": [0,0], "shape": [2,3]})"), "fits"));
    auto const [boxes, got] = GENERATE(table<char const*, char const*>({
        {R"({"file": "f", "first": [0,0], "shape": [2,3]})",
         R"(tensor "a" of 12 elements with boxes that leave a hole: they hold 6 elements)"},
        {R"({"file": "f", "first": [0,0], "shape": [4,3]}, {"file": "g", "first": [0,0], "shape": [1,1]})",
         R"(tensor "a" of 12 elements with boxes that overlap)"},
        {R"({"file": "f", "first": [0,0], "shape": [2,3]}, {"file": "g", "first": [1,0], "shape": [2,3]})",
         "boxes that overlap and leave a hole"},
        {R"({"file": "f", "first": [0,0], "shape": [2,3]}, {"file": "f", "first": [2,0], "shape": [2,3]})",
         R"(one box of a tensor a file; got tensor "a" with two boxes in file "f")"},
        {R"({"file": "h", "first": [0,0], "shape": [4,3]})",
         R"(boxes in files that are listed; got tensor "a" with a box in file "h")"},
        {R"({"file": "f", "first": [0,0], "shape": [4,4]})",
         R"(got tensor "a" of extents (4,3) with a box at (0,0) of extents (4,4))"},
        {R"({"file": "f", "first": [1,0], "shape": [4,3]})", "with a box at (1,0) of extents (4,3)"},
        {R"({"file": "f", "first": [0,0], "shape": [9223372036854775807,3]})", "with a box at (0,0)"},
        {R"({"file": "f", "first": [9223372036854775807,0], "shape": [1,3]})", "with a box at"},
        {R"({"file": "f", "first": [0], "shape": [4]})", "with a box at (0) of extents (4)"},
        {R"({"file": "f", "first": [0,0], "shape": [4]})", "with a box at (0,0) of extents (4)"},
        {R"({"file": "f", "first": [0,0], "shape": [4,3]}, {"file": "g", "first": [0,0], "shape": [0,3]})",
         "hold at least an element"},
    }));
    check_refused(of_boxes(boxes), "", got);
}

TEST_CASE("in a manifest, nesting without end is refused at its first level, not followed") {
    std::string const deep(1'000'000, '[');
    check_refused(sealed(begin + "\"run\": {\"a\": " + deep), "the structure of the format", R"(a list in "run" under "a")");
    check_refused(sealed(begin + "\"run\": {}, \"files\": {}, \"tensors\": {\"a\": {\"dtype\": \"U8\", \"shape\": [" + deep),
                  "the structure of the format", R"(a list in "tensors" under "a")");
}

TEST_CASE("what a reader would refuse is not written") {
    manifest m = small();
    m.tensors["weight"].boxes.pop_back();
    CHECK_THROWS_WITH(to_bytes(m),
                      "espalier: manifest of step 400: requires boxes that hold each element once; got tensor \"weight\" of "
                      "12 elements with boxes that leave a hole: they hold 6 elements. Give each element of each tensor to "
                      "one rank, once. See docs/explanation/checkpoint-format.md.");
    m      = small();
    m.step = -1;
    CHECK_THROWS_WITH(to_bytes(m), ContainsSubstring("requires a step of at least 0; got -1."));
    m = small();
    m.run.emplace("a", std::string(1, static_cast<char>(0xff)));  // not UTF-8
    CHECK_THROWS_AS(to_bytes(m), bad_checkpoint);
    m             = small();
    m.run["long"] = std::string(100'000'000, 'x');
    CHECK_THROWS_WITH(to_bytes(m), ContainsSubstring("requires at most 100000000 bytes; got 1000"));
}

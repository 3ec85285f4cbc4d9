// SPDX-License-Identifier: BSL-1.0
/// @file
/// Bytes for tests, written out by hand: texts and safetensors files that no code of the library made.
/// It checks nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace espalier_test {

[[nodiscard]] inline std::vector<std::byte> bytes_of_text(std::string_view text) {
    std::vector<std::byte> out;
    for (char const c : text) out.push_back(static_cast<std::byte>(c));
    return out;
}

/// A safetensors file with this header, as it stands and without padding, and this data.
[[nodiscard]] inline std::vector<std::byte> raw_file(std::string_view header, std::string_view data = "") {
    std::string text;
    for (int i = 0; i < 8; ++i) text += static_cast<char>((static_cast<std::uint64_t>(header.size()) >> (8 * i)) & 0xff);
    return bytes_of_text(text.append(header).append(data));
}

/// A file with a matrix b (1,3), bytes a (2), a scalar and an empty tensor, made with the format's own package, version 0.8.0:
/// `safetensors.numpy.save({"b": np.array([[1,-2,3]], np.float32), "a": np.array([250,7], np.uint8), "scalar": np.array(0.1),
/// "empty": np.zeros((0,4), np.int64)}, metadata={"made by": "safetensors"})`
[[nodiscard]] inline std::vector<std::byte> file_by_safetensors() {
    using namespace std::string_view_literals;
    return raw_file(R"({"__metadata__":{"made by":"safetensors"},"empty":{"dtype":"I64","shape":[0,4],"data_offsets":[0,0]},)"
                    R"("scalar":{"dtype":"F64","shape":[],"data_offsets":[0,8]},)"
                    R"("b":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]},)"
                    R"("a":{"dtype":"U8","shape":[2],"data_offsets":[20,22]}}    )",
                    "\x9a\x99\x99\x99\x99\x99\xb9?\x00\x00\x80?\x00\x00\x00\xc0\x00\x00@@\xfa\x07"sv);
}

}  // namespace espalier_test

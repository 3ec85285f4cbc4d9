// SPDX-License-Identifier: BSL-1.0
/// @file
/// Writes safetensors files into a folder and prints a line "<file> <hash>" for each; Python programs beside it read them.
/// It checks nothing itself.
#include <espalier/checkpoint/safetensors.hpp>
#include <espalier/checkpoint/weights_hash.hpp>
#include <espalier/core/philox.hpp>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

using namespace espalier::checkpoint;
using espalier::dims;

namespace {

void write(std::filesystem::path const& folder, std::string const& file, std::vector<named_tensor> const& tensors) {
    write_file(folder / file, to_safetensors(tensors, {{"made by", "espalier"}, {"tensors", std::to_string(tensors.size())}}));
    std::cout << file << ' ' << weights_hash(tensors) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: write_checkpoint_files FOLDER\n";
        return 2;
    }
    std::filesystem::path const folder = argv[1];

    // One tensor each, so that the hash sees each class of lengths: up to 3, 8, 16, 128, 240 bytes, blocks of 1,024.
    espalier::random_key const key{11, "values for Python"};
    std::vector<float> values(40'000);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(espalier::to_normal(key.at(i).word[0], key.at(i).word[1]));
    for (int const n : {0, 1, 2, 3, 4, 31, 32, 33, 59, 60, 255, 256, 257, 40'000})
        write(folder, "length_" + std::to_string(n) + ".safetensors", {as_tensor("w", dims(n), values.data())});

    // A small network as it would be, in no order; then every type whose values Python can name; then names in any alphabet.
    write(folder, "network.safetensors",
          {as_tensor("lstm.weight_ih_l0", dims(200, 2), values.data()),
           as_tensor("head.weight", dims(1, 50), values.data() + 400),
           as_tensor("lstm.bias_ih_l0", dims(200), values.data() + 450), as_tensor("head.bias", dims(1), values.data() + 650)});
    std::uint8_t const bytes[3]  = {0, 127, 255};
    std::int64_t const large[2]  = {-1, INT64_MAX};
    std::int32_t const medium[1] = {-70'000};
    bool const flags[2]          = {true, false};
    double const precise[2]      = {0.1, -0.0};
    write(folder, "types.safetensors",
          {as_tensor("u8", dims(3), bytes), as_tensor("i64", dims(2), large), as_tensor("i32", dims(1, 1), medium),
           as_tensor("flags", dims(2), flags), as_tensor("f64", dims(1, 2), precise), as_tensor("scalar", dims(), values.data()),
           as_tensor("empty", dims(0, 7), values.data())});
    write(folder, "names.safetensors",
          {as_tensor("z", dims(1), values.data()), as_tensor("Z", dims(1), values.data() + 1),
           as_tensor("gewicht \"ä\" \\\n", dims(1), values.data() + 2), as_tensor("权重", dims(1), values.data() + 3),
           as_tensor("\U0001F333", dims(1), values.data() + 4), as_tensor("\uFFFD", dims(1), values.data() + 5)});
    write(folder, "nothing.safetensors", {});
    return 0;
}

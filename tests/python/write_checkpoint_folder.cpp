// SPDX-License-Identifier: BSL-1.0
/// @file
/// Saves states on several ranks into a run's folder, and beside it the whole tensors as one file; Python programs read both.
/// It checks nothing itself.
#include <espalier/checkpoint/deal.hpp>
#include <espalier/checkpoint/directory.hpp>
#include <espalier/checkpoint/safetensors.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/core/philox.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <vector>

using namespace espalier::checkpoint;
using espalier::dims;
using espalier::threads;

namespace {

/// The box's bytes, row by row of its last dim; the tensor has one or two dims.
[[nodiscard]] std::vector<std::byte> cut_out(named_tensor const& t, box const& where) {
    std::size_t const one  = bytes_of(t.type);
    std::int64_t const row = t.extents.back();
    std::vector<std::byte> out;
    for (std::int64_t r = t.extents.size() == 1 ? 0 : where.first[0], rows = t.extents.size() == 1 ? 1 : where.extents[0];
         rows > 0; ++r, --rows) {
        auto const from = t.bytes.subspan(static_cast<std::size_t>(r * row + where.first.back()) * one,
                                          static_cast<std::size_t>(where.extents.back()) * one);
        out.insert(out.end(), from.begin(), from.end());
    }
    return out;
}

/// Saves boxes[r] on rank r.
void save(std::filesystem::path const& folder, std::int64_t step, std::vector<named_tensor> const& tensors,
          std::vector<std::vector<dealt_box>> const& boxes, std::string const& network = "a \"network\" ä") {
    threads::launch(static_cast<int>(boxes.size()), [&](threads& world) {
        directory place{folder, {.keep = 3}};
        std::vector<std::vector<std::byte>> values;
        std::vector<tensor_piece> pieces;
        for (dealt_box const& b : boxes[static_cast<std::size_t>(world.rank())]) {
            named_tensor const& t = tensors[b.tensor];
            auto const& bytes =
                values.emplace_back(t.extents.empty() ? std::vector(t.bytes.begin(), t.bytes.end()) : cut_out(t, b.where));
            pieces.push_back({t.name, t.extents, t.type, b.where, bytes});
        }
        save_state(place, world, step, {{"network", network}, {"ranks", std::to_string(world.size())}}, pieces);
    });
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: write_checkpoint_folder FOLDER\n";
        return 2;
    }
    std::filesystem::path const folder = argv[1];
    espalier::random_key const key{12, "values for Python"};
    std::vector<float> values(300'000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = espalier::to_unit(key.at(i).word[0]);
    std::int64_t const counts[3] = {-1, INT64_MAX, 0};
    bool const flags[2]          = {true, false};
    double const scale[1]        = {0.1};
    std::vector<named_tensor> const tensors{as_tensor("lstm.weight_ih_l0", dims(1000, 290), values.data()),
                                            as_tensor("lstm.bias \"ä\"\n", dims(200), values.data() + 7),
                                            as_tensor("counts", dims(3), counts),
                                            as_tensor("flags", dims(1, 2), flags),
                                            as_tensor("scale", dims(), scale),
                                            as_tensor("empty", dims(0, 7), values.data())};
    std::vector<tensor_shape> shapes;
    for (named_tensor const& t : tensors) shapes.push_back({t.extents, t.type});
    save(folder / "dealt", 400, tensors, deal(shapes, 3));
    save(folder / "one", 400, tensors, deal(shapes, 1)); // a file of two chunks
    // Cut by columns and in four corners, by four ranks of which one has nothing; then the same step again: a second attempt.
    std::vector<std::vector<dealt_box>> const corners{
        {{0, {{0, 0}, {400, 100}}}, {1, {{150}, {50}}}, {2, {{0}, {3}}}},
        {{0, {{400, 0}, {600, 100}}}, {1, {{0}, {150}}}, {4, {}}, {5, {{0, 0}, {0, 7}}}},
        {},
        {{0, {{0, 100}, {1000, 190}}}, {3, {{0, 0}, {1, 2}}}}};
    save(folder / "corners", 1, tensors, deal(shapes, 2));
    save(folder / "corners", 2, tensors, deal(shapes, 2));
    save(folder / "corners", 2, tensors, corners);
    // The checkpoint that docs/explanation/checkpoint-format.md shows.
    float const page[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    save(folder / "page", 400, {as_tensor("linear.weight", dims(4, 3), page), as_tensor("linear.bias", dims(4), page)},
         {{{0, {{0, 0}, {2, 3}}}}, {{0, {{2, 0}, {2, 3}}}, {1, {{0}, {4}}}}}, "linear<3,4>");
    write_file(folder / "whole.safetensors", to_safetensors(tensors));
    return 0;
}

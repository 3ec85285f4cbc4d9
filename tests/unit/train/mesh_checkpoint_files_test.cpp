// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_run.hpp"

#include <espalier/checkpoint/directory.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

using namespace espalier;
using espalier_test::layout_of;
using espalier_test::mesh_model;
namespace fs = std::filesystem;

namespace {
using checkpoint::directory;

/// A folder of its own, gone at the end of the scope.
struct folder {
    fs::path path = fs::temp_directory_path() / joined("espalier_mesh_", std::random_device{}(), "_", std::random_device{}());
    ~folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    [[nodiscard]] directory place() const { return directory{path}; }
};

/// Every tensor in the safetensors files below a folder, in name order, and the files that it stands in.
struct stored {
    std::vector<std::byte> bytes;
    std::vector<std::string> files;
};
std::map<std::string, stored> tensors_below(fs::path const& path) {
    std::map<std::string, stored> all;
    for (auto const& entry : fs::recursive_directory_iterator{path}) {
        if (entry.path().extension() != ".safetensors") continue;
        checkpoint::safetensors_file const file{entry.path()};
        for (auto const& name : file.names()) {
            auto const bytes = file.bytes(name);
            all[name].bytes.assign(bytes.begin(), bytes.end());
            all[name].files.push_back(entry.path().filename().string());
        }
    }
    return all;
}

std::vector<espalier_test::mesh_layout<directory>> const layouts = {
    layout_of<mesh_model, data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<3>, buckets<3>>, directory>("shards of everything", 3),
    layout_of<mesh_model, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<1>>, pipeline<2, interleaved<2>>>, directory>("interleaved", 4),
    layout_of<mesh_model, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<2>>, pipeline<3, zb_h1>>, directory>("zb_h1", 6),
};
constexpr fit_options seven_steps{.epochs = 9, .steps = 7};  // one epoch is judged: there are best weights
}  // namespace

TEST_CASE("a mesh writes each tensor once, in one piece, with the bytes that one rank writes") {
    folder const alone;
    (void)layout_of<mesh_model, data_parallel<lanes<4>, micro_batches<2>, samples<3>>, directory>("alone", 1).run(1, alone.place(), seven_steps);
    auto const expected = tensors_below(alone.path);
    CHECK(expected.size() == 4 * 8);  // four layers with weight and bias: weights, two moments, best weights
    for (auto const& layout : layouts) {
        INFO(layout.name);
        folder const mine;
        (void)layout.run(layout.ranks, mine.place(), seven_steps);
        auto const found = tensors_below(mine.path);
        CHECK(found.size() == expected.size());
        std::vector<std::string> files;
        for (auto const& [name, tensor] : found) {
            INFO(name);
            CHECK(tensor.files.size() == 1);
            REQUIRE(expected.contains(name));
            CHECK(tensor.bytes == expected.at(name).bytes);
            files.push_back(tensor.files[0]);
        }
        std::sort(files.begin(), files.end());
        CHECK(std::unique(files.begin(), files.end()) - files.begin() == layout.ranks);  // every rank has a share of the work
    }
}

TEST_CASE("a directory carries a run from mesh to mesh") {
    fit_options const options{.epochs = 4};
    auto const whole = layouts[1].run(2, folder{}.place(), options);
    folder const run;
    for (std::int64_t step : {3, 8, 13, 18}) {
        auto const& layout = layouts[static_cast<std::size_t>(step) % layouts.size()];
        INFO(layout.name);
        CHECK(layout.run(layout.ranks, run.place(), {.epochs = 4, .steps = step}).steps == step);
    }
    CHECK(layouts[0].run(2, run.place(), options) == whole);
}

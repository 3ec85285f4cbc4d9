// SPDX-License-Identifier: BSL-1.0
/// @file
/// Files of ranks that share layers: put together they are the file of one rank, and a directory carries a run from layout to layout. The same
/// without files, and with validation, is tensor_checkpoint_test.cpp.
#include "support/catch.hpp"
#include "support/mesh_problem.hpp"

#include <espalier/checkpoint/directory.hpp>
#include <espalier/checkpoint/newest_weights.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/lstm.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <stdexcept>

using namespace espalier;
using checkpoint::directory;
namespace fs = std::filesystem;

namespace {
/// Gates in four groups, a dense layer by outputs, one by inputs, and a bias that is whole.
using layers      = sequence<lstm<lstm_shape{.steps = 3, .inputs = 2, .units = 8}>, last_step, linear<8, 12>, relu, linear<12, 1>>;
using cut_model   = model<layers, mean_squared_error, adamw>;
template <int T, class... Data>
using four_slices = mesh<data_parallel<lanes<4>, samples<3>, Data...>, tensor_parallel<T, exact<4>>>;

/// The samples of the mesh problem as three steps of two features.
in_memory<float> const& training() {
    static in_memory<float> const all = [] {
        auto const flat = espalier_test::mesh_problem(60);
        std::vector<float> x(60 * 6), y(60);
        std::vector<std::int64_t> every(60);
        for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::int64_t>(i);
        flat.gather(every, x.data(), y.data());
        return in_memory<float>{dims(3, 2), dims(1), std::move(x), std::move(y)};
    }();
    return all;
}

/// A folder of its own, gone at the end of the scope.
struct folder {
    fs::path path = fs::temp_directory_path() / joined("espalier_tensor_", std::random_device{}(), "_", std::random_device{}());
    ~folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    [[nodiscard]] directory place() const { return directory{path}; }
};

/// Goes on from where the folder is to so many steps in all, and saves.
/// @return the hash of the weights, put together from the parts of all ranks
template <class P>
std::string train_to(std::int64_t steps, int ranks, folder const& run) {
    using trainer_type = trainer<cut_model, P, threads, directory>;
    std::vector<std::string> hash(static_cast<std::size_t>(ranks));
    launch<trainer_type>(ranks, [&](threads& world) {
        trainer_type t{world, {.seed = 3, .learning_rate = 1e-2, .clip_norm = 1}, run.place()};
        t.resume();
        t.fit(training(), {.epochs = 100, .steps = steps});
        hash[static_cast<std::size_t>(world.rank())] = checkpoint::weights_hash(t.weights());
    });
    if (std::count(hash.begin(), hash.end(), hash[0]) != ranks) throw std::runtime_error{"ranks end with unlike weights"};
    return hash[0];
}

/// The tensors of the one file that one rank writes: weights, and moments.
std::map<std::string, std::vector<std::byte>> tensors_of_one_file(folder const& run) {
    std::map<std::string, std::vector<std::byte>> all;
    int files = 0;
    for (auto const& entry : fs::recursive_directory_iterator{run.path}) {
        if (entry.path().extension() != ".safetensors") continue;
        ++files;
        checkpoint::safetensors_file const file{entry.path()};
        for (auto const& name : file.names()) {
            auto const bytes = file.bytes(name);
            all[name].assign(bytes.begin(), bytes.end());
        }
    }
    CHECK(files == 1);
    return all;
}
}  // namespace

TEST_CASE("weights put together from the files of ranks that share layers are those of one rank's file, byte by byte") {
    folder const alone, four, eight;
    auto const hash = train_to<four_slices<1>>(7, 1, alone);
    CHECK(train_to<four_slices<4>>(7, 4, four) == hash);
    CHECK(train_to<four_slices<2, zero<3>>>(7, 8, eight) == hash);
    auto const expected = tensors_of_one_file(alone);
    for (folder const* shared : {&four, &eight}) {
        auto const together = checkpoint::newest_weights<layers>(shared->place());
        auto const file     = checkpoint::safetensors_view::parse(together.bytes, "weights put together");
        CHECK(file.names().size() == 8);  // an LSTM has four tensors, two dense layers two each
        for (auto const& name : file.names()) {
            INFO(name);
            auto const bytes = file.bytes(name);
            REQUIRE(expected.contains(name));
            CHECK(std::vector<std::byte>(bytes.begin(), bytes.end()) == expected.at(name));
        }
    }
    // One rank takes what four wrote, moments and all, and writes the file that it would have written itself.
    CHECK(train_to<four_slices<1>>(9, 1, four) == train_to<four_slices<1>>(9, 1, alone));
    folder const straight;
    CHECK(train_to<four_slices<1>>(9, 1, straight) == train_to<four_slices<1>>(9, 1, alone));
}

TEST_CASE("a directory carries a run from four ranks that share layers to two, to one, to replicas, with the bits of one that stayed") {
    folder const stayed, moved;
    CHECK(train_to<four_slices<4>>(3, 4, moved) == train_to<four_slices<1>>(3, 1, stayed));
    CHECK(train_to<four_slices<2, zero<3>>>(6, 4, moved) == train_to<four_slices<1>>(6, 1, stayed));
    CHECK(train_to<four_slices<1>>(9, 1, moved) == train_to<four_slices<1>>(9, 1, stayed));
    CHECK(train_to<four_slices<1>>(12, 2, moved) == train_to<four_slices<1>>(12, 1, folder{}));
    CHECK(train_to<four_slices<4>>(15, 8, moved) == train_to<four_slices<1>>(15, 1, folder{}));
}

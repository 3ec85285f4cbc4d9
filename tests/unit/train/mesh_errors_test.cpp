// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_problem.hpp"

#include <limits>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::mesh_model;
using espalier_test::mesh_problem;
using espalier_test::text_of_error;

namespace {
/// Data with one value that is not a number.
struct poisoned {
    in_memory<float> clean;
    std::int64_t bad;
    bool in_target;
    [[nodiscard]] std::int64_t size() const { return clean.size(); }
    [[nodiscard]] shape input() const { return clean.input(); }
    [[nodiscard]] shape target() const { return clean.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        clean.gather(samples, x, y);
        for (std::size_t i = 0; i < samples.size(); ++i)
            if (samples[i] == bad) (in_target ? y[i] : x[6 * i + 2]) = std::numeric_limits<T>::quiet_NaN();
    }
};

template <class P, class Data>
std::string error_of_fit(int ranks, Data const& data, training_settings<adamw> const& settings = {.seed = 9}) {
    using trainer_type = trainer<mesh_model, P, threads, checkpoint::none>;
    return text_of_error([&] {
        launch<trainer_type>(ranks, [&](threads& world) {
            trainer_type t{world, settings};
            t.fit(data, {.epochs = 20});
        });
    });
}

/// The same from given weights, one step.
template <class P>
std::string error_with_weights(int ranks, std::vector<std::byte> const& file) {
    using trainer_type = trainer<mesh_model, P, threads, checkpoint::none>;
    return text_of_error([&] {
        launch<trainer_type>(ranks, [&](threads& world) {
            trainer_type t{world, {.seed = 9}};
            t.set_weights(checkpoint::safetensors_view::parse(file, "weights"));
            t.train_step(mesh_problem(24));
        });
    });
}

using in_buckets      = data_parallel<lanes<4>, micro_batches<2>, samples<3>, buckets<3>>;
using in_two_stages   = mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<1>>, pipeline<2, zb_h1, cut_at<3>>>;
using in_three_stages = mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>>, pipeline<3, one_f_one_b, cut_at<2, 4>>>;
using in_chunks       = mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>>, pipeline<2, interleaved<2>, cut_at<1, 3, 4>>>;

/// Where the value is in lane 2 of step 3: its second micro-batch, the second of three samples.
poisoned data_with_a_bad(bool in_target) {
    permutation const order{96, random_key{9, "order"}, 0};
    return {mesh_problem(96), order(2 * 24 + 2 * 6 + 3 + 1), in_target};
}
}  // namespace

TEST_CASE("a target that is not a number stops every rank of a pipeline with step and lane") {
    for (auto const& text : {error_of_fit<in_two_stages>(4, data_with_a_bad(true)), error_of_fit<in_three_stages>(3, data_with_a_bad(true)),
                             error_of_fit<in_chunks>(4, data_with_a_bad(true))})
        CHECK_THAT(text, ContainsSubstring("espalier: trainer: requires a finite loss; got one that is not, first in the target, at step 3, lane 2."));
}

TEST_CASE("an input that is not a number is reported by the last stage as what it was sent: the output of a layer that it names") {
    auto const from_layer = [](int layer) { return joined("first in the output of layer ", layer, " (\"", layer, "\"), at step 3, lane 2."); };
    CHECK_THAT(error_of_fit<in_two_stages>(4, data_with_a_bad(false)), ContainsSubstring(from_layer(2)));
    CHECK_THAT(error_of_fit<in_three_stages>(6, data_with_a_bad(false)), ContainsSubstring(from_layer(3)));
    CHECK_THAT(error_of_fit<in_chunks>(2, data_with_a_bad(false)), ContainsSubstring(from_layer(3)));
    CHECK_THAT(error_of_fit<in_buckets>(3, data_with_a_bad(false)), ContainsSubstring("first in the input, at step 3, lane 2."));
}

TEST_CASE("weights that overflow are reported with the layer whose output overflows first, in whichever bucket or stage it is") {
    std::vector<float> weights(static_cast<std::size_t>(network<espalier_test::mesh_network>::tensors.elements), 0.0f);
    auto const fill = [&](std::size_t tensor, float value) {
        auto const& t = network<espalier_test::mesh_network>::tensors.item[tensor];
        std::fill_n(weights.data() + t.offset, t.extents.elements(), value);
    };
    auto const file = [&] { return checkpoint::to_safetensors(checkpoint::tensors_of<espalier_test::mesh_network>(weights.data())); };
    fill(3, 1.0f);   // the bias of layer 2: 200 values of tanh 1 reach layer 4,
    fill(4, 3e38f);  // whose sums are beyond the largest float
    for (auto const& text : {error_with_weights<in_buckets>(2, file()), error_with_weights<in_three_stages>(3, file())})
        CHECK_THAT(text, ContainsSubstring("first in the output of layer 4 (\"4\"), at step 1, lane "));
    fill(0, 3e38f);  // the first layer, whose sums of six features are beyond it too, in the first of three buckets
    CHECK_THAT(error_with_weights<in_buckets>(2, file()), ContainsSubstring("first in the output of layer 0 (\"0\"), at step 1, lane "));
}

TEST_CASE("a mesh refuses data of another shape, or that do not fill a step, as one rank does") {
    in_memory<float> const wide{dims(7), dims(1), std::vector<float>(7 * 48), std::vector<float>(48)};
    CHECK(error_of_fit<in_two_stages>(2, wide) ==
          "espalier: trainer: requires samples of input (6) and target (1); got input (7) and target (1). Change the network's first layer or the "
          "windows of the data. See docs/policies/model.md.");
    CHECK(error_of_fit<in_three_stages>(3, mesh_problem(23)) ==
          "espalier: trainer: requires data that fill a step: 4 lanes × 2 micro-batches × 3 samples = 24; got 23 samples. Give more data, or take fewer "
          "lanes, micro-batches or samples. See docs/policies/partition.md.");
}

TEST_CASE("a world that is no multiple of the stages, or too large, is refused with the numbers on every rank's behalf") {
    CHECK(error_of_fit<in_two_stages>(3, mesh_problem(48)) ==
          "espalier: mesh: requires a multiple of 2 ranks, one for each stage of the pipeline, up to 8, one lane a replica at least; got a world of 3. "
          "Start 2 ranks, or a multiple of it up to 8. See docs/policies/partition.md.");
    CHECK_THAT(error_of_fit<in_two_stages>(10, mesh_problem(48)), ContainsSubstring("up to 8, one lane a replica at least; got a world of 10."));
    CHECK_THAT(error_of_fit<in_three_stages>(1, mesh_problem(48)), ContainsSubstring("requires a multiple of 3 ranks") && ContainsSubstring("got a world of 1."));
}

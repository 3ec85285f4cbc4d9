// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/gradient_check.hpp"
#include "unit/partition/tensor/own_directions.hpp"
#include "unit/partition/tensor/own_gated.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/checkpoint/weights_hash.hpp>
#include <espalier/comm/launch.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/optim/sgd.hpp>
#include <espalier/partition/mesh.hpp>
#include <espalier/train/trainer.hpp>

#include <cstring>
#include <string>
#include <vector>

using namespace espalier;
using namespace espalier_test;

namespace {

using net     = sequence<linear<4, 8>, gated<8, 6>, linear<6, 8>, directions<8, 6>, linear<6, 2>>;
using fitted  = model<net, mean_squared_error, sgd>;
using data    = data_parallel<lanes<2>, samples<8>>;
using tensor2 = mesh<data, tensor_parallel<2>>;

in_memory<float> const& problem() {
    static in_memory<float> const all = [] {
        std::vector<float> x, y;
        random_key const key{1, "own cut layers"};
        for (std::uint64_t i = 0; i < 64; ++i) {
            float in[4];
            for (int f = 0; f < 4; ++f) x.push_back(in[f] = 2 * to_unit(key.at(i).word[f]) - 1);
            y.push_back(in[0] * in[1]);
            y.push_back(in[2] - in[3]);
        }
        return in_memory<float>{dims(4), dims(2), std::move(x), std::move(y)};
    }();
    return all;
}

std::vector<float> values_of(std::vector<checkpoint::named_tensor> const& tensors) {
    std::vector<float> all;
    for (auto const& t : tensors) {
        all.resize(all.size() + t.bytes.size() / sizeof(float));
        std::memcpy(all.data() + all.size() - t.bytes.size() / sizeof(float), t.bytes.data(), t.bytes.size());
    }
    return all;
}
struct ending {
    std::vector<float> weights;
    double before = 0, after = 0;
};
template <class P>
ending trained_on(int ranks) {
    using trainer_type = trainer<fitted, P, threads, checkpoint::none>;
    ending end;
    launch<trainer_type>(ranks, [&](auto& world) {
        trainer_type t{world, {.seed = 3, .learning_rate = 0.05}};
        double const before = t.evaluate(problem()).loss;
        t.fit(problem(), {.epochs = 40});
        double const after = t.evaluate(problem()).loss;
        auto const all     = values_of(t.weights());
        if (world.rank() == 0) end = {all, before, after};
    });
    return end;
}

}  // namespace

TEST_CASE("layers of a user's own have the gradients that central differences say") {
    auto const e = check_gradients<sequence<linear<4, 8>, gated<8, 6>, linear<6, 8>, directions<8, 6>>>(3);
    CHECK(e.largest > 0.01);
    CHECK(e.weights < 1e-8);
    CHECK(e.input < 1e-8);
}

TEST_CASE("layers of a user's own are cut, and train as they do whole") {
    using piece = tensor2::local_model<fitted>::network_type;
    STATIC_REQUIRE(std::is_same_v<layers_of<piece>, type_list<linear<4, 8>, cut_layer<gated<8, 6, 2>, cut_over<2, 2, false>, entry::whole, exit_of_slices::sliced>,
                                                              cut_layer<linear_rows<6, 8, 2>, cut_over<2, 2, false>, entry::sliced, exit_of_slices::sum>,
                                                              directions<8, 6, cut_over<2, 2, false>>, linear<6, 2>>>);
    auto const whole = trained_on<data>(1), cut = trained_on<tensor2>(2), both = trained_on<tensor2>(4);
    CHECK(whole.after < 0.5 * whole.before);
    CHECK(cut.before == Approx(whole.before).epsilon(1e-5));
    CHECK(cut.after == Approx(whole.after).epsilon(1e-3));
    REQUIRE(cut.weights.size() == whole.weights.size());
    for (std::size_t i = 0; i < whole.weights.size(); ++i) CHECK(cut.weights[i] == Approx(whole.weights[i]).margin(1e-4));
    CHECK(both.weights == cut.weights);  // two replicas of it, to the bit
}

TEST_CASE("a slice that does not exchange by itself has the same bits on one rank and on two") {
    using one = model<sequence<linear<4, 8>, gated<8, 6>, linear<6, 2>>, mean_squared_error, sgd>;
    auto const hash_of_weights = []<class P>(P, int ranks) {
        using trainer_type = trainer<one, P, threads, checkpoint::none>;
        std::string hash;
        launch<trainer_type>(ranks, [&](auto& world) {
            trainer_type t{world, {.seed = 3, .learning_rate = 0.05}};
            t.fit(problem(), {.epochs = 2});
            auto const h = checkpoint::weights_hash(t.weights());
            if (world.rank() == 0) hash = h;
        });
        return hash;
    };
    CHECK(hash_of_weights(mesh<data, tensor_parallel<1, exact<2>>>{}, 1) == hash_of_weights(tensor2{}, 2));
}

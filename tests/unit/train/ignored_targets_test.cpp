// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/espalier.hpp>

#include <cmath>

using namespace espalier;

TEST_CASE("a step whose targets are all left out has no mean: its loss is 0, and the weights stay finite") {
    using net = sequence<linear<4, 8>, relu, linear<8, 3>>;
    in_memory<float> const data{dims(4), dims(1), std::vector<float>(4 * 16, 0.5f), std::vector<float>(16, -1.0f)};
    auto const loss_on = [&]<class Partition>(int ranks, Partition) {
        using trainer_type = trainer<model<net, cross_entropy, adamw>, Partition, threads, checkpoint::none>;
        double loss        = -1;
        bool finite        = true;
        launch<trainer_type>(ranks, [&](threads& world) {
            trainer_type t{world, {.seed = 3, .clip_norm = 1}};
            double const here = t.train_step(data).loss;
            auto const weights = t.weights();
            if (world.rank() != 0) return;
            loss = here;
            for (auto const& w : weights)
                for (std::size_t i = 0; i < w.bytes.size() / 4; ++i) {
                    float value;
                    std::memcpy(&value, w.bytes.data() + 4 * i, 4);
                    finite = finite && std::isfinite(value);
                }
        });
        CHECK(finite);
        return loss;
    };
    CHECK(loss_on(1, data_parallel<lanes<2>, samples<4>>{}) == 0.0);
    CHECK(loss_on(2, mesh<data_parallel<lanes<2>, samples<4>>, pipeline<2>>{}) == 0.0);
}

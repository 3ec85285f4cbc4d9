// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_problem.hpp"

#include <cmath>

using namespace espalier;
using espalier_test::mesh_model;
using espalier_test::mesh_problem;

namespace {
/// Batches of 5: one sample, a part of a batch, fewer batches than replicas, and numbers that do not divide.
constexpr std::int64_t sizes[] = {1, 3, 5, 6, 19, 20, 23, 64};
auto const training = mesh_problem(100);

/// The losses over the first samples of each size after two steps, and the weights after another step, which must not notice.
struct judged {
    std::vector<double> losses;
    std::string weights;
    friend bool operator==(judged const&, judged const&) = default;
};
template <class P, class C = threads>
judged losses_on(int ranks) {
    using trainer_type = trainer<mesh_model, P, C, checkpoint::none>;
    std::vector<judged> seen(static_cast<std::size_t>(ranks));
    launch<trainer_type>(ranks, [&](C& world) {
        trainer_type t{world, {.seed = 4, .learning_rate = 1e-2}};
        auto& mine = seen[static_cast<std::size_t>(world.rank())];
        t.train_step(training);
        t.train_step(training);
        for (std::int64_t n : sizes) mine.losses.push_back(t.evaluate(mesh_problem(n, 200)).loss);
        t.train_step(training);
        mine.weights = checkpoint::weights_hash(t.weights());
    });
    for (auto const& s : seen) CHECK(s == seen[0]);
    return seen[0];
}
judged const& on_one_rank() {
    static judged const j = losses_on<data_parallel<lanes<4>, samples<5>>, self>(1);
    return j;
}
}  // namespace

TEST_CASE("an evaluation gives every rank of every mesh the bits of one rank, whatever the number of samples") {
    CHECK(losses_on<data_parallel<lanes<4>, samples<5>, zero<3>, buckets<3>>>(3) == on_one_rank());
    CHECK(losses_on<mesh<data_parallel<lanes<4>, samples<5>>, pipeline<3, gpipe>>>(3) == on_one_rank());
    CHECK(losses_on<mesh<data_parallel<lanes<4>, samples<5>>, pipeline<2, zb_h1>>>(6) == on_one_rank());
    CHECK(losses_on<mesh<data_parallel<lanes<4>, samples<5>, zero<3>>, pipeline<2, interleaved<3>>>>(8) == on_one_rank());
}

TEST_CASE("the loss that is measured is the mean of squares, as computed in double precision from the weights") {
    using trainer_type = trainer<mesh_model, mesh<data_parallel<lanes<4>, samples<5>>, pipeline<2, one_f_one_b>>, threads, checkpoint::none>;
    auto const data    = mesh_problem(23, 200);
    std::vector<float> x(23 * 6), y(23);
    for (std::int64_t i = 0; i < 23; ++i) data.gather(std::span{&i, 1}, x.data() + 6 * i, y.data() + i);
    launch<trainer_type>(4, [&](threads& world) {
        trainer_type t{world, {.seed = 4}};
        auto const weights = t.weights();
        double sum         = 0;
        for (std::size_t i = 0; i < 23; ++i) {
            std::vector<double> h(x.begin() + static_cast<std::ptrdiff_t>(6 * i), x.begin() + static_cast<std::ptrdiff_t>(6 * i + 6));
            for (std::size_t layer = 0; layer < 4; ++layer) {
                auto const* const w = reinterpret_cast<float const*>(weights[2 * layer].bytes.data());
                auto const* const b = reinterpret_cast<float const*>(weights[2 * layer + 1].bytes.data());
                std::vector<double> out(weights[2 * layer + 1].bytes.size() / sizeof(float));
                for (std::size_t k = 0; k < out.size(); ++k) {
                    out[k] = static_cast<double>(b[k]);
                    for (std::size_t c = 0; c < h.size(); ++c) out[k] += static_cast<double>(w[k * h.size() + c]) * h[c];
                    if (layer == 0) out[k] = std::max(out[k], 0.0);
                    if (layer == 1) out[k] = std::tanh(out[k]);
                }
                h = out;
            }
            sum += (h[0] - static_cast<double>(y[i])) * (h[0] - static_cast<double>(y[i]));
        }
        auto const measured = t.evaluate(data);
        if (measured.samples != 23 || std::abs(measured.loss - sum / 23) > 1e-5 * sum / 23)
            throw std::runtime_error{joined("measured ", measured.loss, ", expected ", sum / 23)};
    });
}

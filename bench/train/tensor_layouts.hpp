// SPDX-License-Identifier: BSL-1.0
/// @file
/// A BERT in training under several layouts, in turns: the layouts of two ranks, and the figures of each. Where the ranks come from, the
/// programs say.
#pragma once

#include "support/problem.hpp"
#include "support/report.hpp"
#include "support/timed.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/models/bert.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/mesh.hpp>
#include <espalier/train/trainer.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// The encoder of BERT-base with two of its layers, over 128 steps of 9 values. Every step has 16 samples, however a layout deals them.
inline constexpr espalier::bert_shape bert_of_two_layers{.features = 9, .steps = 128, .hidden = 768, .layers = 2, .heads = 12};
inline constexpr int samples_a_step = 16;
inline constexpr double tokens_a_step = samples_a_step * bert_of_two_layers.steps;
using bert_of_two_layers_model = espalier::model<espalier::bert_regressor<bert_of_two_layers>, espalier::mean_squared_error, espalier::adamw>;

[[nodiscard]] inline espalier::in_memory<float> sequences_to_train_on() {
    return random_sequences(16 * samples_a_step, bert_of_two_layers.steps, bert_of_two_layers.features);
}

/// How long is measured.
struct layout_options {
    long turns, steps;
    explicit layout_options(arguments& args) : turns{args.number("--turns", 9)}, steps{args.number("--steps", 1)} {}
    /// What --help says of them.
    static constexpr char const* usage = "  --turns N   how often each is run, after a turn that is not counted (9); 0: that turn alone\n"
                                         "  --steps N   steps in a turn (1)\n"
                                         "  --json      one JSON object a line\n";
};

/// A layout on one of its ranks: a step of it gives the loss.
struct trained_layout {
    std::string name;
    std::int64_t bytes;  ///< of this rank's plan
    std::function<double()> step;
};

/// Messages inside a pass through layers are exchanges of the tensor axis; all others stand on the other side of the account.
template <class Partition, class World>
[[nodiscard]] trained_layout train_under(std::string name, World& world, espalier::in_memory<float> const& data) {
    using trainer_type = espalier::trainer<bert_of_two_layers_model, Partition, World, espalier::checkpoint::none>;
    auto const t       = std::make_shared<trainer_type>(world, espalier::training_settings<espalier::adamw>{.seed = 7, .learning_rate = 1e-4});
    return {std::move(name), t->plan().memory.bytes(), [t, &world, &data] {
                return t->train_step(data, [&](espalier::action const& a) { world.inside().side = espalier::computes(a.kind) ? 0 : 1; }).loss;
            }};
}

/// Data, pipeline and tensor axes of two ranks; the first and the third are what the others are set beside.
template <class World>
[[nodiscard]] std::vector<trained_layout> layouts_of_two_ranks(World& world, espalier::in_memory<float> const& data) {
    using namespace espalier;
    using halves = data_parallel<lanes<2>, samples<samples_a_step / 2>>;
    using parts  = data_parallel<lanes<8>, samples<samples_a_step / 8>>;
    return {train_under<halves>("data 2", world, data), train_under<mesh<parts, pipeline<2>>>("pipeline 2", world, data),
            train_under<mesh<halves, tensor_parallel<2>>>("tensor 2", world, data),
            train_under<mesh<halves, tensor_parallel<2, sequence_parallel>>>("tensor 2, steps too", world, data),
            train_under<mesh<halves, tensor_parallel<2, exact<4>>>>("tensor 2, exact<4>", world, data)};
}

/// Trains all layouts in turns and gives a row of each.
/// @par Ranks     collective over `world`
/// @param beside  layouts whose time is shown over that of each, turn by turn
/// @param out     of rank 0; none on the others
/// @return on rank 0, whether all layouts have the loss of the first, within 1e-4 of it
template <class World>
[[nodiscard]] bool measure_layouts(World& world, std::vector<trained_layout> const& all, std::vector<std::size_t> const& beside, layout_options const& o,
                                   report* out) {
    struct figures {
        std::vector<double> seconds, exchanges, others;
        double loss = 0;
    };
    std::vector<figures> of(all.size());
    for (long turn = 0; turn <= o.turns; ++turn)
        for (std::size_t i = 0; i < all.size(); ++i) {
            world.barrier();
            world.inside().seconds = {};
            double seconds         = seconds_of([&] {
                for (long s = 0; s < o.steps; ++s) of[i].loss = all[i].step();
            });
            auto inside = world.inside().seconds;
            world.all_reduce(&seconds, &seconds, std::int64_t{1}, espalier::maximum{});
            world.all_reduce(inside.data(), inside.data(), std::int64_t{2}, espalier::sum{});
            if (turn == 0 && o.turns > 0) continue;
            of[i].seconds.push_back(seconds);
            of[i].exchanges.push_back(inside[0] / seconds / world.size());
            of[i].others.push_back(inside[1] / seconds / world.size());
        }
    bool same = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::int64_t bytes = all[i].bytes;
        world.all_reduce(&bytes, &bytes, std::int64_t{1}, espalier::maximum{});
        if (out == nullptr) continue;
        double const seconds = median(of[i].seconds) / static_cast<double>(o.steps);
        bool const agrees    = std::abs(of[i].loss - of[0].loss) <= 1e-4 * std::abs(of[0].loss);
        same                 = same && agrees;
        report::row row{{"layout", all[i].name}, {"ms a step", seconds * 1e3}, {"tokens/s", tokens_a_step / seconds}};
        for (std::size_t b : beside) {
            std::vector<double> ratios;
            for (std::size_t turn = 0; turn < of[i].seconds.size(); ++turn) ratios.push_back(of[b].seconds[turn] / of[i].seconds[turn]);
            row[all[b].name + " / it"] = median(ratios);
        }
        if (world.size() > 1) row["in exchanges"] = median(of[i].exchanges), row["in other messages"] = median(of[i].others);
        row["MB a rank"] = static_cast<double>(bytes) * 1e-6;
        row["loss"]      = agrees ? "the same" : "DIFFERENT";
        out->add(row);
    }
    return same;
}

}  // namespace bench

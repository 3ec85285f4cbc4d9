// SPDX-License-Identifier: BSL-1.0
#include "equivalence/layouts/cut_reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

using namespace espalier;

namespace espalier_test {

namespace {

using tested = reference_run::tested;

[[nodiscard]] std::vector<float> values_of(checkpoint::named_tensor const& t) {
    std::vector<float> values(t.bytes.size() / sizeof(float));
    std::memcpy(values.data(), t.bytes.data(), t.bytes.size());
    return values;
}

template <class Partition>
[[nodiscard]] reference_run run_alone() {
    using alone     = trainer<typename tested::type, Partition, self, checkpoint::none>;
    auto const data = tested::data();
    reference_run run;
    self world;
    alone first{world, {.seed = reference_run::seed, .optimizer = {{}, true}}};
    first.train_step(data);
    for (auto const& t : first.weights()) run.gradients.emplace_back(t.name, values_of(t));
    alone all{world, {.seed = reference_run::seed, .learning_rate = tested::rate, .clip_norm = tested::clip_norm}};
    for (std::int64_t s = 0; s < reference_run::steps; ++s) run.losses.push_back(all.train_step(data).loss);
    run.hash = checkpoint::weights_hash(all.weights());
    return run;
}

[[nodiscard]] double norm_of(std::vector<float> const& values) {
    double squares = 0;
    for (float v : values) squares += static_cast<double>(v) * static_cast<double>(v);
    return std::sqrt(squares);
}

}  // namespace

reference_run uncut_run() { return run_alone<step_of_4_lanes<>>(); }
reference_run four_slices_run() { return run_alone<mesh<step_of_4_lanes<>, tensor_parallel<1, exact<4>>>>(); }

double largest_difference(reference_run const& reference, std::vector<checkpoint::named_tensor> const& gradients) {
    double whole = 0, largest = 0;
    for (auto const& [name, values] : reference.gradients) whole = std::hypot(whole, norm_of(values));
    for (auto const& [name, values] : reference.gradients) {
        auto const mine = std::find_if(gradients.begin(), gradients.end(), [&](auto const& t) { return t.name == name; });
        if (mine == gradients.end()) return INFINITY;
        std::vector<float> off = values_of(*mine);
        if (off.size() != values.size()) return INFINITY;
        std::transform(off.begin(), off.end(), values.begin(), off.begin(), std::minus<>{});
        largest = std::max(largest, norm_of(off) / (norm_of(values) + whole / 100));
    }
    return largest;
}

}  // namespace espalier_test

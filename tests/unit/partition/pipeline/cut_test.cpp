// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/partition/pipeline/cut.hpp>

#include <algorithm>
#include <utility>
#include <vector>

using namespace espalier;

namespace {
/// A layer that only says what it costs.
template <int Cost>
struct priced {
    static constexpr shape input() { return dims(1); }
    static constexpr bool takes(shape) { return true; }
    static constexpr shape gives(shape in) { return in; }
    static constexpr parameter_list<0> parameters(shape) { return {}; }
    static constexpr std::int64_t cost(shape) { return Cost; }
};

/// The cheapest most expensive stage over all cuts of cost[first …] into `stages` stages of at least one layer.
std::int64_t cheapest(std::vector<int> const& cost, std::size_t first, int stages) {
    std::int64_t sum = 0, best = -1;
    for (std::size_t end = first + 1; end <= cost.size(); ++end) {
        sum += cost[end - 1];
        if (stages == 1 ? end != cost.size() : cost.size() - end < static_cast<std::size_t>(stages - 1)) continue;
        std::int64_t const rest  = stages == 1 ? 0 : cheapest(cost, end, stages - 1);
        std::int64_t const worst = std::max(sum, rest);
        best                     = best < 0 ? worst : std::min(best, worst);
    }
    return best;
}

template <int Stages, int... Costs>
void is_balanced() {
    constexpr stage_cut<sequence<priced<Costs>...>, Stages> cut;
    std::vector<int> const cost{Costs...};
    INFO(sizeof...(Costs) << " layers, " << Stages << " stages");
    std::int64_t worst = 0;
    CHECK(cut.first[0] == 0);
    CHECK(cut.first[Stages] == static_cast<int>(sizeof...(Costs)));
    for (int s = 0; s < Stages; ++s) {
        REQUIRE(cut.first[s] < cut.first[s + 1]);
        std::int64_t sum = 0;
        for (int i = cut.first[s]; i < cut.first[s + 1]; ++i) sum += cost[static_cast<std::size_t>(i)];
        worst = std::max(worst, sum);
    }
    CHECK(cut.largest == worst);
    CHECK(worst == cheapest(cost, 0, Stages));
}

template <int... Costs>
void is_balanced_for_every_number_of_stages() {
    constexpr int most = static_cast<int>(sizeof...(Costs)) < 5 ? static_cast<int>(sizeof...(Costs)) : 5;
    auto const each = []<int... S>(std::integer_sequence<int, S...>) { (is_balanced<S + 1, Costs...>(), ...); };
    each(std::make_integer_sequence<int, most>{});
}
}  // namespace

TEST_CASE("a cut's most expensive stage is as cheap as in the best of all cuts") {
    is_balanced_for_every_number_of_stages<7>();
    is_balanced_for_every_number_of_stages<3, 9>();
    is_balanced_for_every_number_of_stages<1, 1, 1, 1, 1, 1, 1, 1>();
    is_balanced_for_every_number_of_stages<9, 1, 1, 1, 1, 1, 1, 9>();
    is_balanced_for_every_number_of_stages<100, 1, 2, 3, 4>();
    is_balanced_for_every_number_of_stages<1, 2, 3, 4, 100>();
    is_balanced_for_every_number_of_stages<5, 3, 8, 1, 9, 2, 7>();
    is_balanced_for_every_number_of_stages<0, 0, 6, 0, 6, 0, 0>();
    is_balanced_for_every_number_of_stages<0, 0, 0, 0, 0, 0>();
    is_balanced_for_every_number_of_stages<31, 41, 59, 26, 53, 58, 97, 93>();
}

TEST_CASE("a layer's cost is a multiply-add for each parameter and row, unless it says another") {
    STATIC_REQUIRE(cost_of<linear<50, 32>>(dims(50)) == 50 * 32 + 32);
    STATIC_REQUIRE(cost_of<linear<50, 32>>(dims(60, 50)) == 60 * (50 * 32 + 32));
    STATIC_REQUIRE(cost_of<lstm_layer<60, 2, 50>>(dims(60, 2)) == 60 * (200 * 2 + 200 * 50 + 2 * 200));
    STATIC_REQUIRE(cost_of<relu>(dims(32)) == 0);
    STATIC_REQUIRE(cost_of<priced<17>>(dims(32)) == 17);
}

TEST_CASE("a network of real layers is cut where its shapes change the costs") {
    // Costs: 60 · (8 + 64 + 32) for the first LSTM layer, 60 · (64 + 64 + 32) for the second, next to nothing behind.
    using two_deep = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 4, .layers = 2}>, last_step, linear<4, 1>>;
    constexpr stage_cut<two_deep, 2> cut;
    CHECK(cut.first[1] == 1);
    CHECK(cut.largest == 60 * 160 + 5);
}

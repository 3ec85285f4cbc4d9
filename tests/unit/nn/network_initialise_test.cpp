// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/made_up_cut.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/network.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace espalier;

namespace {
using net_of_lstm = sequence<lstm<lstm_shape{.steps = 6, .inputs = 3, .units = 50}>, last_step, linear<50, 99>, linear<99, 1>>;

/// The initial values of every tensor by its name.
template <class Network, class T = float>
std::map<std::string, std::vector<T>> initial(std::uint64_t seed) {
    auto const& tensors = network<Network>::tensors;
    std::vector<T> w(static_cast<std::size_t>(tensors.elements), T{7});
    initialise<Network>(seed, w.data());
    std::map<std::string, std::vector<T>> out;
    std::int64_t next = 0;
    for (auto const& t : tensors.item) {
        CHECK(std::all_of(w.begin() + next, w.begin() + t.offset, [](T x) { return x == T{0}; }));  // padding of the one before
        next                             = t.offset + t.extents.elements();
        out[std::string{t.name.view()}] = {w.begin() + t.offset, w.begin() + next};
    }
    CHECK(std::all_of(w.begin() + next, w.end(), [](T x) { return x == T{0}; }));
    return out;
}

/// A layer that starts its parameters in every way there is.
struct starts_variously {
    static constexpr std::int64_t n = 10001;
    static constexpr shape input() { return dims(1); }
    static constexpr bool takes(shape) { return true; }
    static constexpr shape gives(shape in) { return in; }
    static constexpr parameter_list<4> parameters(shape) {
        return {{{text{"zeros"}, dims(5), initial_value::zeros()},
                 {text{"ones"}, dims(5), initial_value::ones()},
                 {text{"uniform"}, dims(n), initial_value::uniform(0.25)},
                 {text{"normal"}, dims(n), initial_value::normal(0.02)}}};
    }
};
}  // namespace

TEST_CASE("an LSTM and a linear layer start uniform in ±1/√n as in PyTorch, padding is zero") {
    auto const tensors = initial<net_of_lstm>(3);
    REQUIRE(tensors.size() == 8);
    for (auto const& [name, values] : tensors) {
        double const bound = 1 / std::sqrt(name.rfind("3.", 0) == 0 ? 99.0 : 50.0);
        double largest = 0, sum = 0, squares = 0;
        for (float const x : values) {
            double const v = static_cast<double>(x);
            largest        = std::max(largest, std::abs(v));
            sum += v;
            squares += v * v;
        }
        auto const n = static_cast<double>(values.size());
        INFO(name);
        CHECK(largest <= bound * (1 + 1e-6));
        if (n < 90) continue;
        CHECK(largest > 0.9 * bound);
        CHECK(std::abs(sum / n) < 5 * bound / std::sqrt(3 * n));
        // The variance of x² for a uniform number is 4/45 bound⁴.
        CHECK(std::abs(squares / n - bound * bound / 3) < 5 * bound * bound * std::sqrt(4.0 / 45.0 / n));
    }
}

TEST_CASE("zeros, ones, uniform and normal values are drawn as they are asked for") {
    auto const tensors = initial<starts_variously, double>(1);
    CHECK(tensors.at("zeros") == std::vector<double>(5, 0.0));
    CHECK(tensors.at("ones") == std::vector<double>(5, 1.0));
    double const n = starts_variously::n, five_sigma = 5 / std::sqrt(n);
    double sum = 0, squares = 0, beyond_two = 0;
    for (double const x : tensors.at("normal")) sum += x / 0.02, squares += x * x / 0.0004, beyond_two += std::abs(x) > 0.04;
    CHECK(std::abs(sum / n) < five_sigma);
    CHECK(std::abs(squares / n - 1) < std::sqrt(2.0) * five_sigma);
    CHECK(std::abs(beyond_two / n - std::erfc(std::sqrt(2.0))) < 0.21 * five_sigma);
    auto const [low, high] = std::minmax_element(tensors.at("uniform").begin(), tensors.at("uniform").end());
    CHECK(*low >= -0.25);
    CHECK(*low < -0.249);
    CHECK(*high < 0.25);
    CHECK(*high > 0.249);
}

TEST_CASE("a tensor's start depends on the seed, its name and the element alone") {
    // "0" and "2" keep their names and shapes where a layer between them comes, goes or changes.
    auto const first = initial<sequence<linear<8, 6>, relu, linear<6, 4>>>(3),
               other = initial<sequence<linear<8, 6>, linear<6, 6>, linear<6, 4>>>(3);
    for (char const* name : {"0.weight", "0.bias", "2.weight", "2.bias"}) CHECK(first.at(name) == other.at(name));
    // More rows under the same bound: the elements of the others stay.
    auto const wider = initial<sequence<linear<8, 9>>>(3).at("0.weight");
    CHECK(std::equal(first.at("0.weight").begin(), first.at("0.weight").end(), wider.begin()));
}

TEST_CASE("other seeds and other names give other values, float and double the same up to rounding") {
    using two_equal = sequence<linear<8, 8>, linear<8, 8>>;
    auto const a = initial<two_equal>(3), b = initial<two_equal>(4);
    CHECK(a == initial<two_equal>(3));
    for (auto const& [name, values] : a) CHECK(values != b.at(name));
    CHECK(a.at("0.weight") != a.at("1.weight"));
    CHECK(a.at("0.bias") != a.at("1.bias"));
    auto const precise = initial<two_equal, double>(3);
    for (auto const& [name, values] : a)
        for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(values[i] == static_cast<float>(precise.at(name)[i]));
}

namespace {
/// What a rank of a tensor axis starts with against the whole network's start, element by element, in one range and in many.
template <int K, int T>
void starts_as_the_whole() {
    using local = espalier_test::made_up_network<K, K / T>;
    using whole = espalier_test::made_up_network<1, 1>;
    std::vector<float> all(static_cast<std::size_t>(network<whole>::tensors.elements));
    initialise<whole>(5, all.data());
    std::int64_t const n = network<local>::tensors.elements;
    for (int t = 0; t < T; ++t) {
        std::vector<float> expected;
        for (auto const at : espalier_test::positions_in_whole<local, whole>(t)) expected.push_back(at < 0 ? 0.0f : all[static_cast<std::size_t>(at)]);
        for (std::int64_t const parts : {1, 3, 40}) {
            std::vector<float> mine(expected.size(), 7.0f);
            for (std::int64_t p = 0; p < parts; ++p)
                initialise<local>(5, {n * p / parts, n * (p + 1) / parts}, mine.data() + n * p / parts, {{T, K}, t});
            INFO(K << " slices over " << T << " ranks, rank " << t << ", in " << parts << " ranges");
            CHECK(mine == expected);
        }
    }
}
}  // namespace

TEST_CASE("slices start as the elements of the whole tensor do, to the bit; what they have beyond it is zero") {
    starts_as_the_whole<2, 1>();
    starts_as_the_whole<2, 2>();
    starts_as_the_whole<4, 2>();
    starts_as_the_whole<4, 4>();
    starts_as_the_whole<8, 4>();
}

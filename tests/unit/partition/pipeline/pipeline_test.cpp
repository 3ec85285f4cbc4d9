// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/partition/pipeline/pipeline.hpp>

#include <type_traits>
#include <vector>

using namespace espalier;

namespace {
/// Costs 144, 0, 240, 0, 10 of products; parameters, each tensor rounded up to a multiple of 16: 176, 0, 256, 0, 32.
using net = sequence<linear<6, 24>, relu, linear<24, 10>, tanh_activation, linear<10, 1>>;

template <class Cut, int Chunks>
std::vector<int> borders(detail::balance by = detail::balance::cost) {
    auto const b = detail::cut_of<Cut, net, Chunks>::borders(by);
    return {b.first, b.first + Chunks + 1};
}
template <class Cut, int Chunks>
using misfit = typename detail::cut_of<Cut, net, Chunks>::misfit;
}  // namespace

TEST_CASE("a pipeline is one of one-forward-one-backward, cut where it balances, unless it says otherwise") {
    STATIC_REQUIRE(pipeline<4>::stages == 4);
    STATIC_REQUIRE(std::is_same_v<pipeline<4>::schedule, one_f_one_b>);
    STATIC_REQUIRE(std::is_same_v<pipeline<4>::cut, balanced>);
    STATIC_REQUIRE(std::is_same_v<pipeline<2, zb_h1, cut_at<3>>::schedule, zb_h1>);
    STATIC_REQUIRE(std::is_same_v<pipeline<2, zb_h1, cut_at<3>>::cut, cut_at<3>>);
}

TEST_CASE("chunks of stages balance costs, and buckets the elements of parameters") {
    CHECK(borders<balanced, 1>() == std::vector<int>{0, 5});
    auto const two = borders<balanced, 2>();
    CHECK((two == std::vector<int>{0, 1, 5} || two == std::vector<int>{0, 2, 5}));  // 144 against 240 + 10
    CHECK(borders<balanced, 5>() == std::vector<int>{0, 1, 2, 3, 4, 5});
    auto const buckets = borders<balanced, 3>(detail::balance::parameters);  // 176, 256 and 32: the largest alone
    CHECK(buckets[1] >= 1);
    CHECK(buckets[1] <= 2);
    CHECK(buckets[2] >= 3);
    CHECK(buckets[2] <= 4);
}

TEST_CASE("chunks begin at the layers that a cut names, whatever they cost") {
    CHECK(borders<cut_at<4>, 2>() == std::vector<int>{0, 4, 5});
    CHECK(borders<cut_at<1, 2, 3, 4>, 5>(detail::balance::parameters) == std::vector<int>{0, 1, 2, 3, 4, 5});
    CHECK(borders<cut_at<>, 1>() == std::vector<int>{0, 5});
}

TEST_CASE("a cut that fits has no misfit; the first reason is named where it does not") {
    STATIC_REQUIRE(std::is_void_v<misfit<balanced, 5>>);
    STATIC_REQUIRE(std::is_void_v<misfit<cut_at<1, 4>, 3>>);
    STATIC_REQUIRE(std::is_same_v<misfit<balanced, 6>, detail::chunks_have_layers<net, 6>>);
    STATIC_REQUIRE(std::is_same_v<misfit<cut_at<1, 2, 3, 4, 5>, 6>, detail::chunks_have_layers<net, 6>>);
    STATIC_REQUIRE(std::is_same_v<misfit<cut_at<1, 4>, 2>, detail::cut_names_each_chunk<cut_at<1, 4>, 2>>);
    STATIC_REQUIRE(std::is_same_v<misfit<cut_at<1>, 4>, detail::cut_names_each_chunk<cut_at<1>, 4>>);
    STATIC_REQUIRE(std::is_same_v<misfit<cut_at<4, 1>, 3>, detail::cut_rises<cut_at<4, 1>, 5>>);
    STATIC_REQUIRE(std::is_same_v<misfit<cut_at<2, 2>, 3>, detail::cut_rises<cut_at<2, 2>, 5>>);
    STATIC_REQUIRE(std::is_same_v<misfit<cut_at<0>, 2>, detail::cut_rises<cut_at<0>, 5>>);
    STATIC_REQUIRE(std::is_same_v<misfit<cut_at<5>, 2>, detail::cut_rises<cut_at<5>, 5>>);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/made_up_cut.hpp"

#include <espalier/nn/common_runs.hpp>

#include <vector>

using namespace espalier;
using espalier_test::made_up_network;
using espalier_test::positions_in_whole;

namespace {
using whole = made_up_network<1, 1>;

/// Where each element of a range lies in the whole network's array; −1: nowhere.
template <class Local>
std::vector<std::int64_t> found(flat_range held, tensor_place const& at) {
    std::vector<std::int64_t> out(static_cast<std::size_t>(held.last - held.first), -1);
    for_each_common_run<Local, whole>(held, at, [&](std::int64_t from, std::int64_t to, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i) out.at(static_cast<std::size_t>(from + i)) = to + i;
    });
    return out;
}

/// Ranges of all lengths and places: element by element the same as what is counted.
template <int K, int T>
void agrees() {
    using local      = made_up_network<K, K / T>;
    std::int64_t const n = network<local>::tensors.elements;
    for (int t = 0; t < T; ++t) {
        auto const expected = positions_in_whole<local, whole>(t);
        for (std::int64_t const parts : {1, 2, 7, 50})
            for (std::int64_t p = 0; p < parts; ++p) {
                flat_range const held{n * p / parts, n * (p + 1) / parts};
                INFO(K << " slices over " << T << " ranks, rank " << t << ", elements " << held.first << " to " << held.last);
                CHECK(found<local>(held, {{T, K}, t}) == std::vector<std::int64_t>(expected.begin() + held.first, expected.begin() + held.last));
            }
    }
}
}  // namespace

TEST_CASE("any range of a rank's flat array finds its elements in the whole network's") {
    agrees<1, 1>();
    agrees<4, 1>();
    agrees<4, 2>();
    agrees<4, 4>();
    agrees<8, 8>();
}

TEST_CASE("an empty range has nothing in common") {
    CHECK(found<made_up_network<4, 2>>({100, 100}, {{2, 4}, 1}).empty());
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/rows_by_key.hpp>

#include <cstdint>
#include <vector>

using namespace espalier;

namespace {
std::vector<std::int64_t> drawn_keys(std::int64_t rows, std::uint32_t keys) {
    random_key const draw{3, "keys"};
    std::vector<std::int64_t> k(static_cast<std::size_t>(rows));
    for (std::size_t i = 0; i < k.size(); ++i) k[i] = draw.at(i).word[0] % keys;
    return k;
}
template <class T>
std::vector<T> drawn_rows(std::int64_t n) {
    random_key const draw{3, "rows"};
    std::vector<T> x(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(to_unit(draw.at(i).word[0])) - T{0.5};
    return x;
}
}  // namespace

TEMPLATE_TEST_CASE("rows are added to the row of their key in rising order, to the bit, without a write beyond the workspace", "", float, double) {
    using T = TestType;
    for (std::int64_t rows : {0, 1, 2, 17, 500})
        for (std::uint32_t keys : {1u, 2u, 7u, 30522u}) {
            std::int64_t const cols = 5;
            auto const key          = drawn_keys(rows, keys);
            auto const x            = drawn_rows<T>(rows * cols);
            std::vector<T> expected(keys * std::size_t{5}, T{0.25}), sums = expected;
            for (std::size_t r = 0; r < key.size(); ++r)
                for (std::size_t j = 0; j < 5; ++j) expected[static_cast<std::size_t>(key[r]) * 5 + j] += x[r * 5 + j];
            auto const size = static_cast<std::size_t>(math::key_workspace(rows));
            std::vector<T> workspace(size + 64, T{3});
            math::add_rows_by_key(rows, cols, [&](std::int64_t r) { return key[static_cast<std::size_t>(r)]; }, x.data(), sums.data(), workspace.data());
            CAPTURE(rows, keys);
            CHECK(sums == expected);
            for (std::size_t i = size; i < workspace.size(); ++i) REQUIRE(workspace[i] == T{3});
        }
}

TEMPLATE_TEST_CASE("a row without a key is left out, and the others are added as ever", "", float, double) {
    using T                 = TestType;
    std::int64_t const rows = 100, cols = 5;
    auto const key          = drawn_keys(rows, 7);
    auto const x            = drawn_rows<T>(rows * cols);
    for (std::int64_t const without : {0, 3, 6, 7}) {  // keys below are -1, -2, ...; with 7 every row is without
        std::vector<T> expected(7 * std::size_t{5}, T{0.25}), sums = expected, workspace(static_cast<std::size_t>(math::key_workspace(rows)));
        auto const kept = [&](std::int64_t r) { return key[static_cast<std::size_t>(r)] - without; };
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t j = 0; j < cols; ++j)
                if (kept(r) >= 0) expected[static_cast<std::size_t>(kept(r) * cols + j)] += x[static_cast<std::size_t>(r * cols + j)];
        math::add_rows_by_key(rows, cols, kept, x.data(), sums.data(), workspace.data());
        CAPTURE(without);
        CHECK(sums == expected);
    }
}

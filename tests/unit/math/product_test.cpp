// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/product.hpp>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

using namespace espalier;
using math::product_shape;

namespace {

/// A scalar with a back-end; where this build lacks the back-end, the built-in one stands in for it.
template <class T, class Backend>
struct with {
    using scalar  = T;
    using backend = std::conditional_t<math::has_product<T, Backend>, Backend, math::builtin>;
};

template <class T>
std::vector<T> numbers(std::int64_t n, std::string_view purpose) {
    random_key const key{1, purpose};
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(to_unit(key.at(i).word[0]) - 0.5f);
    return v;
}

/// The largest error of c in units of (k + 2) · epsilon · (|c before| + Σ |a| |b|), the bound on a sum taken in any order.
template <class T>
double worst_error(product_shape const& s, std::vector<T> const& a, std::vector<T> const& b, std::vector<T> const& before,
                   std::vector<T> const& c) {
    double worst = 0;
    for (std::int64_t i = 0; i < s.m; ++i)
        for (std::int64_t j = 0; j < s.n; ++j) {
            auto const at   = static_cast<std::size_t>(i * s.n + j);
            long double sum = s.accumulate ? before[at] : T{0}, size = std::fabs(sum);
            for (std::int64_t p = 0; p < s.k; ++p) {
                long double const x = a[static_cast<std::size_t>(s.transpose_a ? p * s.m + i : i * s.k + p)];
                long double const y = b[static_cast<std::size_t>(s.transpose_b ? j * s.k + p : p * s.n + j)];
                sum += x * y, size += std::fabs(x * y);
            }
            long double const bound = static_cast<long double>(s.k + 2) * std::numeric_limits<T>::epsilon() * size;
            double const error      = static_cast<double>(std::fabs(sum - c[at]) / (bound > 0 ? bound : 1));
            if (!(error <= worst)) worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
        }
    return worst;
}

template <class T, class Backend>
std::vector<T> multiplied(product_shape const& s, bool is_packed, T const* a, T const* b, std::vector<T> c) {
    math::use_one_thread();
    if (is_packed) {
        math::packed_product<T, Backend> p{s};
        p.pack(b);
        p(a, c.data());
    } else {
        math::product<T, Backend> const p{s};
        p(a, b, c.data());
    }
    return c;
}

template <class T, class Backend>
std::vector<T> multiplied(product_shape const& s, bool is_packed = false) {
    return multiplied<T, Backend>(s, is_packed, numbers<T>(s.m * s.k, "a").data(), numbers<T>(s.k * s.n, "b").data(),
                                  numbers<T>(s.m * s.n, "c"));
}

using back_ends = std::tuple<with<float, math::builtin>, with<double, math::builtin>, with<float, math::onednn>,
                             with<float, math::cblas>, with<double, math::cblas>>;

} // namespace

TEMPLATE_LIST_TEST_CASE("a product agrees with long double in every storage, plain and packed", "", back_ends) {
    using T       = typename TestType::scalar;
    using Backend = typename TestType::backend;
    // Around the borders of tiles (14 or 6 rows, 8 … 32 columns) and blocks (256 deep, 512 columns, 280 rows); primes, one, zero.
    constexpr std::int64_t sizes[][3] = {{1, 1, 1},    {1, 32, 8},    {2, 1, 300},  {7, 5, 3},      {14, 32, 16},  {15, 33, 17},
                                         {29, 31, 37}, {32, 200, 50}, {32, 1, 32},  {50, 2, 67},    {200, 50, 67}, {13, 8, 257},
                                         {61, 9, 256}, {3, 513, 5},   {281, 17, 9}, {290, 40, 300}, {0, 3, 2},     {3, 0, 2}};
    for (auto const& [m, n, k] : sizes)
        for (int way = 0; way < 16; ++way) {
            product_shape const s{m, n, k, (way & 1) != 0, (way & 2) != 0, (way & 4) != 0};
            auto const a = numbers<T>(m * k, "a"), b = numbers<T>(k * n, "b"), c = numbers<T>(m * n, "c");
            CAPTURE(m, n, k, way);
            CHECK(worst_error(s, a, b, c, multiplied<T, Backend>(s, (way & 8) != 0, a.data(), b.data(), c)) < 0.5);
        }
}

TEMPLATE_LIST_TEST_CASE("gradients of weights agree with long double on both sides of the size from which other kernels serve", "", back_ends) {
    using T       = typename TestType::scalar;
    using Backend = typename TestType::backend;
    constexpr std::int64_t sizes[][3] = {{512, 512, 20}, {513, 512, 20}, {512, 513, 20}, {300, 900, 9}, {900, 290, 9}};
    for (auto const& [m, n, k] : sizes) {
        product_shape const s{.m = m, .n = n, .k = k, .transpose_a = true, .accumulate = true};
        auto const a = numbers<T>(m * k, "a"), b = numbers<T>(k * n, "b"), c = numbers<T>(m * n, "c");
        CAPTURE(m, n, k);
        CHECK(worst_error(s, a, b, c, multiplied<T, Backend>(s, false, a.data(), b.data(), c)) < 0.5);
    }
}

TEMPLATE_LIST_TEST_CASE("a product over nothing is zero, or leaves c alone where it accumulates", "", back_ends) {
    using T       = typename TestType::scalar;
    using Backend = typename TestType::backend;
    for (bool is_packed : {false, true}) {
        CHECK(multiplied<T, Backend>({.m = 3, .n = 2, .k = 0}, is_packed) == std::vector<T>(6, T{0}));
        CHECK(multiplied<T, Backend>({.m = 3, .n = 2, .k = 0, .accumulate = true}, is_packed) == numbers<T>(6, "c"));
    }
}

TEMPLATE_LIST_TEST_CASE("what c held is forgotten, NaN too, unless it is added to", "", back_ends) {
    using T       = typename TestType::scalar;
    using Backend = typename TestType::backend;
    for (std::int64_t n : {2, 40})
        for (bool transpose_a : {false, true}) {
            product_shape const s{.m = 90, .n = n, .k = 300, .transpose_a = transpose_a};
            auto const a = numbers<T>(s.m * s.k, "a"), b = numbers<T>(s.k * s.n, "b");
            std::vector<T> const bad(static_cast<std::size_t>(s.m * s.n), std::numeric_limits<T>::quiet_NaN());
            CHECK(worst_error(s, a, b, bad, multiplied<T, Backend>(s, false, a.data(), b.data(), bad)) < 0.5);
        }
}

TEMPLATE_LIST_TEST_CASE("a packed operand serves until the next one is packed", "", back_ends) {
    using T       = typename TestType::scalar;
    using Backend = typename TestType::backend;
    for (product_shape const s :
         {product_shape{.m = 70, .n = 90, .k = 80, .transpose_b = true}, product_shape{.m = 70, .n = 3, .k = 80}}) {
        math::use_one_thread();
        auto const a = numbers<T>(s.m * s.k, "a"), first = numbers<T>(s.k * s.n, "first"),
                   second = numbers<T>(s.k * s.n, "second");
        std::vector<T> c(static_cast<std::size_t>(s.m * s.n));
        math::packed_product<T, Backend> p;
        p = math::packed_product<T, Backend>{s};
        p.pack(first.data());
        p(a.data(), c.data());
        auto const from_first = c;
        p(a.data(), c.data());
        CHECK(c == from_first);
        p.pack(second.data());
        p(a.data(), c.data());
        CHECK(worst_error(s, a, second, c, c) < 0.5);
    }
}

TEMPLATE_LIST_TEST_CASE("another object, another thread and another alignment give the same bits", "", back_ends) {
    using T       = typename TestType::scalar;
    using Backend = typename TestType::backend;
    product_shape const s{.m = 65, .n = 130, .k = 190, .transpose_b = true, .accumulate = true};
    for (bool is_packed : {false, true}) {
        auto const expected = multiplied<T, Backend>(s, is_packed);
        std::vector<T> results[3];
        std::vector<std::thread> ranks;
        for (auto& result : results) ranks.emplace_back([&] { result = multiplied<T, Backend>(s, is_packed); });
        for (auto& rank : ranks) rank.join();
        for (auto const& result : results) CHECK(result == expected);

        auto a = numbers<T>(s.m * s.k, "a"), b = numbers<T>(s.k * s.n, "b");
        a.insert(a.begin(), T{0}), b.insert(b.begin(), T{0});
        CHECK(multiplied<T, Backend>(s, is_packed, a.data() + 1, b.data() + 1, numbers<T>(s.m * s.n, "c")) == expected);
    }
}

TEMPLATE_TEST_CASE("rows and columns of a built-in product may be computed apart with the same bits", "", float, double) {
    using T = TestType;
    product_shape const whole{.m = 47, .n = 75, .k = 600};
    auto const a = numbers<T>(whole.m * whole.k, "a"), b = numbers<T>(whole.k * whole.n, "b");
    std::vector<T> const zeros(static_cast<std::size_t>(whole.m * whole.n));
    auto const expected = multiplied<T, math::builtin>(whole, false, a.data(), b.data(), zeros);

    std::vector<T> by_rows;
    for (std::int64_t first = 0; first < whole.m; first += 16) {
        std::int64_t const rows = std::min<std::int64_t>(16, whole.m - first);
        auto const part = multiplied<T, math::builtin>({.m = rows, .n = whole.n, .k = whole.k}, true, a.data() + first * whole.k,
                                                       b.data(), std::vector<T>(static_cast<std::size_t>(rows * whole.n)));
        by_rows.insert(by_rows.end(), part.begin(), part.end());
    }
    CHECK(by_rows == expected);

    std::vector<T> left(static_cast<std::size_t>(whole.k * 30));
    for (std::int64_t p = 0; p < whole.k; ++p)
        for (std::int64_t j = 0; j < 30; ++j)
            left[static_cast<std::size_t>(p * 30 + j)] = b[static_cast<std::size_t>(p * whole.n + j)];
    auto const part = multiplied<T, math::builtin>({.m = whole.m, .n = 30, .k = whole.k}, false, a.data(), left.data(), zeros);
    for (std::int64_t i = 0; i < whole.m; ++i)
        for (std::int64_t j = 0; j < 30; ++j)
            REQUIRE(part[static_cast<std::size_t>(i * 30 + j)] == expected[static_cast<std::size_t>(i * whole.n + j)]);
}

TEMPLATE_LIST_TEST_CASE("a product moves, is not copied, and says what memory it owns", "", back_ends) {
    using T       = typename TestType::scalar;
    using Backend = typename TestType::backend;
    using plain   = math::product<T, Backend>;
    using packed  = math::packed_product<T, Backend>;
    STATIC_REQUIRE(std::is_move_constructible_v<plain>);
    STATIC_REQUIRE(std::is_move_assignable_v<packed>);
    CHECK(plain{}.workspace_bytes() == 0);
    CHECK(packed{}.workspace_bytes() == 0);
    product_shape const s{.m = 64, .n = 96, .k = 80};
    if (!std::is_same_v<Backend, math::cblas>) CHECK(packed{s}.workspace_bytes() >= sizeof(T) * 96 * 80);
}

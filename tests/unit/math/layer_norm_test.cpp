// SPDX-License-Identifier: BSL-1.0
// The forward formula is tested as a layer (unit/nn/layer_norm_test.cpp), gradients against differences (unit/nn/encoder_gradients_test.cpp).
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/layer_norm.hpp>

#include <cmath>
#include <vector>

using namespace espalier;

namespace {
template <class T>
std::vector<T> numbers(std::size_t n, std::string_view purpose) {
    random_key const key{4, purpose};
    std::vector<T> v(n);
    for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<T>(static_cast<float>(to_normal(key.at(i).word[0], key.at(i).word[1])));
    return v;
}
/// Forward and both ways back on (rows,cols).
template <class T>
struct norm {
    std::vector<T> w, b, x, dy, y, moments, dx, dw, db;

    norm(std::size_t rows, std::size_t cols)
        : w{numbers<T>(cols, "w")}, b{numbers<T>(cols, "b")}, x{numbers<T>(rows * cols, "x")}, dy{numbers<T>(rows * cols, "dy")}, y(x.size()),
          moments(2 * rows), dx(x.size()), dw(cols), db(cols) {
        run(static_cast<std::int64_t>(rows), static_cast<std::int64_t>(cols));
    }
    void run(std::int64_t rows, std::int64_t cols) {
        math::layer_norm_forward(rows, cols, T(1e-12), w.data(), b.data(), x.data(), y.data(), moments.data());
        math::layer_norm_backward(rows, cols, w.data(), x.data(), moments.data(), dy.data(), dx.data());
        math::layer_norm_weights_backward(rows, cols, x.data(), moments.data(), dy.data(), dw.data(), db.data());
    }
};
double worst(std::vector<float> const& a, std::vector<double> const& b) {
    double out = 0;
    for (std::size_t i = 0; i < b.size(); ++i) out = std::max(out, std::abs(static_cast<double>(a[i]) - b[i]));
    return out;
}
}  // namespace

TEST_CASE("layer norm in float agrees with the one in double, forward and back") {
    for (std::size_t const cols : {1u, 2u, 15u, 16u, 17u, 128u, 768u}) {
        norm<float> const narrow{5, cols};
        norm<double> const wide{5, cols};
        CAPTURE(cols);
        CHECK(worst(narrow.y, wide.y) < 1e-5);
        if (cols > 2) CHECK(worst(narrow.dx, wide.dx) < 1e-4);  // of two numbers only their order counts: dx is 0 but for rounding, divided by their distance
        CHECK(worst(narrow.dw, wide.dw) < 1e-5);
        CHECK(worst(narrow.db, wide.db) < 1e-5);
    }
}

TEST_CASE("a row's moments are its mean and its inverse deviation, and its bits depend on no other row") {
    norm<double> const all{4, 50};
    for (std::size_t r = 0; r < 4; ++r) {
        double mean = 0, square = 0;
        for (std::size_t j = 0; j < 50; ++j) mean += all.x[50 * r + j] / 50;
        for (std::size_t j = 0; j < 50; ++j) square += std::pow(all.x[50 * r + j] - mean, 2) / 50;
        CHECK(all.moments[2 * r] == Approx(mean).epsilon(1e-12));
        CHECK(all.moments[2 * r + 1] == Approx(1 / std::sqrt(square)).epsilon(1e-12));
        norm<double> one{1, 50};
        std::copy_n(all.x.begin() + static_cast<std::ptrdiff_t>(50 * r), 50, one.x.begin());
        std::copy_n(all.dy.begin() + static_cast<std::ptrdiff_t>(50 * r), 50, one.dy.begin());
        one.run(1, 50);
        for (std::size_t j = 0; j < 50; ++j) {
            CHECK(one.y[j] == all.y[50 * r + j]);
            CHECK(one.dx[j] == all.dx[50 * r + j]);
        }
    }
}

// SPDX-License-Identifier: BSL-1.0
// Matrix products of the shapes that an LSTM layer asks for, GFLOP/s on one thread: the library as a program calls it, beside
// each way to compute them alone. Shapes are m×n×k; N plain, T transposed; + adds to c; p packs b beforehand.
//   bench/run math_product [seconds a cell]
// test: 0
#include <espalier/math/product.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using namespace espalier::math;

struct shape_and_use {
    product_shape shape;
    bool is_packed;
    char const* use;
};

// LSTM of 60 steps: batch 256, 128 units, 5 inputs; and batch 32, 50 units, 2 inputs (the intraday model).
constexpr shape_and_use shapes[] = {
    {{.m = 256, .n = 512, .k = 128, .transpose_b = true, .accumulate = true}, true, "recurrent, 128 units"},
    {{.m = 256, .n = 128, .k = 512}, true, "its gradient"},
    {{.m = 512, .n = 128, .k = 15104, .transpose_a = true, .accumulate = true}, false, "recurrent weights' gradient"},
    {{.m = 15360, .n = 512, .k = 128, .transpose_b = true}, true, "input of the second layer"},
    {{.m = 15360, .n = 128, .k = 512}, true, "its gradient"},
    {{.m = 15360, .n = 512, .k = 5, .transpose_b = true}, true, "input of the first layer"},
    {{.m = 15360, .n = 5, .k = 512}, true, "its gradient"},
    {{.m = 512, .n = 5, .k = 15360, .transpose_a = true, .accumulate = true}, false, "input weights' gradient"},
    {{.m = 32, .n = 200, .k = 50, .transpose_b = true, .accumulate = true}, true, "recurrent, 50 units"},
    {{.m = 32, .n = 50, .k = 200}, true, "its gradient"},
    {{.m = 200, .n = 50, .k = 1888, .transpose_a = true, .accumulate = true}, false, "recurrent weights' gradient"},
    {{.m = 1920, .n = 200, .k = 2, .transpose_b = true}, true, "input"},
    {{.m = 200, .n = 2, .k = 1920, .transpose_a = true, .accumulate = true}, false, "input weights' gradient"},
    {{.m = 32, .n = 32, .k = 50, .transpose_b = true}, true, "dense"},
    {{.m = 32, .n = 32, .k = 1}, true, "head's gradient"},
    {{.m = 32, .n = 1, .k = 32, .transpose_b = true}, true, "head"},
    {{.m = 1, .n = 32, .k = 8, .transpose_b = true, .accumulate = true}, true, "recurrent, 8 units, one sample"},
    {{.m = 1, .n = 512, .k = 128, .transpose_b = true, .accumulate = true}, true, "recurrent, 128 units, one sample"},
    {{.m = 2048, .n = 3072, .k = 768}, true, "BERT's feed-forward"},
};

/// The best rate of several runs of at least the given time each.
template <class F>
double gflops(product_shape const& s, double seconds, F&& multiply) {
    using clock       = std::chrono::steady_clock;
    auto const since  = [](clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); };
    double const work = 2e-9 * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k);
    multiply();
    double best = 0;
    for (auto const begin = clock::now(); best == 0 || since(begin) < seconds;) {
        auto const start = clock::now();
        int calls        = 0;
        for (; calls == 0 || since(start) < seconds / 20; calls += 16)
            for (int i = 0; i < 16; ++i) multiply();
        best = std::max(best, work * calls / since(start));
    }
    return best;
}

template <class Backend>
double rate_of(shape_and_use const& s, double seconds, float const* a, float const* b, float* c) {
    if (s.is_packed) {
        packed_product<float, Backend> p{s.shape};
        p.pack(b);
        return gflops(s.shape, seconds, [&] { p(a, c); });
    }
    product<float, Backend> const p{s.shape};
    return gflops(s.shape, seconds, [&] { p(a, b, c); });
}

} // namespace

int main(int argc, char** argv) {
    double const seconds = argc > 1 ? std::atof(argv[1]) : 0.3;
    use_one_thread();
    std::printf("%s, float, one thread, GFLOP/s\n%-23s %9s %9s %9s %9s %9s\n", backend_name().c_str(), "m x n x k", "espalier",
                "built-in", "matmul", "raw sgemm", "cblas");
    for (shape_and_use const& s : shapes) {
        auto const& p     = s.shape;
        auto const filled = [](std::int64_t n) {
            std::vector<float> v(static_cast<std::size_t>(n));
            for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i % 17) * 0.01f;
            return v;
        };
        std::vector<float> const a = filled(p.m * p.k), b = filled(p.k * p.n);
        std::vector<float> c = filled(p.m * p.n);
        std::printf("%5d x %4d x %5d %c%c%c%c", static_cast<int>(p.m), static_cast<int>(p.n), static_cast<int>(p.k),
                    p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', p.accumulate ? '+' : ' ', s.is_packed ? 'p' : ' ');
        std::printf("%9.1f %9.1f ", rate_of<default_backend<float>>(s, seconds, a.data(), b.data(), c.data()),
                    rate_of<builtin>(s, seconds, a.data(), b.data(), c.data()));
#if ESPALIER_HAS_ONEDNN()
        detail::onednn_matmul matmul{p, s.is_packed};
        if (s.is_packed) matmul.pack(b.data());
        std::printf("%9.1f ", gflops(p, seconds, [&] { matmul(a.data(), s.is_packed ? nullptr : b.data(), c.data()); }));
        std::printf("%9.1f ", gflops(p, seconds, [&] {
                        dnnl_sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', p.m, p.n, p.k, 1.0f, a.data(),
                                   p.transpose_a ? p.m : p.k, b.data(), p.transpose_b ? p.k : p.n, p.accumulate ? 1.0f : 0.0f,
                                   c.data(), p.n);
                    }));
#else
        std::printf("%9s %9s ", "-", "-");
#endif
#if ESPALIER_HAS_CBLAS()
        std::printf("%9.1f", rate_of<cblas>(s, seconds, a.data(), b.data(), c.data()));
#else
        std::printf("%9s", "-");
#endif
        std::printf("   %s\n", s.use);
        std::fflush(stdout);
    }
}

// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --small
// The optimizer's pass over parameters, gradients and both moments beside the STREAM triad on arrays of the same length, in turns.
#include "support/report.hpp"

#include <espalier/memory/buffer.hpp>
#include <espalier/optim/adamw.hpp>

using namespace espalier;

/// a = b + s·c, as in McCalpin's STREAM: three arrays, 12 bytes an element.
[[gnu::noinline]] static void triad(std::int64_t n, float* ESPALIER_RESTRICT() a, float const* ESPALIER_RESTRICT() b,
                                    float const* ESPALIER_RESTRICT() c, float s) {
    for (std::int64_t i = 0; i < n; ++i) a[i] = b[i] + s * c[i];
}

static void measure(bench::report& out, std::int64_t n, long passes, long turns) {
    buffer<float> weights{n}, gradients{n}, state{2 * n};
    for (std::int64_t i = 0; i < n; ++i) {
        weights.data()[i]   = 0.5f;
        gradients.data()[i] = 1e-3f * static_cast<float>(i % 64 - 32);
    }
    for (std::int64_t i = 0; i < 2 * n; ++i) state.data()[i] = 0.0f;
    std::int64_t step = 0;
    // The triad borrows the arrays of the moments as b and c and writes over the gradients, whose values do not matter.
    auto const adamw_pass = [&] {
        for (long i = 0; i < passes; ++i)
            adamw::update({}, update_pass<float>{n, weights.data(), gradients.data(), state.data(), n, ++step, 1e-3, 1.0});
    };
    auto const triad_pass = [&] {
        for (long i = 0; i < passes; ++i) triad(n, gradients.data(), state.data(), state.data() + n, 0.1f);
    };
    auto const times   = bench::in_turns(turns, adamw_pass, triad_pass);
    double const bytes = 4.0 * static_cast<double>(n * passes);
    out.add({{"elements", n},
             {"adamw ms", times.first / static_cast<double>(passes) * 1e3},
             {"adamw GB/s", 7 * bytes / times.first * 1e-9},
             {"triad GB/s", 3 * bytes / times.second * 1e-9},
             {"adamw / triad", times.ratio * 7 / 3}});
}

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "The pass of AdamW beside the STREAM triad, one core; bytes: 28 an element (reads 4 arrays, writes 3) and 12.\n"
                          "  --turns N   how often each is run (15)\n"
                          "  --small     arrays of 64 k elements only\n"
                          "  --json      one JSON object a line\n"};
    bool const json = args.flag("--json"), small = args.flag("--small");
    long const turns = args.number("--turns", 15);
    args.finish();
    bench::report out{args.command(), json};
    if (small) return measure(out, std::int64_t{1} << 16, 1, turns), 0;
    measure(out, std::int64_t{1} << 20, 16, turns);
    measure(out, std::int64_t{1} << 25, 1, turns);
}

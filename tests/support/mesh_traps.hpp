// SPDX-License-Identifier: BSL-1.0
/// @file
/// A network, a loss and data that throw at a chosen call: a failure at any place of a step; and what every rank must then say. At which
/// places ranks fail is the tests' business.
#pragma once

#include "support/catch.hpp"
#include "support/mesh_problem.hpp"
#include "support/ranks.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>

namespace espalier_test {

/// Throws at the call that it is armed for, on whichever rank makes it. Calls of a rank come in order.
class trap {
public:
    void arm(int call) { left_ = call; }
    void step_on(char const* what) {
        if (left_.fetch_sub(1) == 1) throw std::runtime_error{what};
    }

private:
    std::atomic<int> left_{0};  // below 1: not armed
};
inline trap forward_trap[3], backward_trap[3], loss_trap;

/// y = x, with a trap on the way there and one on the way back.
template <int I>
struct trapped_layer {
    [[nodiscard]] static constexpr bool takes(espalier::shape) noexcept { return true; }
    [[nodiscard]] static constexpr espalier::shape gives(espalier::shape in) noexcept { return in; }
    [[nodiscard]] static constexpr espalier::parameter_list<0> parameters(espalier::shape) noexcept { return {}; }
    template <class T>
    static void forward(espalier::forward_pass<T> const& p, espalier::no_kernels) {
        forward_trap[I].step_on("a trap on the way forward");
        std::copy_n(p.x, p.in.elements() * p.batch, p.y);
    }
    template <class T>
    static void backward(espalier::backward_pass<T> const& p, espalier::no_kernels) {
        backward_trap[I].step_on("a trap on the way back");
        if (p.dx != nullptr) std::copy_n(p.dy, p.in.elements() * p.batch, p.dx);
    }
};

struct trapped_loss : espalier::mean_squared_error {
    template <class T>
    static espalier::loss_sum evaluate(espalier::shape out, std::int64_t batch, T const* y, T const* target, T* dy) {
        loss_trap.step_on("a trap in the loss");
        return espalier::mean_squared_error::evaluate(out, batch, y, target, dy);
    }
};

/// One rank's data, which fail at one of its reads.
struct trapped_data {
    espalier::in_memory<float> good;
    trap* at;
    [[nodiscard]] std::int64_t size() const { return good.size(); }
    [[nodiscard]] espalier::shape input() const { return good.input(); }
    [[nodiscard]] espalier::shape target() const { return good.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        at->step_on("a trap in the data");
        good.gather(samples, x, y);
    }
};

/// Two layers for each of three stages, a trap in each.
using trapped_model = espalier::model<espalier::sequence<espalier::linear<6, 16>, trapped_layer<0>, espalier::linear<16, 12>, trapped_layer<1>,
                                                         espalier::linear<12, 1>, trapped_layer<2>>,
                                      trapped_loss, espalier::adamw>;

/// Trains until a trap snaps; the rank that stepped on it must give its error to all.
/// @param reader which rank's data have the trap; −1: none
template <class M, class P>
void one_error_ends_all(int ranks, std::string const& words, int reader = -1, int read = 0) {
    using namespace espalier;
    using trainer_type = trainer<M, P, threads, checkpoint::none>;
    auto const data    = mesh_problem(100);
    auto const result  = on_ranks<threads>(ranks, [&](threads& world) {
        trap mine;
        mine.arm(world.rank() == reader ? read : 0);
        trainer_type t{world, {.seed = 1, .clip_norm = 1}};
        trapped_data const its{data, &mine};
        for (;;) t.train_step(its);
    });
    CHECK(result.text_of(result.launched) == words);
    int broken = 0;
    while (broken < ranks && result.template threw<rank_failed>(broken)) ++broken;
    REQUIRE(broken < ranks);
    CHECK(result.text(broken) == words);
    if (reader >= 0) CHECK(broken == reader);
    for (int r = 0; r < ranks; ++r) {
        if (r == broken) continue;
        INFO("rank " << r << ": " << result.text(r));
        CHECK(result.template threw<rank_failed>(r));
        CHECK(result.text(r).find(joined("an error on rank ", broken, " (", words, ")")) != std::string::npos);
    }
}

}  // namespace espalier_test

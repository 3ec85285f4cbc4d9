// SPDX-License-Identifier: BSL-1.0
// test: --turns 2 --shape 0
// The training step of LSTM forecasters on one core, beside the matrix products of that step alone, in turns. PyTorch beside both:
// bench/train/beside_torch.py.
#include "support/problem.hpp"
#include "support/report.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/nn/detail/lstm_kernels.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/train/trainer.hpp>

#include <functional>
#include <iostream>
#include <memory>

using namespace espalier;

/// The products of a step in its order, on arrays of its sizes: nothing between them.
/// @par Shapes    x (T,B,I); gates, their gradient (T,B,4H); h, its gradient (T,B,H)
template <int Inputs, int Units>
class layer_products {
public:
    layer_products(std::int64_t steps, std::int64_t batch, bool passes_on)
        : steps_{steps}, batch_{batch}, passes_on_{passes_on}, kernels_{dims(steps, Inputs), batch, direction::forward_and_backward},
          weights_{bench::random_values(weight_elements, 3)}, gradients_(weight_elements), x_{bench::random_values(steps * batch * Inputs, 5)},
          gates_(static_cast<std::size_t>(steps * batch * 4 * Units)),
          h_{bench::random_values(steps * batch * Units, 6)}, dh_(static_cast<std::size_t>(batch * Units)), dx_(x_.size()) {}

    void pack() {
        static constexpr std::int64_t offsets[] = {0, 4 * Units * Inputs};
        kernels_.pack(layer_weights<float>{weights_.data(), offsets});
    }
    void forward() {
        std::int64_t const block = batch_ * Units;
        kernels_.input(x_.data(), gates_.data());
        for (std::int64_t t = 1; t < steps_; ++t) kernels_.recurrent(h_.data() + (t - 1) * block, gates_.data() + t * 4 * block);
    }
    void backward() {
        std::int64_t const block = batch_ * Units;
        for (std::int64_t t = steps_ - 1; t > 0; --t) kernels_.d_hidden(gates_.data() + t * 4 * block, dh_.data());
        kernels_.d_weight_hh(gates_.data() + 4 * block, h_.data(), gradients_.data() + 4 * Units * Inputs);
        kernels_.d_weight_ih(gates_.data(), x_.data(), gradients_.data());
        if (passes_on_) kernels_.d_input(gates_.data(), dx_.data());
    }
    /// 2mnk of each product that is taken.
    [[nodiscard]] double operations() const {
        double const row = 2.0 * 4 * Units, all = static_cast<double>(steps_ * batch_), later = static_cast<double>((steps_ - 1) * batch_);
        return row * (all * Inputs * (passes_on_ ? 3 : 2) + later * Units * 3);
    }

private:
    static constexpr std::size_t weight_elements = std::size_t{4} * Units * (Inputs + Units);
    std::int64_t steps_, batch_;
    bool passes_on_;
    detail::lstm_kernels<float, Inputs, Units> kernels_;
    std::vector<float> weights_, gradients_, x_, gates_, h_, dh_, dx_;
};

/// One shape: B samples of T×I through an LSTM of L layers of H units and a linear head.
template <lstm_shape S, int Batch>
class measured {
public:
    static constexpr double peer_operations() {
        double forward = 0;
        for (int l = 0; l < S.layers; ++l) forward += 2.0 * Batch * S.steps * 4 * S.units * ((l == 0 ? S.inputs : S.units) + S.units);
        return 3 * forward;
    }
    static std::string name() {
        return joined(Batch, 'x', S.steps, 'x', S.inputs, ' ', S.layers, 'x', S.units);
    }

    measured() : data_{bench::random_sequences(4 * Batch, S.steps, S.inputs)}, trainer_{world_, {.seed = 7, .learning_rate = 1e-3}} {
        for (int l = 1; l < S.layers; ++l) later_.emplace_back(S.steps, Batch, true);
    }

    void step() { bench::keep(trainer_.train_step(data_)); }
    void products() {
        first_.pack();
        for (auto& l : later_) l.pack();
        first_.forward();
        for (auto& l : later_) l.forward();
        for (auto& l : later_) l.backward();
        first_.backward();
    }
    [[nodiscard]] double product_operations() const {
        double n = first_.operations();
        for (auto const& l : later_) n += l.operations();
        return n;
    }

private:
    using step_trainer = trainer<model<lstm_forecaster<S>, mean_squared_error, adamw>, data_parallel<samples<Batch>>, self, checkpoint::none>;
    in_memory<float> data_;
    self world_;
    step_trainer trainer_;
    layer_products<S.inputs, S.units> first_{S.steps, Batch, false};
    std::vector<layer_products<S.units, S.units>> later_;
};

template <class M>
void measure(bench::report& out, long turns, bench::clock_kind clock) {
    auto const m     = std::make_unique<M>();
    auto const times = bench::in_turns(turns, [&] { m->step(); }, [&] { m->products(); }, clock);
    double const step_rate = m->product_operations() / times.first * 1e-9, product_rate = m->product_operations() / times.second * 1e-9;
    out.add({{"shape", M::name()},
             {"ms a step", times.first * 1e3},
             {"GFLOP/s as the peer counts", M::peer_operations() / times.first * 1e-9},
             {"GFLOP/s of its products", step_rate},
             {"GFLOP/s of products alone", product_rate},
             {"share", times.ratio}});
}

/// Answers `shape steps` with the milliseconds of each of that many steps, until the input ends.
template <class M>
void serve(long steps, bench::clock_kind clock) {
    static auto const m = std::make_unique<M>();
    for (long i = 0; i < steps; ++i) std::printf("%.6f ", bench::seconds_of([&] { m->step(); }, clock) * 1e3);
    std::printf("\n");
    std::fflush(stdout);
}

template <class... M>
struct shapes {
    static void measure_all(bench::report& out, long only, long turns, bench::clock_kind clock) {
        long i = 0;
        ((only < 0 || only == i ? measure<M>(out, turns, clock) : void(), ++i), ...);
    }
    static void answer(bench::clock_kind clock) {
        for (long which, steps; std::cin >> which >> steps;) {
            long i = 0;
            ((which == i ? serve<M>(steps, clock) : void(), ++i), ...);
        }
    }
    static void list() { ((std::printf("%s\n", M::name().c_str())), ...); }
};
using all_shapes = shapes<measured<lstm_shape{60, 2, 50, 1}, 32>, measured<lstm_shape{60, 5, 128, 1}, 64>,
                          measured<lstm_shape{60, 5, 128, 2}, 256>, measured<lstm_shape{60, 32, 256, 2}, 256>>;

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "The training step of LSTM forecasters on one core, beside its matrix products alone.\n"
                          "  --shape N    only the shape with this number\n"
                          "  --turns N    how often each is run (15)\n"
                          "  --clock C    wall (default) or processor, for a machine that does other work\n"
                          "  --list       print the shapes (batch x steps x inputs, layers x units) and end\n"
                          "  --serve      answer lines `shape steps` with the milliseconds of each step (see beside_torch.py)\n"
                          "  --json       one JSON object a line\n"};
    bool const json = args.flag("--json"), list = args.flag("--list"), answer = args.flag("--serve");
    long const only = args.number("--shape", -1), turns = args.number("--turns", 15);
    auto const clock = args.clock();
    args.finish();
    math::use_one_thread();
    if (list) return all_shapes::list(), 0;
    if (answer) return all_shapes::answer(clock), 0;
    bench::report out{args.command(), json};
    all_shapes::measure_all(out, only, turns, clock);
}

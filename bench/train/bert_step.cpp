// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --shape 2
// The training step of BERT classifiers on one core, beside the dense products of that step alone, in turns. PyTorch beside both:
// bench/train/beside_torch_bert.py.
#include "support/problem.hpp"
#include "support/report.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/models/bert.hpp>
#include <espalier/nn/cross_entropy.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/train/trainer.hpp>

#include <array>
#include <iostream>
#include <memory>

using namespace espalier;

/// Random tokens of whole sequences, two segments, and a class each.
in_memory<float> random_tokens(std::int64_t samples, std::int64_t steps, std::int64_t vocabulary, std::int64_t classes) {
    random_key const key{3, "tokens"};
    std::vector<float> x, y;
    for (std::int64_t i = 0; i < samples * steps; ++i) {
        x.push_back(static_cast<float>(key.at(static_cast<std::uint64_t>(i)).word[0] % static_cast<std::uint64_t>(vocabulary)));
        x.push_back(i % steps < steps / 2 ? 0.0f : 1.0f);
        x.push_back(1.0f);
    }
    for (std::int64_t i = 0; i < samples; ++i) y.push_back(static_cast<float>(i % classes));
    return {dims(steps, 3), dims(1), std::move(x), std::move(y)};
}

/// The three products of one dense layer on arrays of its sizes: nothing between them.
/// @par Shapes    x, dx (R,I); y, dy (R,O); w (O,I)
class dense_products {
public:
    dense_products(std::int64_t rows, std::int64_t inputs, std::int64_t outputs)
        : forward_{{.m = rows, .n = outputs, .k = inputs, .transpose_b = true}}, d_input_{{.m = rows, .n = inputs, .k = outputs}},
          d_weight_{{.m = outputs, .n = inputs, .k = rows, .transpose_a = true, .accumulate = true}}, x_{bench::random_values(rows * inputs, 1)},
          y_{bench::random_values(rows * outputs, 2)}, w_{bench::random_values(inputs * outputs, 3)}, dx_(x_.size()), dw_(w_.size()),
          operations_{6.0 * static_cast<double>(rows * inputs * outputs)} {}

    void run() {
        forward_.pack(w_.data());
        d_input_.pack(w_.data());
        forward_(x_.data(), y_.data());
        d_weight_(y_.data(), x_.data(), dw_.data());
        d_input_(y_.data(), dx_.data());
    }
    [[nodiscard]] double operations() const { return operations_; }

private:
    math::packed_product<float> forward_, d_input_;
    math::product<float> d_weight_;
    std::vector<float> x_, y_, w_, dx_, dw_;
    double operations_;
};

/// One shape: B samples through a BERT.
template <bert_shape S, int Batch>
class measured {
public:
    static constexpr std::int64_t rows = std::int64_t{Batch} * S.steps;
    /// Multiplications and additions of dense layers and of attention, forward and backward, as the peer counts them.
    static constexpr double operations() {
        double const h = S.hidden, n = static_cast<double>(rows);
        return 3.0 * S.layers * (24 * n * h * h + 4 * n * S.steps * h);
    }
    static std::string name() { return joined(Batch, 'x', S.steps, ' ', S.hidden, 'x', S.heads, 'x', S.layers, ' ', S.vocabulary); }

    measured() : data_{random_tokens(4 * Batch, S.steps, S.vocabulary, S.classes)}, trainer_{world_, {.seed = 7, .learning_rate = 1e-4}} {}

    void step() { bench::keep(trainer_.train_step(data_)); }
    void products() {
        for (int layer = 0; layer < S.layers; ++layer)
            for (auto& d : dense_) d.run();
    }
    [[nodiscard]] double product_operations() const {
        double n = 0;
        for (auto const& d : dense_) n += S.layers * d.operations();
        return n;
    }

private:
    using step_trainer = trainer<model<bert_classifier<S>, cross_entropy, adamw>, data_parallel<samples<Batch>>, self, checkpoint::none>;
    in_memory<float> data_;
    self world_;
    step_trainer trainer_;
    std::array<dense_products, 4> dense_{dense_products{rows, S.hidden, 3 * S.hidden}, dense_products{rows, S.hidden, S.hidden},
                                         dense_products{rows, S.hidden, 4 * S.hidden}, dense_products{rows, 4 * S.hidden, S.hidden}};
};

template <class M>
void measure(bench::report& out, long turns, bench::clock_kind clock) {
    auto const m     = std::make_unique<M>();
    auto const times = bench::in_turns(turns, [&] { m->step(); }, [&] { m->products(); }, clock);
    double const rate = M::operations() / times.first * 1e-9, product_rate = m->product_operations() / times.second * 1e-9;
    out.add({{"shape", M::name()},
             {"ms a step", times.first * 1e3},
             {"tokens/s", static_cast<double>(M::rows) / times.first},
             {"GFLOP/s", rate},
             {"GFLOP/s of products alone", product_rate},
             {"share", rate / product_rate}});
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
constexpr bert_shape of_base(int hidden, int heads) {
    return {.vocabulary = 30522, .steps = 128, .hidden = hidden, .layers = 2, .heads = heads, .classes = 3};
}
constexpr bert_shape tiny{.vocabulary = 100, .steps = 16, .hidden = 32, .layers = 1, .heads = 2, .classes = 3};
using all_shapes = shapes<measured<of_base(768, 12), 8>, measured<of_base(128, 2), 32>, measured<tiny, 2>>;

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "The training step of BERT classifiers on one core, beside its dense products alone.\n"
                          "  --shape N    only the shape with this number\n"
                          "  --turns N    how often each is run (9)\n"
                          "  --clock C    wall (default) or processor, for a machine that does other work\n"
                          "  --list       print the shapes (batch x steps, hidden x heads x layers, vocabulary) and end\n"
                          "  --serve      answer lines `shape steps` with the milliseconds of each step (see beside_torch_bert.py)\n"
                          "  --json       one JSON object a line\n"};
    bool const json = args.flag("--json"), list = args.flag("--list"), answer = args.flag("--serve");
    long const only = args.number("--shape", -1), turns = args.number("--turns", 9);
    auto const clock = args.clock();
    args.finish();
    math::use_one_thread();
    if (list) return all_shapes::list(), 0;
    if (answer) return all_shapes::answer(clock), 0;
    bench::report out{args.command(), json};
    all_shapes::measure_all(out, only, turns, clock);
}

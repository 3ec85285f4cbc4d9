// SPDX-License-Identifier: BSL-1.0
// test: --steps 40
// The step that policies compose, on `self`, against the same step written by hand over the same kernels. Without a mode it checks
// that both reach the same weights and times them in turns; bench/train/instructions.py counts the instructions of each.
#include "support/problem.hpp"
#include "support/report.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/train/trainer.hpp>

#include <cmath>
#include <cstring>
#include <memory>

using namespace espalier;

/// A data set whose gather keeps a symbol of its own, so that its instructions can be told from the step's.
struct gathered {
    in_memory<float> data;

    [[nodiscard]] std::int64_t size() const noexcept { return data.size(); }
    [[nodiscard]] shape input() const noexcept { return data.input(); }
    [[nodiscard]] shape target() const noexcept { return data.target(); }
    template <class T>
    [[gnu::noinline]] void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        data.gather(samples, x, y);
    }
};

inline constexpr std::uint64_t seed = 7;
inline constexpr double rate        = 1e-3;

/// One layer of `S` and a head, batch B: the trainer that policies compose.
template <lstm_shape S, int B>
using composed = trainer<model<lstm_forecaster<S>, mean_squared_error, adamw>, data_parallel<samples<B>>, self, checkpoint::none>;

/// The same step by hand: every array placed, every product built, every call written here. Rates are given when the program
/// runs, as the trainer's are.
template <lstm_shape S, int B>
class hand_written {
    static constexpr std::int64_t T = S.steps, I = S.inputs, H = S.units;

    /// Tensors in the order of the network, each on its own cache line.
    struct tensors {
        alignas(64) float weight_ih[4 * H * I];
        alignas(64) float weight_hh[4 * H * H];
        alignas(64) float bias_ih[4 * H];
        alignas(64) float bias_hh[4 * H];
        alignas(64) float head_weight[H];
        alignas(64) float head_bias[1];
    };
    static constexpr std::int64_t elements = sizeof(tensors) / sizeof(float);

    struct arrays {
        tensors weights, mean, variance, gradients;
        alignas(64) float totals[16];         // loss, samples
        alignas(64) float x[T * B * I];       // (T,B,I)
        alignas(64) float target[B];          // (B,1)
        alignas(64) float gates[T * B * 4 * H];  // (T,B,4H)
        alignas(64) float cells[T * B * H];   // (T,B,H)
        alignas(64) float hidden[T * B * H];  // (T,B,H)
        alignas(64) float last[B * H];        // (B,H)
        alignas(64) float y[B];               // (B,1)
        alignas(64) float dy[B];              // (B,1)
        alignas(64) float d_last[B * H];      // (B,H)
        alignas(64) float d_output[T * B * H];   // (T,B,H)
        alignas(64) float d_hidden[B * H];    // (B,H)
        alignas(64) float d_cell[B * H];      // (B,H)
        alignas(64) float d_bias[4 * H];      // (4H)
    };

public:
    /// @param weights the whole flat array, padding included
    hand_written(gathered const& data, float const* weights, double learning_rate, adamw::settings const& optimizer)
        : data_{data}, rate_{learning_rate}, optimizer_{optimizer}, a_{std::make_unique<arrays>()} {
        std::memcpy(&a_->weights, weights, sizeof(tensors));
        pack();
    }

    [[nodiscard]] float const* weights() const { return reinterpret_cast<float const*>(&a_->weights); }
    [[nodiscard]] static constexpr std::int64_t size() { return elements; }

    /// Mean loss of the step.
    double step() {
        arrays& a = *a_;
        math::fill_zero(elements + 16, reinterpret_cast<float*>(&a.gradients));

        if (at_ + B > data_.size()) order_ = permutation{data_.size(), random_key{seed, "order"}, ++epoch_}, at_ = 0;
        std::int64_t sample[B];
        for (int i = 0; i < B; ++i) sample[i] = order_(at_ + i);
        at_ += B;
        ++steps_;
        data_.gather(std::span<std::int64_t const>{sample}, a.x, a.target);

        input_(a.x, a.gates);
        math::lstm_cell_forward(std::int64_t{B}, H, a.gates, a.weights.bias_ih, a.weights.bias_hh, static_cast<float const*>(nullptr), a.cells, a.hidden);
        float *gates = a.gates, *cells = a.cells, *hidden = a.hidden;
        for (std::int64_t t = 1; t < T; ++t, cells += B * H) {
            gates += B * 4 * H;
            recurrent_(hidden, gates);
            hidden += B * H;
            math::lstm_cell_forward(std::int64_t{B}, H, gates, a.weights.bias_ih, a.weights.bias_hh, static_cast<float const*>(cells),
                                    cells + B * H, hidden);
        }
        std::memcpy(a.last, a.hidden + (T - 1) * B * H, sizeof a.last);
        head_(a.last, a.y);
        math::add_bias_rows(std::int64_t{B}, std::int64_t{1}, a.weights.head_bias, a.y);
        loss_sum const loss = mean_squared_error::evaluate(dims(1), std::int64_t{B}, a.y, a.target, a.dy);
        if (!std::isfinite(loss.sum)) std::abort();
        a.totals[0] += static_cast<float>(loss.sum);
        a.totals[1] += static_cast<float>(loss.weight);

        d_head_weight_(a.dy, a.last, a.gradients.head_weight);
        math::column_sums_add(std::int64_t{B}, std::int64_t{1}, a.dy, a.gradients.head_bias);
        d_head_input_(a.dy, a.d_last);
        std::memset(a.d_output, 0, (T - 1) * B * H * sizeof(float));
        std::memcpy(a.d_output + (T - 1) * B * H, a.d_last, sizeof a.d_last);
        std::memset(a.d_cell, 0, sizeof a.d_cell);
        std::memset(a.d_bias, 0, sizeof a.d_bias);
        float const* dy = a.d_output + (T - 1) * B * H;
        float const* d_hidden = nullptr;
        for (std::int64_t t = T - 1; t > 0; --t, gates -= B * 4 * H, cells -= B * H, dy -= B * H, d_hidden = a.d_hidden) {
            math::lstm_cell_backward(std::int64_t{B}, H, gates, static_cast<float const*>(cells - B * H), static_cast<float const*>(cells), dy,
                                     d_hidden, a.d_cell);
            math::column_sums_add(std::int64_t{B}, 4 * H, gates, a.d_bias);
            d_hidden_(gates, a.d_hidden);
        }
        math::lstm_cell_backward(std::int64_t{B}, H, gates, static_cast<float const*>(nullptr), static_cast<float const*>(cells), dy, d_hidden, a.d_cell);
        math::column_sums_add(std::int64_t{B}, 4 * H, gates, a.d_bias);
        if (T > 1) d_weight_hh_(a.gates + B * 4 * H, a.hidden, a.gradients.weight_hh);
        d_weight_ih_(a.gates, a.x, a.gradients.weight_ih);
        math::add_to(4 * H, a.d_bias, a.gradients.bias_ih);
        math::add_to(4 * H, a.d_bias, a.gradients.bias_hh);

        double const scale = 1 / static_cast<double>(a.totals[1]);
        adamw::update(optimizer_, update_pass<float>{elements, reinterpret_cast<float*>(&a.weights), reinterpret_cast<float const*>(&a.gradients),
                                             reinterpret_cast<float*>(&a.mean), elements, steps_, rate_, scale});
        pack();
        return static_cast<double>(a.totals[0]) * scale;
    }

private:
    void pack() {
        input_.pack(a_->weights.weight_ih);
        recurrent_.pack(a_->weights.weight_hh);
        d_hidden_.pack(a_->weights.weight_hh);
        d_input_.pack(a_->weights.weight_ih);
        head_.pack(a_->weights.head_weight);
        d_head_input_.pack(a_->weights.head_weight);
    }

    gathered const& data_;
    double rate_;
    adamw::settings optimizer_;
    std::unique_ptr<arrays> a_;
    permutation order_{data_.size(), random_key{seed, "order"}, 0};
    std::uint64_t epoch_ = 0;
    std::int64_t at_ = 0, steps_ = 0;

    math::packed_product<float> input_{{.m = T * B, .n = 4 * H, .k = I, .transpose_b = true}};
    math::packed_product<float> recurrent_{{.m = B, .n = 4 * H, .k = H, .transpose_b = true, .accumulate = true}};
    math::packed_product<float> d_hidden_{{.m = B, .n = H, .k = 4 * H}};
    math::packed_product<float> d_input_{{.m = T * B, .n = I, .k = 4 * H}};
    math::product<float> d_weight_ih_{{.m = 4 * H, .n = I, .k = T * B, .transpose_a = true, .accumulate = true}};
    math::product<float> d_weight_hh_{{.m = 4 * H, .n = H, .k = (T - 1) * B, .transpose_a = true, .accumulate = true}};
    math::packed_product<float> head_{{.m = B, .n = 1, .k = H, .transpose_b = true}};
    math::packed_product<float> d_head_input_{{.m = B, .n = H, .k = 1}};
    math::product<float> d_head_weight_{{.m = 1, .n = H, .k = B, .transpose_a = true, .accumulate = true}};
};

/// What is compared: one shape, with a data set of `data_size` samples.
template <lstm_shape S, int B>
class comparison {
public:
    explicit comparison(std::int64_t data_size) : data_{bench::random_sequences(data_size, S.steps, S.inputs)} {}

    int run(std::string const& mode, long steps, bench::arguments const& args, bool json, bench::clock_kind clock) {
        if (mode == "composed") return run_composed(steps), 0;
        if (mode == "hand") return run_hand(steps), 0;
        self world;
        composed<S, B> c{world, {.seed = seed, .learning_rate = rate}};
        hand_written<S, B> h{data_, flat(c), rate, {}};
        bench::report out{args.command(), json};
        auto const times = bench::in_turns(steps, [&] { bench::keep(c.train_step(data_)); }, [&] { bench::keep(h.step()); }, clock);
        bool const same  = std::memcmp(flat(c), h.weights(), static_cast<std::size_t>(h.size()) * sizeof(float)) == 0;
        out.add({{"shape", joined(B, 'x', S.steps, 'x', S.inputs, ' ', S.layers, 'x', S.units)},
                 {"composed us", times.first * 1e6},
                 {"by hand us", times.second * 1e6},
                 {"composed / by hand", 1 / times.ratio},
                 {"weights", same ? "same bits" : "DIFFERENT"}});
        return same ? 0 : 1;
    }

private:
    /// The tensors lie one behind the other, in the order of the network.
    static float const* flat(composed<S, B> const& c) { return reinterpret_cast<float const*>(c.weights().front().bytes.data()); }

    // Neither loop is inlined into main: profiles of both begin here.
    [[gnu::noinline]] void run_composed(long steps) {
        self world;
        composed<S, B> c{world, {.seed = seed, .learning_rate = rate}};
        for (long i = 0; i < steps; ++i) bench::keep(c.train_step(data_));
    }
    [[gnu::noinline]] void run_hand(long steps) {
        self world;
        composed<S, B> const c{world, {.seed = seed, .learning_rate = rate}};
        hand_written<S, B> h{data_, flat(c), rate, {}};
        for (long i = 0; i < steps; ++i) bench::keep(h.step());
    }

    gathered data_;
};

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "The composed training step on `self` against one written by hand over the same kernels.\n"
                          "  --mode M     composed or hand: runs the steps and ends; without it both run in turns and are compared\n"
                          "  --shape N    0: 32x60x2, 1x50 units; 1: 1x4x2, 1x8 units (default: 0)\n"
                          "  --steps N    how many (200)\n"
                          "  --data N     samples in the data set (1024)\n"
                          "  --clock C    wall (default) or processor, for a machine that does other work\n"
                          "  --json       one JSON object a line\n"};
    bool const json        = args.flag("--json");
    std::string const mode = args.word("--mode", "");
    long const which = args.number("--shape", 0), steps = args.number("--steps", 200), data = args.number("--data", 1024);
    auto const clock = args.clock();
    args.finish();
    math::use_one_thread();
    if (which == 0) return comparison<lstm_shape{60, 2, 50}, 32>{data}.run(mode, steps, args, json, clock);
    return comparison<lstm_shape{4, 2, 8}, 1>{data}.run(mode, steps, args, json, clock);
}

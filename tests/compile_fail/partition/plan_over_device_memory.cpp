// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires plans that fit the device's memory; got the bytes named here. Where more ranks than are named here can be started, ask for them with at_least_ranks<R>; or use zero<s>, pipeline<P> or fewer samples<b>. See docs/explanation/memory.md.
// expect: plan_fits_device<my_card, 1216, 1100, 1, 0>
#include <espalier/espalier.hpp>

using namespace espalier;

// 4 x 4 products and their biases take 128 bytes of parameters, 256 of AdamW's state, 192 for each buffer of gradients, and 64 each for
// input, target, output and its signal. A rank with four lanes has three buffers, one with two lanes has two.
using net = linear<4, 4>;
struct my_card {
    static constexpr std::string_view name = "my card";
    static constexpr std::int64_t bytes    = 1'100;
};

#ifdef ESPALIER_TWIN
using partition = within<my_card, data_parallel<lanes<4>, samples<4>>, at_least_ranks<2>>;
#else
using partition = within<my_card, data_parallel<lanes<4>, samples<4>>>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(4), dims(4), {1, 2, 3, 4}, {5, 6, 7, 8}}, {.epochs = 2});
    });
}

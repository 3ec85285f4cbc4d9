// SPDX-License-Identifier: BSL-1.0
// expect: espalier: within: requires a MemoryDevice as its first argument; got the type named here. Use devices::h100_80gb, or write name and bytes, a number above zero, both static constexpr. See docs/policies/partition.md.
// expect: can_be_within<my_card, espalier::data_parallel<
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
struct my_card {
    static constexpr std::string_view name = "my card";
    static constexpr std::int64_t bytes    = 24'000'000'000;
};
#else
struct my_card {
    static constexpr std::string_view name = "my card";
    static constexpr std::int64_t byte     = 24'000'000'000;
};
#endif

using partition = within<my_card, data_parallel<lanes<2>, samples<1>>>;
using trained   = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    });
}

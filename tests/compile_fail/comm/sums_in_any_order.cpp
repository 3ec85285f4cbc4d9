// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a communicator that can broadcast and reduce in order; got the one named here. Add all_reduce(ordered_sum<T>, T*, n) and broadcast. See docs/policies/communicator.md.
// expect: reduces_in_order<unordered, float>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
struct unordered : self {
    unordered split(int, int) const { return {}; }
    using self::all_reduce;
};
#else
struct unordered : self {
    unordered split(int, int) const { return {}; }
    template <class T, class Op>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op) const { self::all_reduce(in, out, n, op); }
};
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, unordered, checkpoint::none>;

int main() {
    unordered world;
    trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
    t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
}

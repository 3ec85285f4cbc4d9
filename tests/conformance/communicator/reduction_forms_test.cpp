// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of the other forms of a reduction: to one rank, scattered, of lanes, in a fixed order or the fastest.
/// Element types and operations are in reduction_types_test.cpp.
#include "conformance/communicator/findings.hpp"

using namespace laws;

namespace {

template <class C, class Law>
void for_places_and_sizes(C& world, Law const& law) {
    for (bool are_allocated : {false, true}) {
        places<C> memory{world, are_allocated};
        for (auto n : few_sizes<float>()) {
            memory.clear();
            law(memory, n);
        }
    }
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("a reduce combines at the root, in place or not, and leaves the others alone", "[comm]", communicators) {
    if constexpr (SupportsReduce<TestType, float, sum>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for_places_and_sizes(world, [&](auto& memory, std::int64_t n) {
                int const root      = static_cast<int>(n % world.size());
                bool const is_root  = world.rank() == root;
                auto const expected = combined<float>(world.size(), 0, n, sum{});
                auto const mine     = drawn<float>(world.rank(), 0, n), before = drawn<float>(99, 0, n);
                float* const in     = memory.take(mine);
                float* const out    = memory.take(before);
                world.reduce(in, out, n, sum{}, root);
                wrong.same(out, is_root ? expected : before, "reduce to ", root, " of ", n);
                wrong.same(in, mine, "operand of reduce to ", root, " of ", n);
                world.reduce(in, is_root ? in : nullptr, n, sum{}, root, ordered);  // elsewhere a result is not needed
                wrong.same(in, is_root ? expected : mine, "reduce in place to ", root, " of ", n);
            });
        });
    }
}

TEMPLATE_LIST_TEST_CASE("a reduce-scatter gives each rank its part, also of unequal parts and empty ones", "[comm]", communicators) {
    if constexpr (SupportsReduceScatter<TestType, float, sum>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for_places_and_sizes(world, [&](auto& memory, std::int64_t n) {
                auto const borders  = uneven_borders(n, world.size());
                auto const first    = borders[static_cast<std::size_t>(world.rank())], last = borders[static_cast<std::size_t>(world.rank()) + 1];
                auto const expected = combined<float>(world.size(), first, last, sum{});
                float* const in     = memory.take(drawn<float>(world.rank(), 0, n));
                float* const out    = memory.template take<float>(last - first);
                world.reduce_scatter(in, out, borders, sum{});
                wrong.same(out, expected, "reduce_scatter of ", n);
                world.reduce_scatter(in, in + first, borders, sum{});
                wrong.same(in + first, expected, "reduce_scatter in place of ", n);
            });
        });
    }
}

TEMPLATE_LIST_TEST_CASE("sums of lanes are scattered with the bits of the whole sum", "[comm]", communicators) {
    if constexpr (SupportsOrderedReduceScatter<TestType, float>) {
        constexpr int lanes = 7;
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for (auto n : few_sizes<float>()) {
                auto const borders = uneven_borders(n, world.size());
                auto const first   = borders[static_cast<std::size_t>(world.rank())], last = borders[static_cast<std::size_t>(world.rank()) + 1];
                auto const whole   = tree_sum<float>(n, 0, lanes);
                field<float> const expected(whole.begin() + first, whole.begin() + last);
                contribution<float> mine{n, lanes, lanes_of(lanes, world.size(), world.rank())};
                field<float> out(expected.size());
                world.reduce_scatter(mine.sum(), out.data(), borders);
                wrong.same(out.data(), expected, "ordered reduce_scatter of ", n);
                if (mine.data.empty()) mine.data.emplace_back(static_cast<std::size_t>(n));
                world.reduce_scatter(mine.sum(), mine.data[0].data() + first, borders);
                wrong.same(mine.data[0].data() + first, expected, "ordered reduce_scatter of ", n, " into a summand");
            }
        });
    }
}

TEMPLATE_LIST_TEST_CASE("the fastest order gives every rank the same sum, and of whole numbers the exact one", "[comm]", communicators) {
    if constexpr (SupportsAllReduce<TestType, float, sum, fastest_t>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for_places_and_sizes(world, [&](auto& memory, std::int64_t n) {
                auto const expected = combined<std::int64_t>(world.size(), 0, n, sum{});
                auto const borders  = uneven_borders(n, world.size());
                auto const first    = borders[static_cast<std::size_t>(world.rank())], last = borders[static_cast<std::size_t>(world.rank()) + 1];
                auto* const in      = memory.take(drawn<std::int64_t>(world.rank(), 0, n));
                auto* const out     = memory.template take<std::int64_t>(n);
                world.all_reduce(in, out, n, sum{}, fastest);
                wrong.same(out, expected, "fastest all_reduce of ", n);
                world.reduce_scatter(in, out, borders, sum{}, fastest);
                wrong.same(out, field<std::int64_t>(expected.begin() + first, expected.begin() + last), "fastest reduce_scatter of ", n);
                world.reduce(in, out, n, sum{}, 0, fastest);
                if (world.rank() == 0) wrong.same(out, expected, "fastest reduce of ", n);

                // Floats: whatever the order, one result, and near the sum of doubles.
                float* const x = memory.take(drawn<float>(world.rank(), 0, n));
                world.all_reduce(x, x, n, sum{}, fastest);
                auto shown = field<float>(x, x + n);
                world.broadcast(shown.data(), n, 0);
                wrong.same(x, shown, "fastest all_reduce of ", n, " floats beside that of rank 0");
                for (std::int64_t i = 0; i < n; ++i) {
                    double exact = 0, size = 0;
                    for (int r = 0; r < world.size(); ++r) exact += drawn<float>(r, i), size += std::abs(drawn<float>(r, i));
                    if (std::abs(x[i] - exact) > 8 * 0x1p-24 * size) return wrong.holds(false, "fastest all_reduce of ", n, ": element ", i, " is not the sum");
                }
            });
        });
    }
}

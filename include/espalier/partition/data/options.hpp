// SPDX-License-Identifier: BSL-1.0
/// @file
/// The options of the data axis, each a type with a number: how a step is divided, and what each rank keeps.
/// What they make together is data_parallel.hpp, alone or in a mesh.
#pragma once

#include <espalier/partition/plan/plan.hpp>

namespace espalier {

/// How many lanes a step has: the unit that is dealt to ranks, and the most ranks that can share a step.
template <int L>
struct lanes {
    static_assert(L >= 1, "espalier: lanes: requires at least one lane. Write lanes<8>. See docs/policies/partition.md.");
};
/// How many micro-batches a lane computes one after the other, their gradients accumulated.
template <int M>
struct micro_batches {
    static_assert(M >= 1, "espalier: micro_batches: requires at least one. Write micro_batches<1>. See docs/policies/partition.md.");
};
/// How many samples a micro-batch has.
template <int B>
struct samples {
    static_assert(B >= 1, "espalier: samples: requires at least one sample. Write samples<32>. See docs/policies/partition.md.");
};
/// How many slots for micro-batches each rank has, which a thread of its own fills ahead while `fit` runs: over the borders of steps and
/// epochs, in the order of the plan. Use it where gathering samples takes time and there is a core to spare; it changes no bits.
template <int N>
struct prefetch {
    static_assert(N >= 1 && N <= max_slots,
                  "espalier: prefetch: requires 1 to 16 slots. Write prefetch<2>, or leave it away. See docs/policies/partition.md.");
};

/// How much of gradients, optimizer state and parameters each rank keeps: `zero<1>` shards the optimizer state over the ranks that hold the
/// same layers, `zero<2>` also the sums of gradients, `zero<3>` also the parameters. The bits stay the same; what travels does not.
/// @par Source    Rajbhandari et al. 2020, ZeRO: stages 1 to 3
template <int Stage>
struct zero {
    static_assert(Stage >= 0 && Stage <= 3, "espalier: zero: requires a stage from 0 to 3. Write zero<1>. See docs/policies/partition.md.");
};
/// In how many parts of about equal size gradients are reduced, and parameters gathered. From two on the reduction of a part begins when backward
/// has left its layers and goes on while backward computes; `zero<2>` and `zero<3>` keep two of the parts whole meanwhile.
/// In a pipeline every chunk of a stage is a part already, and this option says nothing.
template <int N>
struct buckets {
    static_assert(N >= 1, "espalier: buckets: requires at least one. Write buckets<4>, or leave it away. See docs/policies/partition.md.");
};

namespace detail {
struct data_parallel_sizes {
    int lanes = 1, micro_batches = 1, samples = 0, prefetched_slots = 0;
    zero_stage zero = zero_stage::none;
    int buckets = 1;
    int unknown = 0;
};
template <class Option>
constexpr void read_option(data_parallel_sizes& s, Option const*) { ++s.unknown; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, lanes<N> const*) { s.lanes = N; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, micro_batches<N> const*) { s.micro_batches = N; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, samples<N> const*) { s.samples = N; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, prefetch<N> const*) { s.prefetched_slots = N; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, zero<N> const*) { s.zero = static_cast<zero_stage>(N); }
template <int N>
constexpr void read_option(data_parallel_sizes& s, buckets<N> const*) { s.buckets = N; }

template <class... Options>
[[nodiscard]] constexpr data_parallel_sizes sizes_of() {
    data_parallel_sizes s;
    (read_option(s, static_cast<Options const*>(nullptr)), ...);
    return s;
}
}  // namespace detail

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Random numbers as a data set: what is learned from them does not matter here, only how long it takes.
#pragma once

#include <espalier/core/philox.hpp>
#include <espalier/data/in_memory.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace bench {

/// `n` values, each near ±1, from Philox.
[[nodiscard]] inline std::vector<float> random_values(std::int64_t n, std::uint64_t seed) {
    espalier::random_key const key{seed, "bench"};
    std::vector<float> out(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i)
        out[static_cast<std::size_t>(i)] = 2.0f * espalier::to_unit(key.at(static_cast<std::uint64_t>(i)).word[0]) - 1.0f;
    return out;
}

/// `samples` sequences of (steps, inputs) with one target each.
[[nodiscard]] inline espalier::in_memory<float> random_sequences(std::int64_t samples, std::int64_t steps, std::int64_t inputs) {
    return {espalier::dims(steps, inputs), espalier::dims(1), random_values(samples * steps * inputs, 1), random_values(samples, 2)};
}

}  // namespace bench

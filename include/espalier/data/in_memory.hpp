// SPDX-License-Identifier: BSL-1.0
/// @file
/// A data set over plain arrays, for tests, reference cases and data that a program has prepared itself.
/// It neither scales nor splits what it holds.
#pragma once

#include <espalier/data/dataset.hpp>
#include <espalier/data/errors.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace espalier {

/// Samples in two arrays, one sample after the other; `gather` brings them into the step-by-step order that networks read.
/// Copies share the arrays, which never change.
/// @par Shapes    x (N,T,F) or (N,F), y (N,K), row-major; gathers x as (T,B,F) or (B,F), y as (B,K)
template <class T>
class in_memory {
public:
    /// @param input   one sample's input, `dims(T, F)` or `dims(F)`
    /// @param target  one sample's target, `dims(K)`
    /// @throws bad_data where an array does not hold a whole number of samples, or the two hold different numbers
    in_memory(shape input, shape target, std::vector<T> x, std::vector<T> y)
        : input_{input}, target_{target}, size_{samples_in(x, input, "x")} {
        if (std::int64_t const targets = samples_in(y, target, "y"); targets != size_)
            throw bad_data{{"in_memory", joined("as many targets as inputs (", size_, ")"), joined(targets),
                            "Give one target a sample", "howto/data.md"}};
        arrays_ = std::make_shared<arrays const>(arrays{std::move(x), std::move(y)});
    }

    [[nodiscard]] std::int64_t size() const noexcept { return size_; }
    [[nodiscard]] shape input() const noexcept { return input_; }
    [[nodiscard]] shape target() const noexcept { return target_; }

    /// Writes samples as a batch, converted to `U`.
    /// @par Shapes    x (T,B,F) or (B,F), y (B,K), B = samples.size()
    template <class U>
    void gather(std::span<std::int64_t const> samples, U* x, U* y) const {
        copy_rows(arrays_->x, input_, samples, x);
        copy_rows(arrays_->y, target_, samples, y);
    }

private:
    struct arrays {
        std::vector<T> x, y;
    };

    [[nodiscard]] static std::int64_t samples_in(std::vector<T> const& array, shape const& of_one, char const* name) {
        auto const elements = static_cast<std::int64_t>(array.size());
        if (of_one.elements() <= 0 || elements % of_one.elements() != 0)
            throw bad_data{{"in_memory", joined(name, " as a whole number of samples of ", of_one.elements(), " elements"),
                            joined(elements, " elements"), "Check the shape or the array", "howto/data.md"}};
        return elements / of_one.elements();
    }

    template <class U>
    static void copy_rows(std::vector<T> const& from, shape const& one, std::span<std::int64_t const> samples, U* to) {
        std::int64_t const rows = one.rows(), features = one.features();
        auto const batch = static_cast<std::int64_t>(samples.size());
        for (std::int64_t b = 0; b < batch; ++b) {
            T const* source = from.data() + samples[static_cast<std::size_t>(b)] * one.elements(); // (rows, features)
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t f = 0; f < features; ++f)
                    to[(r * batch + b) * features + f] = static_cast<U>(source[r * features + f]);
        }
    }

    shape input_, target_;
    std::int64_t size_;
    std::shared_ptr<arrays const> arrays_;
};

static_assert(Dataset<in_memory<float>> && Dataset<in_memory<double>>);

} // namespace espalier

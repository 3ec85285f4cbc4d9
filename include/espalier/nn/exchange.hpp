// SPDX-License-Identifier: BSL-1.0
/// @file
/// What layers that are cut across ranks are given in place of a communicator: exchanges between the ranks of a tensor axis, at named
/// points. Who carries them is train/'s business; how often a layer exchanges, and how much, it says beforehand in the same words.
#pragma once

#include <espalier/core/chunks.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace espalier {

/// How a layer is cut: into `slices` equal parts, of which each of `ranks` ranks computes as many consecutive ones. Sums over slices are
/// taken along the lane tree over all of them, whoever computes them: so the number of slices decides the bits, not the number of ranks.
struct tensor_cut {
    int ranks  = 1;
    int slices = 1;            ///< a multiple of `ranks`; `slices / ranks` is a power of two
    bool cuts_steps = false;   ///< between cut layers each rank keeps its steps of a sequence alone (sequence parallelism)

    /// Of one rank.
    [[nodiscard]] constexpr int own_slices() const noexcept { return slices / ranks; }
    /// Parts of a sequence that one rank has between cut layers, of `slices` in all.
    [[nodiscard]] constexpr int own_blocks() const noexcept { return cuts_steps ? own_slices() : slices; }
    friend constexpr bool operator==(tensor_cut const&, tensor_cut const&) noexcept = default;
};

/// A tensor cut as a type.
template <int Ranks, int Slices, bool CutsSteps>
struct cut_over {
    static constexpr tensor_cut value{Ranks, Slices, CutsSteps};
};
/// Of what is not cut.
using not_cut = cut_over<1, 1, false>;

/// Where in a layer an exchange is: for messages and explanations.
enum class exchange_point : unsigned char {
    input,             ///< what a cut layer reads, from ranks that each have some of its steps
    output,            ///< what it gives
    output_gradient,   ///< the gradient that comes in at its output
    input_gradient,    ///< and the one that leaves at its input
    weights_gradient,  ///< of parameters that all ranks have, from ranks that each saw some of the steps
    state,             ///< between two steps of a recurrent layer
    state_gradient,
    scores,            ///< what a loss needs of scores that are cut
};

[[nodiscard]] constexpr std::string_view name_of(exchange_point at) noexcept {
    constexpr std::string_view names[] = {"input", "output", "output_gradient", "input_gradient", "weights_gradient", "state", "state_gradient", "scores"};
    return names[static_cast<int>(at)];
}

/// Exchanges of a step's pass between the ranks of a tensor axis. Every rank of the axis makes the same ones in the same order; on a
/// rank alone they are there as well, and move nothing. Values of one rank's slices are summed by the layer, along the lane tree.
template <class T>
class tensor_exchange {
public:
    virtual ~tensor_exchange() = default;

    /// Of the ranks of the axis.
    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int ranks() const noexcept { return ranks_; }

    /// values[i] becomes the sum over all slices; each rank brings the sum over its own.
    virtual void sum(exchange_point at, T* values, std::int64_t n) = 0;
    /// Begins such a sum, which goes on while the rank computes; until `wait` nobody touches the values, or begins another exchange.
    virtual void post_sum(exchange_point at, T* values, std::int64_t n) = 0;
    /// The same, of which rank r gets the part r, of n elements.
    /// @param values ranks() · n elements, which stay
    virtual void sum_to_parts(exchange_point at, T const* values, T* part, std::int64_t n) = 0;
    virtual void post_sum_to_parts(exchange_point at, T const* values, T* part, std::int64_t n) = 0;
    /// Until the sum that was posted last is there.
    virtual void wait() = 0;
    /// Every rank gets all parts.
    /// @param whole ranks() · n elements; part r, of n, is rank r's
    virtual void gather(exchange_point at, T* whole, std::int64_t n) = 0;
    /// The same of numbers that are double precision whatever the model's scalar is.
    virtual void gather_doubles(exchange_point at, double* whole, std::int64_t n) = 0;

protected:
    tensor_exchange(int rank, int ranks) noexcept : rank_{rank}, ranks_{ranks} {}

private:
    int rank_, ranks_;
};

/// The exchange of a rank alone: it has every slice, and a sum over its own is the sum over all.
template <class T>
class exchange_alone final : public tensor_exchange<T> {
public:
    exchange_alone() noexcept : tensor_exchange<T>{0, 1} {}
    void sum(exchange_point, T*, std::int64_t) override {}
    void post_sum(exchange_point, T*, std::int64_t) override {}
    void sum_to_parts(exchange_point, T const* values, T* part, std::int64_t n) override {
        if (values != part) std::copy_n(values, n, part);
    }
    void post_sum_to_parts(exchange_point at, T const* values, T* part, std::int64_t n) override { sum_to_parts(at, values, part, n); }
    void wait() override {}
    void gather(exchange_point, T*, std::int64_t) override {}
    void gather_doubles(exchange_point, double*, std::int64_t) override {}
};

/// What the exchanges of a pass come to, for one rank: a layer states them by the calls that it makes.
struct exchange_tally {
    int ranks = 1;  ///< of the axis
    int rank  = 0;
    int times = 0;  ///< exchanges; 0 on a rank alone
    std::int64_t sent = 0;  ///< elements that this rank sends

    constexpr void sum(std::int64_t n, std::int64_t repeat = 1) noexcept { add(elements_sent_all_reduce(n, ranks, rank, 1), repeat); }
    constexpr void sum_to_parts(std::int64_t n, std::int64_t repeat = 1) noexcept { add(elements_sent_reduce_scatter(ranks * n, n, 1), repeat); }
    constexpr void gather(std::int64_t n, std::int64_t repeat = 1) noexcept { add(elements_sent_all_gather(n, ranks), repeat); }
    constexpr void gather_doubles(std::int64_t n, std::int64_t repeat = 1) noexcept { gather(n, repeat); }

private:
    constexpr void add(std::int64_t elements, std::int64_t repeat) noexcept {
        if (ranks == 1) return;
        times += static_cast<int>(repeat);
        sent += elements * repeat;
    }
};

/// Which way a pass goes, where its exchanges are counted. A backward in two parts makes all of them in the first.
enum class pass_way : unsigned char { forward, backward };

/// Adds the exchanges of a layer's pass to a tally, where it says so by `exchanges(in, batch, way, wants_dx, tally)`; other layers make none.
/// @param wants_dx whether backward is asked for the gradient of the layer's input
template <class L>
constexpr void count_exchanges(auto in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
    if constexpr (requires { L::exchanges(in, batch, way, wants_dx, tally); }) L::exchanges(in, batch, way, wants_dx, tally);
}

}  // namespace espalier

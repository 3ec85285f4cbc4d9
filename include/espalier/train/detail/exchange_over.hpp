// SPDX-License-Identifier: BSL-1.0
/// @file
/// The exchanges of layers that are cut across ranks, carried by a communicator whose group are the ranks of the tensor axis.
/// When a pass may make some, and how many, is the plan's business.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/posted_concepts.hpp>
#include <espalier/core/error.hpp>
#include <espalier/nn/exchange.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace espalier::detail {

/// A communicator that can carry the exchanges of layers in scalar T.
template <class C, class T>
concept CarriesExchanges =
    SupportsOrderedAllReduce<C, T> && SupportsOrderedReduceScatter<C, T> && SupportsAllGather<C, T> && SupportsAllGather<C, double>;

/// What one posted sum needs until its wait; a communicator that cannot post needs nothing.
template <class C>
struct exchange_request {
    struct type {};
};
template <class C>
    requires SupportsWait<C>
struct exchange_request<C> {
    using type = typename C::request;
};

/// The exchanges between the ranks of a group. A rank brings the sum over its own slices as one summand of the lane tree over all of them.
/// ```
///   8 slices, 4 ranks:     rank 1 brings the node [2, 4)      gather: part r lies at r·n … (r+1)·n − 1
/// ```
/// @par Ranks     collective over the group, every call; posted sums too
/// @par Cost      one collective a call, which `tally` counts; allocates when made alone
/// @par Numerics  the same bits for any number of ranks with the same slices
template <class C, class T>
    requires CarriesExchanges<C, T>
class exchange_over : public tensor_exchange<T> {
    static constexpr bool posts_sums  = SupportsPostedOrderedAllReduce<C, T>;
    static constexpr bool posts_parts = SupportsPostedOrderedReduceScatter<C, T>;

public:
    /// Of what this rank has exchanged so far, in the words in which layers state it.
    exchange_tally tally;

    /// @param group the ranks of the axis, in its order; it outlives this object
    /// @throws invalid_setting unless they are as many as the cut says
    exchange_over(C& group, tensor_cut const& cut)
        : tensor_exchange<T>{group.rank(), group.size()}, tally{group.size(), group.rank()}, group_{&group}, slices_{cut.slices},
          borders_(static_cast<std::size_t>(group.size()) + 1) {
        if (group.size() != cut.ranks)
            throw invalid_setting{{"tensor_parallel", joined("a group of ", cut.ranks, " ranks for its exchanges"), joined(group.size()),
                                   "Split the world by tensor axis, its ranks innermost", "policies/partition.md"}};
        int const first = group.rank() * cut.own_slices();
        mine_.lanes     = {first, first + cut.own_slices()};
    }
    exchange_over(exchange_over const&)            = delete;
    exchange_over& operator=(exchange_over const&) = delete;

    /// From now on so many exchanges are in order, until `close`; without a call any number is.
    void allow(int times) noexcept { allowed_ = tally.times + times; }
    void allow_any() noexcept { allowed_ = -1; }
    /// None are in order any more.
    /// @throws invalid_setting where fewer were made than were allowed
    void close() {
        if (allowed_ >= 0 && tally.times != allowed_) complain("fewer");
        allowed_ = tally.times;
    }

    void sum(exchange_point at, T* values, std::int64_t n) override {
        begin(at);
        group_->all_reduce(of(values), values, n);
        tally.sum(n);
    }
    void post_sum(exchange_point at, T* values, std::int64_t n) override {
        begin(at);
        if constexpr (posts_sums) request_ = group_->post_all_reduce(of(values), values, n);
        else group_->all_reduce(of(values), values, n);
        is_posted_ = true;
        tally.sum(n);
    }
    void sum_to_parts(exchange_point at, T const* values, T* part, std::int64_t n) override {
        begin(at);
        group_->reduce_scatter(of(values), part, parts_of(n));
        tally.sum_to_parts(n);
    }
    void post_sum_to_parts(exchange_point at, T const* values, T* part, std::int64_t n) override {
        begin(at);
        if constexpr (posts_parts) request_ = group_->post_reduce_scatter(of(values), part, parts_of(n));
        else group_->reduce_scatter(of(values), part, parts_of(n));
        is_posted_ = true;
        tally.sum_to_parts(n);
    }
    void wait() override {
        if constexpr (posts_sums || posts_parts) group_->wait(request_);
        is_posted_ = false;
    }
    void gather(exchange_point at, T* whole, std::int64_t n) override {
        begin(at);
        group_->all_gather(whole, parts_of(n));
        tally.gather(n);
    }
    void gather_doubles(exchange_point at, double* whole, std::int64_t n) override {
        begin(at);
        group_->all_gather(whole, parts_of(n));
        tally.gather_doubles(n);
    }

private:
    /// What a posted sum reads until its wait is this object's: one at a time.
    void begin(exchange_point at) const {
        if (tally.times == allowed_) complain(joined("one more, at its ", name_of(at)));
        if (is_posted_)
            throw invalid_setting{{"exchange", "a wait for the sum that was posted before the next exchange", "another exchange before it",
                                   "Call wait() first", "policies/model.md"}};
    }
    [[noreturn]] static void complain(std::string const& got) {
        throw invalid_setting{{"exchange", "as many exchanges in a pass as its layers state beforehand", got,
                               "Let exchanges(in, batch, way, wants_dx, tally) of the layer say what forward and backward do", "explanation/tensor-axis.md"}};
    }
    [[nodiscard]] ordered_sum<T> of(T const* values) noexcept {
        mine_.data = values;
        return {slices_, {&mine_, 1}};
    }
    [[nodiscard]] std::span<std::int64_t const> parts_of(std::int64_t n) noexcept {
        for (std::size_t r = 0; r < borders_.size(); ++r) borders_[r] = static_cast<std::int64_t>(r) * n;
        return borders_;
    }

    C* group_;
    int slices_;
    summand<T> mine_ = {};
    std::vector<std::int64_t> borders_;
    typename exchange_request<C>::type request_ = {};
    bool is_posted_ = false;
    int allowed_    = -1;
};

}  // namespace espalier::detail

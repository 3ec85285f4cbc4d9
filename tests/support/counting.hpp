// SPDX-License-Identifier: BSL-1.0
/// @file
/// `counting<C>`: a communicator that hands every call to a real one and counts, element by element of the definition, what
/// this rank sends. Plans state the same numbers by formulas of their own; the counter shares only the cut with them.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/comm/concepts.hpp>
#include <espalier/comm/posted_concepts.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

namespace espalier_test {

/// Elements that one rank has sent, by operation, and how often it joined or posted.
struct traffic {
    std::int64_t all_reduce     = 0;
    std::int64_t reduce_scatter = 0;
    std::int64_t all_gather     = 0;
    std::int64_t broadcast      = 0;
    std::int64_t send           = 0;
    std::int64_t calls          = 0;

    [[nodiscard]] std::int64_t total() const { return all_reduce + reduce_scatter + all_gather + broadcast + send; }
};

namespace detail {
template <class C>
struct size_of_kind {};
template <class C>
    requires requires { C::static_size; }
struct size_of_kind<C> {
    static constexpr int static_size = C::static_size;
};
template <class C>
struct request_of {};
template <class C>
    requires requires { typename C::request; }
struct request_of<C> {
    using request = typename C::request;
};
}  // namespace detail

/// Wraps C; parts made by `split` count into the same account of their rank.
template <espalier::Communicator C>
class counting : public detail::size_of_kind<C>, public detail::request_of<C> {
    using borders_view = std::span<std::int64_t const>;

public:
    using memory_space = typename C::memory_space;

    explicit counting(C real) : real_{std::move(real)}, sent_{std::make_shared<traffic>()} {}

    [[nodiscard]] traffic const& sent() const { return *sent_; }

    [[nodiscard]] int rank() const { return real_.rank(); }
    [[nodiscard]] int size() const { return real_.size(); }
    [[nodiscard]] counting split(int color, int key) { return counting{real_.split(color, key), sent_}; }
    void barrier() { real_.barrier(); }
    [[nodiscard]] auto allocate(std::size_t bytes) { return real_.allocate(bytes); }
    [[nodiscard]] auto look_out() const
        requires requires(C const& c) { c.look_out(); }
    {
        return real_.look_out();
    }

    template <class T>
        requires espalier::SupportsOrderedAllReduce<C, T>
    void all_reduce(espalier::ordered_sum<T> const& s, T* out, std::int64_t n) {
        ++sent_->calls;
        sent_->all_reduce += to_owners(chunks_of(n), static_cast<std::int64_t>(s.mine.size())) + to_others(chunks_of(n));
        real_.all_reduce(s, out, n);
    }
    template <class T, class Op>
        requires espalier::SupportsAllReduce<C, T, Op>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op) {
        ++sent_->calls;
        sent_->all_reduce += to_owners(chunks_of(n), 1) + to_others(chunks_of(n));
        real_.all_reduce(in, out, n, op);
    }
    template <class T>
        requires espalier::SupportsOrderedReduceScatter<C, T>
    void reduce_scatter(espalier::ordered_sum<T> const& s, T* out, borders_view borders) {
        ++sent_->calls;
        sent_->reduce_scatter += to_owners(parts_of(borders), static_cast<std::int64_t>(s.mine.size()));
        real_.reduce_scatter(s, out, borders);
    }
    template <class T, class Op>
        requires espalier::SupportsReduceScatter<C, T, Op>
    void reduce_scatter(T const* in, T* out, borders_view borders, Op op) {
        ++sent_->calls;
        sent_->reduce_scatter += to_owners(parts_of(borders), 1);
        real_.reduce_scatter(in, out, borders, op);
    }
    template <class T>
        requires espalier::SupportsAllGather<C, T>
    void all_gather(T* data, borders_view borders) {
        ++sent_->calls;
        sent_->all_gather += to_others(parts_of(borders));
        real_.all_gather(data, borders);
    }
    template <class T>
        requires espalier::SupportsBroadcast<C, T>
    void broadcast(T* data, std::int64_t n, int root) {
        ++sent_->calls;
        if (root == rank()) sent_->broadcast += n * (size() - 1);
        real_.broadcast(data, n, root);
    }
    template <class T>
        requires espalier::SupportsSendReceive<C, T>
    [[nodiscard]] auto post_send(int to, int direction, T const* data, std::int64_t n) {
        ++sent_->calls;
        sent_->send += n;
        return real_.post_send(to, direction, data, n);
    }
    template <class T>
        requires espalier::SupportsSendReceive<C, T>
    [[nodiscard]] auto post_recv(int from, int direction, T* data, std::int64_t n) {
        ++sent_->calls;
        return real_.post_recv(from, direction, data, n);
    }
    template <class T>
        requires espalier::SupportsPostedOrderedAllReduce<C, T>
    [[nodiscard]] auto post_all_reduce(espalier::ordered_sum<T> const& s, T* out, std::int64_t n) {
        ++sent_->calls;
        sent_->all_reduce += to_owners(chunks_of(n), static_cast<std::int64_t>(s.mine.size())) + to_others(chunks_of(n));
        return real_.post_all_reduce(s, out, n);
    }
    template <class T>
        requires espalier::SupportsPostedOrderedReduceScatter<C, T>
    [[nodiscard]] auto post_reduce_scatter(espalier::ordered_sum<T> const& s, T* out, borders_view borders) {
        ++sent_->calls;
        sent_->reduce_scatter += to_owners(parts_of(borders), static_cast<std::int64_t>(s.mine.size()));
        return real_.post_reduce_scatter(s, out, borders);
    }
    template <class Request>
    void wait(Request& r) {
        real_.wait(r);
    }

    /// C's launch, with options if there are some, then f(counting<C>&) on each rank.
    template <class... OptionsAndF>
    static void launch(int ranks, OptionsAndF&&... arguments) {
        launch_with(ranks, std::forward_as_tuple(arguments...), std::make_index_sequence<sizeof...(OptionsAndF) - 1>{});
    }

private:
    counting(C real, std::shared_ptr<traffic> account) : real_{std::move(real)}, sent_{std::move(account)} {}

    template <class Tuple, std::size_t... I>
    static void launch_with(int ranks, Tuple const& arguments, std::index_sequence<I...>) {
        auto& f = std::get<sizeof...(I)>(arguments);
        C::launch(ranks, std::get<I>(arguments)..., [&f](C& real) {
            counting world{std::move(real)};
            f(world);
        });
    }

    /// Where each rank's elements begin and end.
    [[nodiscard]] auto chunks_of(std::int64_t n) const {
        return [n, ranks = size()](int r) { return espalier::chunk_borders(n, ranks)[r]; };
    }
    [[nodiscard]] static auto parts_of(borders_view borders) {
        return [borders](int r) { return borders[static_cast<std::size_t>(r)]; };
    }
    /// Each summand's elements go to their owners.
    template <class Border>
    [[nodiscard]] std::int64_t to_owners(Border const& border, std::int64_t summands) const {
        std::int64_t count = 0;
        for (int owner = 0; owner < size(); ++owner)
            for (std::int64_t s = 0; s < summands; ++s)
                if (owner != rank()) count += border(owner + 1) - border(owner);
        return count;
    }
    /// The elements that this rank owns go to each of the others.
    template <class Border>
    [[nodiscard]] std::int64_t to_others(Border const& border) const {
        std::int64_t count = 0;
        for (int other = 0; other < size(); ++other)
            if (other != rank()) count += border(rank() + 1) - border(rank());
        return count;
    }

    C real_;
    std::shared_ptr<traffic> sent_;
};

}  // namespace espalier_test

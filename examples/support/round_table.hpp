// SPDX-License-Identifier: BSL-1.0
/// @file
/// `round_table`: a communicator written from nothing, about as small as one can be that trains.
/// It sums in the right order and hangs nowhere; it does not hurry.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/errors.hpp>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

inline espalier::invalid_setting not_a_tree(int lanes) {
    return espalier::invalid_setting{{"round_table", espalier::joined("summands that tile the tree over ", lanes, " lanes"), "others",
                                      "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, ranks, rank))", "policies/communicator.md"}};
}

/// Where the ranks of a group meet.
struct table {
    explicit table(std::size_t ranks) : shown(ranks), all{static_cast<std::ptrdiff_t>(ranks)} {}
    std::vector<void const*> shown; // by each rank
    std::barrier<> all;
    std::atomic<int> left{-1}; // a rank that will not come again: its function is over, or has thrown
};

/// A rank's place there. Each rank shows a pointer, all look, and nobody takes back what another one still reads.
struct seat {
    ~seat() { at->left = rank, at->all.arrive_and_drop(); } // who waits for this rank learns it instead of hanging
    template <class Look>
    void meet(void const* mine, Look look) {
        at->shown.data()[rank] = mine;
        at->all.arrive_and_wait();
        if (int const r = at->left; r >= 0) throw espalier::rank_failed{r, "round_table", "it has left the table"};
        std::exception_ptr error;
        try {
            look();
        } catch (...) {
            error = std::current_exception();
        }
        at->all.arrive_and_wait(); // until all have looked
        if (error) std::rethrow_exception(error);
    }
    template <class T>
    T const* of(int r) const { return static_cast<T const*>(at->shown.data()[r]); } // what rank r shows
    std::shared_ptr<table> at;
    int rank;
};

/// Ranks are threads of one process. What they bring is read where it lies, and every rank works out the whole result for itself.
class round_table {
public:
    using memory_space = espalier::host;

    int rank() const { return seat_->rank; }
    int size() const { return static_cast<int>(seat_->at->shown.size()); }
    void barrier() { seat_->meet(nullptr, [] {}); }
    auto allocate(std::size_t bytes) const { return espalier::buffer<std::byte>{static_cast<std::int64_t>(bytes)}; }
    round_table split(int color, int key) {
        int const wish[] = {color, key};
        std::set<std::pair<int, int>> part; // key and rank
        seat_->meet(wish, [&] {
            for (int r = 0; r < size(); ++r)
                if (seat_->of<int>(r)[0] == color) part.emplace(seat_->of<int>(r)[1], r);
        });
        std::shared_ptr<table> taken, made = std::make_shared<table>(part.size()); // that of the first of them is taken
        seat_->meet(&made, [&] { taken = *seat_->of<std::shared_ptr<table>>(part.begin()->second); });
        return {taken, static_cast<int>(std::distance(part.begin(), part.find({key, rank()})))};
    }

    template <class T>
    void all_reduce(espalier::ordered_sum<T> const& mine, T* out, std::int64_t n) { combine(mine, out, n, espalier::sum{}); }
    template <class T, class Op>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op) {
        espalier::summand<T> const mine{{rank(), rank() + 1}, in};
        combine(espalier::ordered_sum<T>{size(), {&mine, 1}}, out, n, op);
    }
    template <class T>
    void broadcast(T* data, std::int64_t n, int root) {
        seat_->meet(data, [&] { std::copy_n(seat_->of<T>(root), rank() == root ? 0 : n, data); });
    }

    static void launch(int ranks, auto f) {
        auto const all = std::make_shared<table>(static_cast<std::size_t>(ranks));
        std::exception_ptr first; // the others end because of it
        std::once_flag is_there;
        std::vector<std::thread> crew;
        for (int r = 0; r < ranks; ++r)
            crew.emplace_back([&, world = round_table{all, r}]() mutable {
                try { f(world); } catch (...) { std::call_once(is_there, [&] { first = std::current_exception(); }); }
            });
        for (auto& thread : crew) thread.join();
        if (first) std::rethrow_exception(first);
    }

private:
    round_table(std::shared_ptr<table> t, int rank) : seat_{new seat{std::move(t), rank}} {}

    template <class T, class Op>
    void combine(espalier::ordered_sum<T> const& mine, T* out, std::int64_t n, Op op) {
        std::vector<T> result; // others may still read what lies at `out`
        seat_->meet(&mine, [&] { for (std::int64_t i = 0; i < n; ++i) result.push_back(along_tree<T>({0, mine.lanes}, i, op)); });
        std::copy(result.begin(), result.end(), out);
    }
    /// Element i: of whoever has the sum over these lanes, or of the two parts of the tree below.
    template <class T, class Op>
    T along_tree(espalier::lane_range lanes, std::int64_t i, Op op) const {
        for (int r = 0; r < size(); ++r)
            for (auto const& part : seat_->of<espalier::ordered_sum<T>>(r)->mine)
                if (part.lanes == lanes) return part.data[i];
        if (lanes.size() < 2) throw not_a_tree(seat_->of<espalier::ordered_sum<T>>(0)->lanes);
        int const middle = espalier::split_of(lanes);
        return op(along_tree<T>({lanes.first, middle}, i, op), along_tree<T>({middle, lanes.last}, i, op));
    }
    std::unique_ptr<seat> seat_;
};

// SPDX-License-Identifier: BSL-1.0
// A partition of one's own: rank 0 sits on a processor that is twice as quick and computes about twice as many lanes.
//
//     examples/run own_partition
//
// The compiler proves the plans. It prints how the lanes are dealt, and returns 1 unless every number of ranks gives the bits
// of the shipped partition on one rank.
//
// test:
#include <espalier/espalier.hpp>

#include <iostream>

using namespace espalier;

/// Data parallelism over L lanes of B samples each, on 1 … L − 1 ranks of which the first counts twice.
template <int L, int B>
struct first_rank_twice {
    static constexpr int max_ranks     = L - 1;
    static constexpr int batch         = B;
    static constexpr int plan_capacity = 5 * L + 1; // 4 actions a lane, L − 1 folds, the reduction, the update
    using plan_type                    = rank_plan<plan_capacity>;

    [[nodiscard]] static constexpr lane_range lanes_of_rank(int ranks, int rank) noexcept {
        auto const border = [&](int r) { return r == 0 ? 0 : (r + 1) * L / (ranks + 1); };
        return {border(rank), border(rank + 1)};
    }

    template <Model M>
    [[nodiscard]] static constexpr plan_type plan(int ranks, int rank) {
        plan_type p;
        p.ranks = ranks, p.rank = rank, p.lanes = L, p.samples = B;
        p.mine           = lanes_of_rank(ranks, rank);
        auto const trees = maximal_subtrees(L, p.mine); // the sums that this rank can take alone
        p.partials       = trees.count;
        for (int i = 0; i < trees.count; ++i) {
            p.partial[i] = {trees.node[i], i};
            add_sum(p, trees.node[i], i); // into buffer i, and buffers behind it on the way
        }
        if (ranks > 1) p.add({.kind = action_kind::all_reduce, .buffer = 0});
        p.add({.kind = action_kind::update, .buffer = 0});
        p.memory           = memory_of<M>(B, p.gradient_buffers);
        p.reduced_elements = gradient_elements<M>;
        p.sent_elements    = elements_sent_all_reduce(p.reduced_elements, ranks, rank, p.partials);
        return p;
    }

    static void check_ranks(int ranks) {
        if (ranks >= 1 && ranks <= max_ranks) return;
        throw invalid_setting{{"first_rank_twice", joined("1 to ", max_ranks, " ranks"), joined("a world of ", ranks),
                               "Start fewer ranks or take more lanes", "policies/partition.md"}};
    }

private:
    static constexpr void add_sum(plan_type& p, lane_range node, int buffer) {
        if (buffer + 1 > p.gradient_buffers) p.gradient_buffers = buffer + 1;
        if (node.size() == 1) {
            p.add({.kind = action_kind::clear, .buffer = buffer});
            p.add({.kind = action_kind::load, .lane = node.first, .micro_batch = 0});
            p.add({.kind = action_kind::forward, .lane = node.first, .micro_batch = 0, .buffer = buffer});
            p.add({.kind = action_kind::backward, .lane = node.first, .micro_batch = 0, .buffer = buffer});
            return;
        }
        add_sum(p, {node.first, split_of(node)}, buffer);
        add_sum(p, {split_of(node), node.last}, buffer + 1);
        p.add({.kind = action_kind::fold, .buffer = buffer, .other = buffer + 1});
    }
};

using net_type = sequence<linear<4, 16>, relu, linear<16, 1>>;
using learned  = model<net_type, mean_squared_error, adamw>;

template <class Partition>
std::string trained_on(int ranks) {
    std::vector<float> x, y;
    random_key const key{1, "data"};
    for (std::uint64_t i = 0; i < 640; ++i) {
        for (std::uint32_t word : key.at(i).word) x.push_back(to_unit(word));
        y.push_back(to_unit(key.at(i).word[0]) * to_unit(key.at(i).word[1]));
    }
    in_memory<float> const data{dims(4), dims(1), std::move(x), std::move(y)};
    using trainer_of = trainer<learned, Partition, threads, checkpoint::none>;
    std::string hash;
    launch<trainer_of>(ranks, [&](auto& world) {
        trainer_of t{world, {.seed = 7}};
        t.fit(data, {.epochs = 3});
        if (world.rank() == 0) hash = checkpoint::weights_hash(t.weights());
    });
    return hash;
}

int main() {
    std::string const expected = trained_on<data_parallel<lanes<8>, samples<8>>>(1);
    bool same                  = true;
    for (int ranks = 1; ranks <= first_rank_twice<8, 8>::max_ranks; ++ranks) {
        std::cout << ranks << " ranks, lanes of each:";
        for (int r = 0; r < ranks; ++r) std::cout << ' ' << first_rank_twice<8, 8>::lanes_of_rank(ranks, r).size();
        std::string const hash = trained_on<first_rank_twice<8, 8>>(ranks);
        std::cout << ", weights " << hash << (hash == expected ? "" : ", which differ") << '\n';
        same = same && hash == expected;
    }
    return same ? 0 : 1;
}

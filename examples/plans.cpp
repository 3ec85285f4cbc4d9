// SPDX-License-Identifier: BSL-1.0
// What ranks do in a step, before anything runs: plans are values that are made, proved, explained and drawn without a rank or a
// thread.
//
//     examples/run plans                        the plan of rank 1 of 3, data parallel
//     examples/run plans RANKS RANK             of another
//     examples/run plans RANKS draw             a picture of all ranks, as SVG; docs/pictures/plan.svg is that of two
//     examples/run plans LAYOUT [RANKS] [RANK]  the same of a layout: pipelines, shards, both; without RANK all ranks as a table
//     examples/run plans LAYOUT [RANKS] draw    its picture; docs/pictures/plan-1f1b.svg is that of 1f1b
//     examples/run plans all                    the tables of all layouts
//     examples/run plans --help                 the layouts
//
// It returns 1 unless the step is proved for every number of ranks that the layout can use.
//
// test: all
#include <espalier/espalier.hpp>
#include <espalier/partition/mesh.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

using namespace espalier;

// Data parallel: the network of examples/alice.cpp.
using alice_network = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using alice         = model<alice_network, mean_squared_error, adamw>;
using replicas      = data_parallel<lanes<8>, samples<32>>;

// Eight layers and a head: enough to cut into eight chunks. Shards and buckets with a lane a rank, pipelines of four stages.
using deep = model<lstm_forecaster<lstm_shape{.steps = 20, .inputs = 2, .units = 128, .layers = 8}>, mean_squared_error, adamw>;
template <int Stage>
using shards = data_parallel<lanes<4>, samples<8>, zero<Stage>, buckets<4>>;
template <class Schedule, class... More>
using stages_of_four = mesh<data_parallel<lanes<8>, samples<8>, More...>, pipeline<4, Schedule>>;

// Plans are constant expressions: how many gradient buffers the first of three ranks needs is known to the compiler.
static_assert(replicas::plan<alice>(3, 0).gradient_buffers == 2);

/// What is asked for: a picture, the plan of one rank, or (−1) a table of all.
struct question {
    int ranks     = 0;
    int rank      = -1;
    bool is_drawn = false;
};

template <class Partition, class Learned>
int answer(question const& q) {
    Partition::check_ranks(q.ranks);
    std::vector<typename Partition::plan_type> plans;
    for (int r = 0; r < q.ranks; ++r) plans.push_back(Partition::template plan<Learned>(q.ranks, r));
    if (q.is_drawn) {
        std::cout << draw(plans);
        return 0;
    }
    constexpr auto const& tensors = network<typename Learned::network_type>::tensors;
    std::cout << tensors.parameters << " parameters in " << tensors.elements << " elements\n"
              << (q.rank < 0 ? explain_all(plans) : explain(plans[static_cast<std::size_t>(q.rank)], {.actions = true}));

    constexpr int multiple = rank_multiple<Partition>; // a pipeline comes as a whole
    for (int n = multiple; n <= Partition::max_ranks; n += multiple) {
        verdict const v = prove(n, [&](int r) { return Partition::template plan<Learned>(n, r); });
        if (v.holds()) continue;
        std::cout << n << " ranks: " << name_of(v.what) << " at action " << v.action << " of rank " << v.rank << '\n';
        return 1;
    }
    std::cout << "proved for " << multiple << " to " << Partition::max_ranks << " ranks" << (multiple > 1 ? ", whole pipelines\n" : "\n");
    return 0;
}

struct layout {
    std::string_view name, words;
    int ranks;
    int (*answer)(question const&);
};
constexpr layout layouts[] = {
    {"data_parallel", "every rank computes the whole network for some of 8 lanes", 3, answer<replicas, alice>},
    {"zero1", "and owns a shard of the optimizer state; 4 lanes, gradients reduced in 4 buckets", 4, answer<shards<1>, deep>},
    {"zero2", "and keeps no more than its shard of the gradients", 4, answer<shards<2>, deep>},
    {"zero3", "and no more than its shard of the parameters", 4, answer<shards<3>, deep>},
    {"gpipe", "a pipeline of 4 stages: all forwards, then all backwards", 4, answer<stages_of_four<gpipe>, deep>},
    {"1f1b", "one forward, one backward", 4, answer<stages_of_four<one_f_one_b>, deep>},
    {"interleaved", "the same with two chunks of the network a stage", 4, answer<stages_of_four<interleaved<2>>, deep>},
    {"zb_h1", "backward in two parts", 4, answer<stages_of_four<zb_h1>, deep>},
    {"mesh", "two replicas of the 1f1b pipeline, with shards of the optimizer state", 8, answer<stages_of_four<one_f_one_b, zero<1>>, deep>},
};

int all_tables() {
    int status = 0;
    for (layout const& l : layouts) {
        std::cout << l.name << ": " << l.words << '\n';
        status |= l.answer({.ranks = l.ranks});
        std::cout << '\n';
    }
    return status;
}

int main(int argc, char** argv) try {
    std::vector<std::string_view> given(argv + 1, argv + argc);
    if (!given.empty() && (given[0] == "--help" || given[0] == "-h")) {
        std::cout << "plans [LAYOUT] [RANKS] [RANK | draw]\nplans all\n\n";
        for (layout const& l : layouts) std::cout << "  " << l.name << std::string(15 - l.name.size(), ' ') << l.words << '\n';
        return 0;
    }
    if (given.size() == 1 && given[0] == "all") return all_tables();
    if (given.empty()) given = {"3", "1"};

    layout const* chosen = &layouts[0];
    for (layout const& l : layouts)
        if (l.name == given[0]) chosen = &l;
    if (chosen->name == given[0]) given.erase(given.begin());

    question q{.ranks = chosen->ranks};
    if (!given.empty() && given.back() == "draw") q.is_drawn = true, given.pop_back();
    if (!given.empty()) q.ranks = std::atoi(given[0].data());
    if (given.size() > 1) q.rank = std::atoi(given[1].data());
    if (given.size() > 2 || q.ranks < 1 || q.rank < -1 || q.rank >= q.ranks) {
        std::cerr << "plans: requires [LAYOUT] [RANKS] [RANK | draw], ranks counted from 0; --help lists the layouts\n";
        return 2;
    }
    return chosen->answer(q);
} catch (espalier::error const& e) {
    std::cerr << e.what() << '\n';
    return 2;
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The table of layouts: each row trains one model on one layout, and must end with the bits of one rank. It also shows that the run
/// was a real one: the loss falls, another seed gives other bits, ranks do what their plans list, send what those state, and hold what
/// is theirs.
#pragma once

#include "support/ranks.hpp"
#include "support/recorded_run.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#ifdef ESPALIER_TEST_PROCESSES
#    include "support/processes.hpp"

#    include <boost/mpi/environment.hpp>
#endif

namespace espalier_test {

#ifdef ESPALIER_TEST_PROCESSES
using layout_world = counting<espalier::mpi>;
#else
using layout_world = counting<espalier::threads>;
#endif

/// Prints rows, and remembers whether all held.
template <class Model>
class layout_table {
public:
    static constexpr std::int64_t steps = 50;
    static constexpr std::uint64_t seed = 7;

    /// `table PROGRAM [--all]`: without --all one number of ranks a layout.
    layout_table(int argc, char** argv) : all_{argc > 1 && std::strcmp(argv[1], "--all") == 0}, data_{Model::data()} {
        using alone = espalier::trainer<typename Model::type, typename Model::one_rank, espalier::self, espalier::checkpoint::none>;
        espalier::self world;
        alone t{world, {.seed = seed, .learning_rate = Model::rate, .clip_norm = Model::clip_norm}};
        for (std::int64_t s = 0; s < steps; ++s) t.train_step(data_);
        expected_ = espalier::checkpoint::weights_hash(t.weights());
        if (speaks())
            std::cout << "weights after " << steps << " steps on one rank: " << expected_ << "\n\n"
                      << "| model | layout | communicator | ranks | same bits | loss | sent, elements a step |\n|---|---|---|---|---|---|---|\n";
    }

    /// One layout on several numbers of ranks; under mpirun on the one that was started.
    /// @param model of other layers with the same parameters, such as recomputed ones
    template <class Partition, class M = typename Model::type>
    void row(std::string const& layout, std::initializer_list<int> ranks) {
        bool first = true;
        for (int const n : ranks) {
            if (!is_here(n) || (!all_ && !first)) continue;
            first = false;
            one<Partition, M>(layout, n);
        }
    }

    /// 0 where all rows held, and there were some.
    [[nodiscard]] int status() const {
        if (speaks()) std::cout << '\n' << rows_ << " rows, " << failed_ << " failed\n";
        return failed_ == 0 && rows_ > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }

private:
#ifdef ESPALIER_TEST_PROCESSES
    [[nodiscard]] static bool speaks() { return boost::mpi::communicator{}.rank() == 0; }
    [[nodiscard]] static bool is_here(int ranks) { return boost::mpi::communicator{}.size() == ranks; }
    static constexpr char const* communicator = "mpi";
#else
    [[nodiscard]] static bool speaks() { return true; }
    [[nodiscard]] static bool is_here(int) { return true; }
    static constexpr char const* communicator = "threads";
#endif

    template <class Partition, class M>
    [[nodiscard]] recorded_run run(int ranks, std::uint64_t with_seed) {
        auto const records = on_ranks<layout_world>(
            ranks, [&](layout_world& world) { return record_rank<M, Partition>(world, data_, with_seed, steps, Model::rate, Model::clip_norm); });
        if (!records.all_returned()) {
            for (int r = 0; r < ranks; ++r) std::cerr << "rank " << r << ": " << records.text(r) << '\n';
            std::exit(EXIT_FAILURE);
        }
        return merged(std::vector(records.value.begin(), records.value.end()));
    }
    /// Whether all ranks together hold each parameter as often, and each element of the optimizer's state as often, as the layout says.
    template <class Partition, class M>
    [[nodiscard]] static bool hold_what_is_theirs(int ranks) {
        std::int64_t parameters = 0, state = 0;
        int replicas = 1;
        auto zero    = espalier::zero_stage::none;
        for (int r = 0; r < ranks; ++r) {
            auto const p = Partition::template plan<M>(ranks, r);
            parameters += p.memory.of(espalier::region_kind::parameters).elements;
            state += p.memory.of(espalier::region_kind::optimizer_state).elements;
            replicas = p.replicas(), zero = p.zero;
        }
        std::int64_t const n = espalier::network<typename M::network_type>::tensors.elements;
        std::int64_t const copies = zero == espalier::zero_stage::parameters ? 1 : replicas, of_state = zero == espalier::zero_stage::none ? replicas : 1;
        return parameters == copies * n && state == of_state * n * M::optimizer_type::states;
    }

    template <class Partition, class M>
    void one(std::string const& layout, int ranks) {
        auto const r     = run<Partition, M>(ranks, seed);
        auto const other = run<Partition, M>(ranks, seed + 1);
        bool same        = r.hash == expected_;
        for (auto const& h : r.hashes) same = same && h == r.hash;
        std::string wrong;
        if (!same) wrong += " bits";
        if (other.hash == r.hash) wrong += " seed";
        if (!(r.last_loss < r.first_loss)) wrong += " loss";
        if (!r.actions_equal_plans || !other.actions_equal_plans) wrong += " actions";
        if (!r.elements_equal_plans || !other.elements_equal_plans) wrong += " elements";
        if ((ranks > 1) != (r.sent > 0)) wrong += " sent";
        if (!hold_what_is_theirs<Partition, M>(ranks)) wrong += " memory";
        ++rows_;
        failed_ += wrong.empty() ? 0 : 1;
        if (!speaks()) return;
        char loss[64];
        std::snprintf(loss, sizeof loss, "%.4f → %.4f", r.first_loss, r.last_loss);
        std::cout << "| " << Model::name << " | " << layout << " | " << communicator << " | " << ranks << " | " << (wrong.empty() ? "yes" : "NO:" + wrong) << " | " << loss
                  << " | " << r.sent / steps << " |\n"
                  << std::flush;
    }

    bool all_;
    typename Model::data_type data_;
    std::string expected_;
    int rows_ = 0, failed_ = 0;
};

}  // namespace espalier_test

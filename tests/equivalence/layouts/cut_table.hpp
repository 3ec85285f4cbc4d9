// SPDX-License-Identifier: BSL-1.0
/// @file
/// The table of layouts with a tensor axis: each row trains one model on one layout. With exact<4> it must end with the bits of one rank that
/// computes four slices; gradients and losses must be close to those of one rank that cuts nothing. Ranks do what their plans list, send what
/// those state, and hold their parts of what is cut.
#pragma once

#include "equivalence/layouts/cut_reference.hpp"
#include "support/ranks.hpp"
#include "support/recorded_run.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#ifdef ESPALIER_TEST_PROCESSES
#    include "support/processes.hpp"
#endif

namespace espalier_test {

#ifdef ESPALIER_TEST_PROCESSES
using cut_world = counting<espalier::mpi>;
#else
using cut_world = counting<espalier::threads>;
#endif

/// Prints rows, and remembers whether all held.
class cut_table {
public:
    using tested = reference_run::tested;

    /// `table PROGRAM [--all]`: without --all one number of ranks a layout.
    cut_table(int argc, char** argv);

    /// One layout on several numbers of ranks; under mpirun on the one that was started.
    template <class Partition, class M = typename tested::type>
    void row(std::string const& layout, std::initializer_list<int> ranks) {
        bool first = true;
        for (int const n : ranks) {
            if (!is_here(n) || (!all_ && !first)) continue;
            first = false;
            one<Partition, M>(layout, n);
        }
    }

    /// 0 where all rows held, and there were some.
    [[nodiscard]] int status() const;

private:
    /// What a row shows of a layout besides the run.
    struct layout_facts {
        int ranks;
        bool is_exact, holds_its_parts;
    };

    [[nodiscard]] static bool speaks();
    [[nodiscard]] static bool is_here(int ranks);
    /// Checks a run and prints it.
    void add(std::string const& layout, layout_facts const& facts, recorded_run const& r, double gradients);
    /// The gradients of the first step, in the place of weights, against the reference's.
    template <class Partition, class M>
    [[nodiscard]] double gradient_difference(cut_world& world) const {
        using trainer_type = espalier::trainer<M, Partition, cut_world, espalier::checkpoint::none>;
        trainer_type t{world, {.seed = reference_run::seed, .optimizer = {{}, true}}};
        t.train_step(data_);
        return largest_difference(uncut_, t.weights());
    }
    /// Whether all ranks together hold each parameter as often, and each element of the optimizer's state as often, as the layout says:
    /// what is not cut once a tensor rank, each slice once.
    template <class Partition, class M>
    [[nodiscard]] static bool hold_their_parts(int ranks) {
        using namespace espalier;
        constexpr tensor_cut cut = Partition::cut::value;
        auto const padded        = [](std::int64_t n) { return (n + 15) / 16 * 16; };
        std::int64_t parameters = 0, state = 0, replica = 0;
        for (tensor_entry const& t : network<typename M::network_type>::tensors.item) {
            std::int64_t const n = t.extents.elements();
            replica += tested::is_cut(t.name.view()) ? cut.slices * padded(n / cut.slices) : cut.ranks * padded(n);
        }
        int replicas = 1;
        auto zero    = zero_stage::none;
        for (int r = 0; r < ranks; ++r) {
            auto const p = Partition::template plan<M>(ranks, r);
            parameters += p.memory.of(region_kind::parameters).elements;
            state += p.memory.of(region_kind::optimizer_state).elements;
            replicas = p.replicas(), zero = p.zero;
        }
        std::int64_t const copies = zero == zero_stage::parameters ? 1 : replicas, of_state = zero == zero_stage::none ? replicas : 1;
        return parameters == copies * replica && state == of_state * replica * M::optimizer_type::states;
    }

    template <class Partition, class M>
    void one(std::string const& layout, int ranks) {
        using pair = std::pair<rank_record, double>;
        auto const records = on_ranks<cut_world>(ranks, [&](cut_world& world) {
            return pair{record_rank<M, Partition>(world, data_, reference_run::seed, reference_run::steps, tested::rate, tested::clip_norm), gradient_difference<Partition, M>(world)};
        });
        if (!records.all_returned()) {
            for (int r = 0; r < ranks; ++r) fail(records.text(r));
            return;
        }
        std::vector<rank_record> run;
        double gradients = 0;
        for (auto const& [record, difference] : records.value) run.push_back(record), gradients = std::max(gradients, difference);
        add(layout, {ranks, Partition::cut::value.slices == 4, hold_their_parts<Partition, M>(ranks)}, merged(run), gradients);
    }
    void fail(std::string const& text);

    bool all_;
    typename tested::data_type data_;
    reference_run uncut_;
    std::string expected_;
    int rows_ = 0, failed_ = 0;
};

}  // namespace espalier_test

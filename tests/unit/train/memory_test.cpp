// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/painted.hpp"
#include "support/small_problem.hpp"

using namespace espalier;
using espalier_test::painted;
using espalier_test::painted_space;

namespace {

/// The words of the arena that the plan gives to something, padding between tensors left out.
template <class M, class Plan>
std::vector<bool> words_in_use(Plan const& plan) {
    using net = network<typename M::network_type>;
    std::vector<bool> used(static_cast<std::size_t>(plan.memory.elements), false);
    auto const mark = [&](std::int64_t first, std::int64_t n) {
        for (std::int64_t i = first; i < first + n; ++i) used[static_cast<std::size_t>(i)] = true;
    };
    auto const region = [&](region_kind k) { return plan.memory.of(k).first; };
    auto const places = net::chain::places(net::input, plan.samples);
    // Weights, state and gradients are cleared with their padding.
    for (auto k : {region_kind::parameters, region_kind::optimizer_state, region_kind::gradients}) mark(region(k), plan.memory.of(k).elements);
    for (int slot = 0; slot < plan.slots(); ++slot) {
        mark(region(region_kind::input) + slot * plan.memory.of(region_kind::input).elements / plan.slots(), net::input.elements() * plan.samples);
        mark(region(region_kind::target) + slot * plan.memory.of(region_kind::target).elements / plan.slots(), net::output.elements() * plan.samples);
    }
    int i = 0;
    auto const layer = [&]<class L>(L const*) {
        auto const& p = places.item[i];
        mark(region(region_kind::activations) + p.output, p.out.elements() * plan.samples);
        mark(region(region_kind::activations) + p.kept, kept_elements<L>(p.in, plan.samples));
        int const turn = (net::chain::size - 1 - i) % 2;
        mark(region(region_kind::signals) + (turn == 0 ? 0 : places.signal_elements[0]), p.out.elements() * plan.samples);
        mark(region(region_kind::scratch), scratch_elements<L>(p.in, plan.samples));
        ++i;
    };
    [&]<class... Ls>(type_list<Ls...>) { (layer(static_cast<Ls const*>(nullptr)), ...); }(typename net::layers{});
    return used;
}

template <class M, class Partition, class C, class Data>
void touches_all_and_no_more(int ranks, Data const& data) {
    using world_type   = painted<C>;
    using trainer_type = trainer<M, Partition, world_type, checkpoint::none>;
    painted_space::reset();
    launch<trainer_type>(ranks, [&](world_type& world) {
        trainer_type t{world, {.seed = 2, .clip_norm = 1}};
        t.train_step(data);
        t.train_step(data);
        if (t.plan().prefetched_slots > 0) t.fit(data, {.epochs = 1});  // the loader's thread writes too
        auto const used    = words_in_use<M>(t.plan());
        auto const touched = world.touched_words();
        if (static_cast<std::int64_t>(touched.size()) != t.plan().memory.elements) throw std::runtime_error{"the arena is not as large as planned"};
        for (std::size_t i = 0; i < used.size(); ++i)
            if (used[i] && !touched[i]) {
                for (auto const& r : t.plan().memory.item)
                    if (static_cast<std::int64_t>(i) >= r.first && static_cast<std::int64_t>(i) < r.first + r.elements)
                        throw std::runtime_error{joined("word ", i, " in region ", name_of(r.kind), " is planned and never touched")};
            }
    });
    CHECK(painted_space::freed() == ranks);
    CHECK(painted_space::broken_guards() == 0);
}

}  // namespace

TEST_CASE("a step touches every planned byte and none beyond, in five configurations") {
    auto const data = espalier_test::small_problem(200);
    using model_a   = espalier_test::small_model_of_lstm;
    using model_b = model<sequence<lstm<lstm_shape{.steps = 6, .inputs = 2, .units = 5, .layers = 2}>, last_step, linear<5, 1>>, huber<>, sgd>;
    using model_c = model<sequence<lstm<lstm_shape{.steps = 6, .inputs = 2, .units = 8}>, dropout<probability{0.2f}>, last_step,
                                   residual<linear<8, 8>, tanh_activation>, linear<8, 1>>,
                          mean_squared_error, adamw>;
    touches_all_and_no_more<model_a, data_parallel<lanes<1>, samples<8>>, self>(1, data);
    touches_all_and_no_more<model_a, data_parallel<lanes<8>, samples<4>>, threads>(3, data);
    touches_all_and_no_more<model_b, data_parallel<lanes<5>, micro_batches<3>, samples<3>>, threads>(2, data);
    touches_all_and_no_more<model_c, data_parallel<lanes<4>, samples<16>>, threads>(4, data);
    touches_all_and_no_more<model_c, data_parallel<lanes<7>, samples<2>>, self>(1, data);
}

TEST_CASE("slots that are filled ahead are each touched, and nothing beside them") {
    auto const data = espalier_test::small_problem(200);
    using model_a   = espalier_test::small_model_of_lstm;
    touches_all_and_no_more<model_a, data_parallel<lanes<4>, samples<7>, prefetch<3>>, threads>(4, data);
    touches_all_and_no_more<model_a, data_parallel<lanes<3>, micro_batches<2>, samples<5>, prefetch<2>>, threads>(2, data);
    touches_all_and_no_more<model_a, data_parallel<lanes<1>, samples<8>, prefetch<16>>, self>(1, data);
    touches_all_and_no_more<model_a, data_parallel<lanes<4>, samples<8>, prefetch<1>>, self>(1, data);
}

TEST_CASE("the guard notices a byte written beyond an allocation") {
    painted_space::reset();
    {
        painted<self> world;
        auto memory                = world.allocate(64);
        memory.data()[64]          = std::byte{1};
        CHECK(painted_space::broken_guards() == 0);
    }
    CHECK(painted_space::broken_guards() == 1);
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concepts of models and partitions: types that satisfy them, and for each requirement one that misses only that.
/// What plans contain is in unit/partition/.
#include <espalier/nn/linear.hpp>
#include <espalier/optim/sgd.hpp>
#include <espalier/partition/concepts.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/mesh.hpp>

#include <string>

namespace {

using namespace espalier;
using small = model<linear<3, 2>, mean_squared_error, sgd>;

static_assert(Model<small> && Model<model<int, int, int, int>>);  // the parts are judged one by one, by the trainer
static_assert(!Model<int> && !Model<void> && !Model<linear<3, 2>>);

struct parts {
    using network_type   = linear<3, 2>;
    using loss_type      = mean_squared_error;
    using optimizer_type = sgd;
    using precision_type = fp32;
};
static_assert(Model<parts>);

struct has_no_network : parts {
private:
    using network_type = void;
};
static_assert(!Model<has_no_network>);

struct has_no_loss : parts {
private:
    using loss_type = void;
};
static_assert(!Model<has_no_loss>);

struct has_no_optimizer : parts {
private:
    using optimizer_type = void;
};
static_assert(!Model<has_no_optimizer>);

struct has_no_precision : parts {
private:
    using precision_type = void;
};
static_assert(!Model<has_no_precision>);

static_assert(Partition<data_parallel<samples<4>>, small> && Partition<data_parallel<lanes<8>, micro_batches<2>, samples<4>>, small>);
static_assert(!Partition<int, small> && !Partition<void, small> && !Partition<data_parallel<samples<4>>, int>);

static_assert(Partition<data_parallel<samples<4>, zero<3>, buckets<2>>, small>);
static_assert(Partition<mesh<data_parallel<samples<4>>>, small> && Partition<mesh<data_parallel<lanes<8>, samples<4>, zero<1>>, pipeline<2, zb_h1>>, small> &&
              Partition<mesh<pipeline<2, interleaved<2>, cut_at<1, 2, 3>>, data_parallel<samples<4>>>, small>);
static_assert(Partition<mesh<data_parallel<lanes<8>, samples<4>>, tensor_parallel<2>>, small> &&
              Partition<mesh<tensor_parallel<2, sequence_parallel, exact<4>>, pipeline<2>, data_parallel<samples<4>, zero<2>>>, small>);
// An axis that cuts no data is no partition of its own, nor is a mesh a model's.
static_assert(!Partition<pipeline<2>, small> && !Partition<tensor_parallel<2>, small> && !Partition<mesh<data_parallel<samples<4>>, pipeline<2>>, int>);

/// Everything that the concept asks for, and nothing else. Near misses hide one member by one of another form.
struct cut {
    using plan_type                    = rank_plan<8>;
    static constexpr int max_ranks     = 2;
    static constexpr int batch         = 4;
    static constexpr int plan_capacity = 8;
    template <Model M>
    static plan_type plan(int ranks, int rank);
    static void check_ranks(int ranks);
};
static_assert(Partition<cut, small>);

struct has_no_plan_capacity : cut {
private:
    static constexpr int plan_capacity = 8;
};
static_assert(!Partition<has_no_plan_capacity, small>);

struct names_no_plan_type : cut {
private:
    using plan_type = void;
};
static_assert(!Partition<names_no_plan_type, small>);

struct does_not_bound_its_ranks : cut {
    static constexpr void const* max_ranks = nullptr;
};
static_assert(!Partition<does_not_bound_its_ranks, small>);

struct bounds_its_ranks_by_a_function : cut {
    static constexpr int max_ranks() { return 2; }
};
static_assert(!Partition<bounds_its_ranks_by_a_function, small>);

struct has_no_batch : cut {
private:
    using cut::batch;
};
static_assert(!Partition<has_no_batch, small>);

struct plans_without_a_model : cut {
    static plan_type plan(int ranks, int rank);
};
static_assert(!Partition<plans_without_a_model, small>);

struct plans_for_all_ranks_at_once : cut {
    template <Model M>
    static plan_type plan(int ranks);
};
static_assert(!Partition<plans_for_all_ranks_at_once, small>);

struct gives_another_plan_than_it_says : cut {
    template <Model M>
    static rank_plan<9> plan(int ranks, int rank);
};
static_assert(!Partition<gives_another_plan_than_it_says, small>);

struct plans_as_an_object : cut {
    template <Model M>
    plan_type plan(int ranks, int rank);
};
static_assert(!Partition<plans_as_an_object, small>);

struct checks_no_ranks : cut {
    static void check_ranks();
};
static_assert(!Partition<checks_no_ranks, small>);

struct checks_ranks_and_may_be_ignored : cut {
    static bool check_ranks(int);
};
static_assert(!Partition<checks_ranks_and_may_be_ignored, small>);

}  // namespace

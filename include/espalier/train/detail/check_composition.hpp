// SPDX-License-Identifier: BSL-1.0
/// @file
/// The ladder of requirements that a composition must meet. A constexpr function finds the first unmet rung; the template named
/// after it holds the one static_assert that speaks, with types and values as its arguments.
#pragma once

#include <espalier/checkpoint/concepts.hpp>
#include <espalier/comm/concepts.hpp>
#include <espalier/models/model.hpp>
#include <espalier/partition/concepts.hpp>
#include <espalier/partition/tensor/local_model.hpp>
#include <espalier/train/detail/exchange_over.hpp>
#include <espalier/train/detail/check_device.hpp>

#include <type_traits>
#include <utility>

namespace espalier::detail {

template <class T>
inline constexpr bool never = false;

/// The extents of a shape, so that an error shows them.
template <std::int64_t... Extents>
struct given {};

template <class M>
struct is_model {
    static_assert(never<M>, "espalier: trainer: requires a Model as its first argument; got the type named here. Write model<Network, Loss, "
                            "Optimizer>. See docs/policies/model.md.");
};
template <class L, int Position>
struct is_layer {
    static_assert(never<L>, "espalier: sequence: requires layers; got a type that is none, at the position named here. Give it takes, gives, "
                            "parameters, forward and backward. See docs/policies/model.md.");
};
template <class First>
struct knows_its_input {
    static_assert(never<First>, "espalier: sequence: requires a first layer that knows its input shape; got the one named here. Begin with a "
                                "layer that has input(), such as lstm or linear. See docs/policies/model.md.");
};
template <class Before, class After, int Position, class Given>
struct layers_meet {
    static_assert(never<After>, "espalier: sequence: requires that each layer takes what the one before it gives; got the two layers and the "
                                "shape named here. Change one of them. See docs/policies/model.md.");
};
template <class Network>
struct names_are_distinct {
    static_assert(never<Network>, "espalier: sequence: requires distinct parameter names; got two tensors of one name. Give layers other names "
                                  "with named<>. See docs/policies/model.md.");
};
template <class L>
struct is_loss {
    static_assert(never<L>, "espalier: model: requires a Loss as its second argument; got the type named here. Use mean_squared_error or write "
                            "target and evaluate. See docs/policies/model.md.");
};
template <class O>
struct is_optimizer {
    static_assert(never<O>, "espalier: model: requires an Optimizer as its third argument; got the type named here. Use adamw or sgd, or write "
                            "states, settings and update. See docs/policies/model.md.");
};
template <class P>
struct is_precision {
    static_assert(never<P>, "espalier: model: requires a Precision as its fourth argument; got the type named here. Use fp32 or fp64. See "
                            "docs/policies/model.md.");
};
template <class P>
struct is_partition {
    static_assert(never<P>, "espalier: trainer: requires a Partition as its second argument; got the type named here. Use data_parallel<lanes<L>, "
                            "samples<b>>. See docs/policies/partition.md.");
};
template <class C>
struct is_communicator {
    static_assert(never<C>, "espalier: trainer: requires a Communicator as its third argument; got the type named here. Use self or threads, or "
                            "write rank, size, split, barrier and allocate. See docs/policies/communicator.md.");
};
template <class C, class Scalar>
struct reduces_in_order {
    static_assert(never<C>, "espalier: trainer: requires a communicator that can broadcast and reduce in order; got the one named here. Add "
                            "all_reduce(ordered_sum<T>, T*, n) and broadcast. See docs/policies/communicator.md.");
};
template <class C, class Scalar>
struct sends_and_receives {
    static_assert(never<C>, "espalier: trainer: requires a communicator that can send and receive, for a pipeline of several stages; got the one named "
                            "here. Use threads or mpi, or add post_send, post_recv and wait. See docs/policies/communicator.md.");
};
template <class C, class Scalar>
struct scatters_and_gathers {
    static_assert(never<C>, "espalier: trainer: requires a communicator that can reduce_scatter in order and all_gather, for shards of ZeRO; got the one "
                            "named here. Use threads, mpi or self, or add both. See docs/policies/communicator.md.");
};
template <class C, class Scalar>
struct carries_exchanges {
    static_assert(never<C>, "espalier: trainer: requires a communicator that can reduce to all and to parts in order and gather, also doubles, for a tensor axis; "
                            "got the one named here. Use threads or mpi, or add all_reduce, reduce_scatter and all_gather. See docs/policies/communicator.md.");
};
template <class P>
inline constexpr bool sends_between_stages = false;
template <class P>
    requires requires { P::stages; }
inline constexpr bool sends_between_stages<P> = P::stages > 1;
template <class P>
inline constexpr bool shards_over_replicas = false;
template <class P>
    requires requires { P::is_chunked; }
inline constexpr bool shards_over_replicas<P> = true;

template <class K>
struct is_checkpoint_place {
    static_assert(never<K>, "espalier: trainer: requires a CheckpointPlace as its fourth argument; got the type named here. Use checkpoint::none or "
                            "checkpoint::directory, or write put, get, commit, discard, list and remove. See docs/policies/checkpoint.md.");
};
/// Where a proof stops: at which stage, at which action of its list, what that is, and on which rank it waits (−1: on none).
template <int Stage, int Action, action_kind What, int Peer>
struct stage_stands {};
template <class Partition, int Ranks, flaw What, int Rank, class Where>
struct plan_is_proved {
    static_assert(never<Partition>, "espalier: trainer: requires a plan that is proved for every number of ranks; got the flaw, rank and action named "
                                    "here. Mend the plan's maker. See docs/explanation/plans.md.");
};

/// Why a partition does not cut a network, in its own words, where it has any: a template with an assertion; else void.
template <class P, class Network>
struct cut_misfit {
    using type = void;
};
template <class P, class Network>
    requires requires { typename P::template misfit<Network>; }
struct cut_misfit<P, Network> {
    using type = typename P::template misfit<Network>;
};

/// Why a partition does not cut a model's layers, as above.
template <class P, class M>
struct model_misfit {
    using type = void;
};
template <class P, class M>
    requires requires { typename P::template model_misfit<M>; }
struct model_misfit<P, M> {
    using type = typename P::template model_misfit<M>;
};

/// A type that is named without being instantiated: its assertion speaks only where it becomes a member.
template <class T>
struct rung {
    using type = T;
};
struct fits {};

/// The first position whose type is no layer, or −1.
template <class... Ls>
[[nodiscard]] constexpr int first_non_layer(type_list<Ls...>) {
    int position = 0, found = -1;
    ((found = found < 0 && !Layer<Ls> ? position : found, ++position), ...);
    return found;
}

/// The first position whose layer does not take what it is given, or −1; `in` becomes the shape that it is given.
template <class... Ls>
[[nodiscard]] constexpr int first_misfit(type_list<Ls...>, shape& in) {
    int position = 0, found = -1;
    (
        [&] {
            if (found >= 0) return;
            if (Ls::takes(in)) in = Ls::gives(in);
            else found = position;
            ++position;
        }(),
        ...);
    return found;
}
template <class Layers>
[[nodiscard]] constexpr std::pair<int, shape> misfit_of() {
    shape in        = element_t<0, Layers>::input();
    int const found = first_misfit(Layers{}, in);
    return {found, in};
}

template <class Shape, std::size_t... I>
[[nodiscard]] constexpr auto given_extents(std::index_sequence<I...>) {
    return rung<given<Shape::value.extent[I]...>>{};
}
template <class Layers>
struct misfit_shape {
    static constexpr shape value = misfit_of<Layers>().second;
};

template <class P, class M>
[[nodiscard]] constexpr verdict prove_for(int ranks) {
    return prove(ranks, [&](int rank) { return P::template plan<M>(ranks, rank); });
}
/// One constant evaluation for each number of ranks: compilers bound the work of one.
template <class P, class M, int Ranks>
inline constexpr verdict proof = prove_for<P, M>(Ranks);

/// The number of ranks whose plan has a flaw, or 0.
template <class P, class M, int... R>
[[nodiscard]] constexpr int first_flawed(std::integer_sequence<int, R...>) {
    int found = 0;
    (
        [&] {
            constexpr int ranks = (R + 1) * rank_multiple<P>;
            if constexpr (is_judged<P>(ranks))
                if (found == 0 && !proof<P, M, ranks>.holds()) found = ranks;
        }(),
        ...);
    return found;
}

template <class M, class P, class C, class K>
[[nodiscard]] constexpr auto first_unmet() {
    if constexpr (!Model<M>) return rung<is_model<M>>{};
    else {
        using network_type = typename M::network_type;
        using layers       = layers_of<network_type>;
        constexpr int odd  = first_non_layer(layers{});
        if constexpr (odd >= 0) return rung<is_layer<element_t<static_cast<std::size_t>(odd), layers>, odd>>{};
        else if constexpr (!KnowsItsInput<network_type>) return rung<knows_its_input<element_t<0, layers>>>{};
        else {
            constexpr int misfit = misfit_of<layers>().first;
            if constexpr (misfit >= 0) {
                using shape_here = misfit_shape<layers>;
                using extents    = decltype(given_extents<shape_here>(std::make_index_sequence<static_cast<std::size_t>(shape_here::value.rank)>{}));
                constexpr auto before = static_cast<std::size_t>(misfit > 0 ? misfit - 1 : 0);
                return rung<layers_meet<element_t<before, layers>, element_t<static_cast<std::size_t>(misfit), layers>, misfit,
                                        typename extents::type>>{};
            } else if constexpr (!network<network_type>::names_are_distinct) return rung<names_are_distinct<network_type>>{};
            else if constexpr (!Loss<typename M::loss_type>) return rung<is_loss<typename M::loss_type>>{};
            else if constexpr (!Optimizer<typename M::optimizer_type>) return rung<is_optimizer<typename M::optimizer_type>>{};
            else if constexpr (!Precision<typename M::precision_type>) return rung<is_precision<typename M::precision_type>>{};
            else if constexpr (!Partition<P, M>) return rung<is_partition<P>>{};
            else if constexpr (!std::is_void_v<typename cut_misfit<P, network_type>::type>) return rung<typename cut_misfit<P, network_type>::type>{};
            else if constexpr (!std::is_void_v<typename model_misfit<P, M>::type>) return rung<typename model_misfit<P, M>::type>{};
            else if constexpr (!Communicator<C>) return rung<is_communicator<C>>{};
            else {
                using scalar = typename M::precision_type::scalar;
                if constexpr (tensor_cut_of<P>::value.ranks > 1 && !CarriesExchanges<C, scalar>) return rung<carries_exchanges<C, scalar>>{};
                else if constexpr (sends_between_stages<P> && !SupportsSendReceive<C, scalar>) return rung<sends_and_receives<C, scalar>>{};
                else if constexpr (shards_over_replicas<P> && (!SupportsOrderedReduceScatter<C, scalar> || !SupportsAllGather<C, scalar>))
                    return rung<scatters_and_gathers<C, scalar>>{};
                else if constexpr (!SupportsOrderedAllReduce<C, scalar> || !SupportsBroadcast<C, std::int64_t> || !SupportsAllReduce<C, double, sum>)
                    return rung<reduces_in_order<C, scalar>>{};
                else if constexpr (!checkpoint::CheckpointPlace<K>) return rung<is_checkpoint_place<K>>{};
                else {
                    constexpr int flawed = first_flawed<P, M>(std::make_integer_sequence<int, P::max_ranks / rank_multiple<P>>{});
                    if constexpr (flawed > 0) {
                        constexpr verdict v = proof<P, M, flawed>;
                        constexpr auto plan = P::template plan<M>(flawed, v.rank < 0 ? 0 : v.rank);
                        constexpr bool is_at_action = v.action >= 0 && v.action < plan.count;
                        constexpr action at         = is_at_action ? plan.item[v.action] : action{};
                        return rung<plan_is_proved<P, flawed, v.what, v.rank, stage_stands<plan.stage(), v.action, at.kind, is_at_action ? at.peer : -1>>>{};
                    } else if constexpr (!std::is_void_v<typename device_misfit<P, M>::type>) return rung<typename device_misfit<P, M>::type>{};
                    else return rung<fits>{};
                }
            }
        }
    }
}

/// `fits`, or the template whose assertion says what does not.
template <class M, class P, class C, class K>
using composition_check = typename decltype(first_unmet<M, P, C, K>())::type;

template <class M, class P, class C, class K>
inline constexpr bool composition_fits = std::is_same_v<composition_check<M, P, C, K>, fits>;

}  // namespace espalier::detail

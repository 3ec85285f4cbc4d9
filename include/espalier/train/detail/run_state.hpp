// SPDX-License-Identifier: BSL-1.0
/// @file
/// A run's state as a checkpoint's tensors: parameters, optimizer state and one step number, with what the run must share with the
/// one that resumes it. How tensors are written and read is checkpoint/'s business.
#pragma once

#include <espalier/checkpoint/box.hpp>
#include <espalier/checkpoint/deal.hpp>
#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/checkpoint/weights.hpp>
#include <espalier/comm/detail/type_record.hpp>
#include <espalier/math/backend.hpp>
#include <espalier/models/model.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace espalier::detail {

using run_facts = std::map<std::string, std::string>;

/// The name of a type without its namespaces and arguments: every compiler spells it alike.
template <class T>
[[nodiscard]] constexpr std::string_view short_name() noexcept {
    std::string_view name = type_name<T>();
    name                  = name.substr(0, name.find('<'));
    auto const colons     = name.rfind("::");
    return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

template <class... Ls>
[[nodiscard]] std::string kinds_of(type_list<Ls...>) {
    std::string kinds;
    ((kinds += joined(kinds.empty() ? "" : " ", short_name<Ls>())), ...);
    return kinds;
}

/// What must be equal between the run that wrote a state and the run that reads it, as words.
template <class M, class Partition>
[[nodiscard]] ESPALIER_COLD() run_facts identity_of(std::uint64_t seed) {
    using net = network<typename M::network_type>;
    std::string shapes;
    for (int i = 0; i < net::tensors.count; ++i) {
        auto const& t = net::tensors.item[i];
        shapes += joined(shapes.empty() ? "" : " ", t.name.view(), '(');
        for (int d = 0; d < t.extents.rank; ++d) shapes += joined(d > 0 ? "," : "", t.extents.extent[d]);
        shapes += ')';
    }
    auto const plan = Partition::template plan<M>(rank_multiple<Partition>, 0);
    return {{"network", shapes},
            {"layers", kinds_of(layers_of<typename M::network_type>{})},
            {"loss", std::string{short_name<typename M::loss_type>()}},
            {"optimizer", std::string{M::optimizer_type::name}},
            {"precision", std::string{M::precision_type::name}},
            {"seed", joined(seed)},
            {"lanes", joined(plan.lanes)},
            {"micro_batches", joined(plan.micro_batches)},
            {"samples", joined(plan.samples)}};
}

/// The value of a fact, "none" where it is not there.
[[nodiscard]] inline std::string fact(run_facts const& run, std::string const& key) {
    auto const at = run.find(key);
    return at == run.end() ? "none" : at->second;
}

/// @throws bad_checkpoint that names the first fact in which the two runs differ
inline void require_same_run(run_facts const& mine, run_facts const& its) {
    for (auto const& [key, value] : mine)
        if (fact(its, key) != value)
            throw checkpoint::bad_checkpoint{complaint{.entity   = "trainer",
                                                       .required = joined("a checkpoint of a run with ", key, " ", value),
                                                       .got      = joined("one with ", key, " ", fact(its, key)),
                                                       .fix      = "Resume with the settings of that run, or start over (start_over(), --fresh)",
                                                       .page     = "policies/checkpoint.md"}};
}

/// The tensors of a run: parameters under their own names, optimizer state as "optimizer.<state>.<name>". They refer to the arena.
template <class M, class Scalar>
[[nodiscard]] ESPALIER_COLD() std::vector<checkpoint::named_tensor> state_tensors(Scalar const* weights, Scalar const* optimizer_state) {
    using network_type = typename M::network_type;
    auto tensors       = checkpoint::tensors_of<network_type>(weights);
    for (int i = 0; i < M::optimizer_type::states; ++i) {
        auto const more = checkpoint::tensors_of<network_type>(optimizer_state + i * network<network_type>::tensors.elements,
                                                               joined("optimizer.", M::optimizer_type::state_name(i), "."));
        tensors.insert(tensors.end(), more.begin(), more.end());
    }
    return tensors;
}

/// The weights of a run's best validation, as "best.<name>". They refer to where those lie.
template <class M, class Scalar>
[[nodiscard]] ESPALIER_COLD() std::vector<checkpoint::named_tensor> best_tensors(Scalar const* best) {
    return checkpoint::tensors_of<typename M::network_type>(best, "best.");
}

/// What this rank writes of pieces that all of `ranks` ranks hold: whole rows of each, which are contiguous.
[[nodiscard]] inline std::vector<checkpoint::tensor_piece> own_pieces(std::span<checkpoint::tensor_piece const> held, int ranks, int rank) {
    std::vector<checkpoint::tensor_shape> shapes;
    for (auto const& piece : held) shapes.push_back({piece.where.extents, piece.type});
    auto const dealt = checkpoint::deal(shapes, ranks);
    std::vector<checkpoint::tensor_piece> pieces;
    for (auto const& mine : dealt[static_cast<std::size_t>(rank)]) {
        auto piece              = held[mine.tensor];
        auto const& extents     = piece.where.extents;
        std::size_t const bytes = static_cast<std::size_t>(checkpoint::elements(mine.where)) * bytes_of(piece.type);
        std::size_t const row   = extents.empty() || extents[0] == 0 ? 0 : piece.bytes.size() / static_cast<std::size_t>(extents[0]);
        std::size_t const first = mine.where.first.empty() ? 0 : row * static_cast<std::size_t>(mine.where.first[0]);
        piece.bytes             = piece.bytes.subspan(first, bytes);
        piece.where.extents     = mine.where.extents;
        for (std::size_t k = 0; k < piece.where.first.size(); ++k) piece.where.first[k] += mine.where.first[k];
        pieces.push_back(std::move(piece));
    }
    return pieces;
}
/// The same of whole tensors.
[[nodiscard]] inline std::vector<checkpoint::tensor_piece> own_pieces(std::span<checkpoint::named_tensor const> tensors, int ranks, int rank) {
    std::vector<checkpoint::tensor_piece> held;
    for (auto const& t : tensors) held.push_back({t.name, t.extents, t.type, checkpoint::whole(t.extents), t.bytes});
    return own_pieces(std::span<checkpoint::tensor_piece const>{held}, ranks, rank);
}

/// What a rank that holds everything wants of a checkpoint: every tensor, whole, to where it lies.
[[nodiscard]] inline std::vector<checkpoint::wanted_piece> all_wanted(std::span<checkpoint::named_tensor const> tensors) {
    std::vector<checkpoint::wanted_piece> wanted;
    for (auto const& t : tensors)
        wanted.push_back({t.name, t.extents, t.type, checkpoint::whole(t.extents),
                          {const_cast<std::byte*>(t.bytes.data()), t.bytes.size()}});  // the arena is the trainer's own
    return wanted;
}

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A run's state as bytes: parameters, optimizer state and one step number, with what the run must share with the one that resumes it.
#pragma once

#include <espalier/checkpoint/weights.hpp>
#include <espalier/math/backend.hpp>
#include <espalier/models/model.hpp>

#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace espalier::detail {

/// The part of a checkpoint that holds a data-parallel run: all of it, since every rank holds the same.
inline constexpr char const* run_state_part = "state.safetensors";

/// What must be equal between the run that wrote a state and the run that reads it, as words.
template <class M, class Partition>
[[nodiscard]] std::map<std::string, std::string> identity_of(std::uint64_t seed) {
    using net = network<typename M::network_type>;
    std::string shapes;
    for (int i = 0; i < net::tensors.count; ++i) {
        auto const& t = net::tensors.item[i];
        shapes += joined(t.name.view(), '(');
        for (int d = 0; d < t.extents.rank; ++d) shapes += joined(d > 0 ? "," : "", t.extents.extent[d]);
        shapes += ") ";
    }
    auto const plan = Partition::template plan<M>(1, 0);
    return {{"network", shapes},
            {"optimizer", std::string{M::optimizer_type::name}},
            {"precision", std::string{M::precision_type::name}},
            {"seed", joined(seed)},
            {"lanes", joined(plan.lanes)},
            {"micro_batches", joined(plan.micro_batches)},
            {"samples", joined(plan.samples)}};
}

template <class M, class Partition>
[[nodiscard]] std::vector<std::byte> to_run_state(typename M::precision_type::scalar const* weights,
                                                  typename M::precision_type::scalar const* optimizer_state, std::uint64_t seed,
                                                  std::int64_t step) {
    using network_type = typename M::network_type;
    auto tensors       = checkpoint::tensors_of<network_type>(weights);
    for (int i = 0; i < M::optimizer_type::states; ++i) {
        auto const more = checkpoint::tensors_of<network_type>(optimizer_state + i * network<network_type>::tensors.elements,
                                                               joined("optimizer.", M::optimizer_type::state_name(i), "."));
        tensors.insert(tensors.end(), more.begin(), more.end());
    }
    auto metadata          = identity_of<M, Partition>(seed);
    metadata["step"]       = joined(step);
    metadata["arithmetic"] = math::backend_name();
    return checkpoint::to_safetensors(tensors, metadata);
}

/// Reads a state back; returns its step.
/// @throws bad_checkpoint that names what differs between the two runs
template <class M, class Partition>
[[nodiscard]] std::int64_t from_run_state(std::vector<std::byte> const& bytes, typename M::precision_type::scalar* weights,
                                          typename M::precision_type::scalar* optimizer_state, std::uint64_t seed) {
    using network_type = typename M::network_type;
    auto const file    = checkpoint::safetensors_view::parse(bytes, run_state_part);
    auto const found   = [&](std::string const& key) {
        auto const at = file.metadata().find(key);
        return at == file.metadata().end() ? std::string{"none"} : at->second;
    };
    for (auto const& [key, mine] : identity_of<M, Partition>(seed))
        if (found(key) != mine)
            throw checkpoint::bad_checkpoint{complaint{.entity   = "trainer",
                                                       .required = joined("a checkpoint of a run with ", key, " ", mine),
                                                       .got      = joined("one with ", key, " ", found(key)),
                                                       .fix      = "Resume with the settings of that run, or start over in another place",
                                                       .page     = "policies/checkpoint.md"}};
    std::string const text = found("step");
    std::int64_t step      = 0;
    if (auto const r = std::from_chars(text.data(), text.data() + text.size(), step); r.ec != std::errc{} || r.ptr != text.data() + text.size())
        throw checkpoint::bad_checkpoint{complaint{.entity   = "trainer",
                                                   .required = "a checkpoint with a step number",
                                                   .got      = text,
                                                   .fix      = "Remove that checkpoint",
                                                   .page     = "policies/checkpoint.md"}};
    checkpoint::read_tensors<network_type>(file, weights);
    for (int i = 0; i < M::optimizer_type::states; ++i)
        checkpoint::read_tensors<network_type>(file, optimizer_state + i * network<network_type>::tensors.elements,
                                               joined("optimizer.", M::optimizer_type::state_name(i), "."));
    return step;
}

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a trainer requires of data sets and of the options that go with them, and the errors where it is not met.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/core/shape.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/train/detail/validation_record.hpp>
#include <espalier/train/settings.hpp>

#include <cmath>
#include <cstdint>
#include <string>

namespace espalier::detail {

[[noreturn]] inline void reject_data(std::string const& required, std::string const& got, char const* fix, char const* page = "policies/model.md") {
    throw invalid_setting{{"trainer", required, got, fix, page}};
}

/// "(60,2)"
[[nodiscard]] inline std::string extents_of(shape const& s) {
    std::string out = "(";
    for (int i = 0; i < s.rank; ++i) out += joined(i > 0 ? "," : "", s.extent[i]);
    return out + ")";
}

/// @throws invalid_setting unless samples have the shapes of the network's input and the loss's target
template <class M, class D>
void check_shapes(D const& data) {
    using net          = network<typename M::network_type>;
    shape const target = M::loss_type::target(net::output);
    if (data.input() == net::input && data.target() == target) return;
    reject_data(joined("samples of input ", extents_of(net::input), " and target ", extents_of(target)),
                joined("input ", extents_of(data.input()), " and target ", extents_of(data.target())),
                "Change the network's first layer or the windows of the data");
}

/// @throws invalid_setting unless the data fill a step
template <class D, class Plan>
void check_fills_a_step(D const& data, Plan const& plan) {
    if (data.size() >= plan.samples_per_step()) return;
    reject_data(joined("data that fill a step: ", plan.lanes, " lanes × ", plan.micro_batches, " micro-batches × ", plan.samples,
                       " samples = ", plan.samples_per_step()),
                joined(data.size(), " samples"), "Give more data, or take fewer lanes, micro-batches or samples", "policies/partition.md");
}

/// @throws invalid_setting where the options ask for validation, or the run was validated before
inline void check_not_validated(validation_record const& run, early_stop_options const& options) {
    if (options.patience != 0)
        reject_data("validation data for early_stop", joined("patience ", options.patience, " and no such data"),
                    "Call fit(data, validation, options)");
    if (run.samples > 0)
        reject_data(joined("the ", run.samples, " validation samples that this run is judged by"), "none",
                    "Call fit(data, validation, options), or begin a new run from these weights (set_weights)");
}

/// @throws invalid_setting where there is nothing to validate with, other data than the run began with, or an option out of range
inline void check_validation(std::int64_t samples, validation_record const& run, early_stop_options const& options) {
    if (samples < 1) reject_data("at least 1 validation sample", joined(samples), "Give validation data, or call fit(data, options)");
    if (run.samples > 0 && samples != run.samples)
        reject_data(joined("the ", run.samples, " validation samples that this run is judged by"), joined(samples, " samples"),
                    "Give the same data, or begin a new run from these weights (set_weights)");
    if (options.patience < 0) reject_data("an early_stop.patience of 0 or more", joined(options.patience), "Give 0 to never stop early");
    if (!(options.min_delta >= 0) || !std::isfinite(options.min_delta))
        reject_data("a finite early_stop.min_delta of 0 or more", joined(options.min_delta), "Give 0 where every lower loss counts");
}

}  // namespace espalier::detail

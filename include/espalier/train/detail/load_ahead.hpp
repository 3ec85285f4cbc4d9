// SPDX-License-Identifier: BSL-1.0
/// @file
/// Loading ahead of training: which samples the loader's thread gathers into which slot, and for how long it may. The thread itself is
/// loader.hpp.
#pragma once

#include <espalier/train/detail/epoch_order.hpp>
#include <espalier/train/replica.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::detail {

/// Starts the thread that gathers the samples of steps first … last − 1 (from 0), in the order of the plan's load actions.
/// @param epoch   of step `first`
/// @param data    must live until the loader is stopped
template <class Replica, class Plan, class Data>
void load_ahead(Replica& replica, Plan const& plan, Data const& data, epoch_order epoch, std::uint64_t seed, std::int64_t first,
                std::int64_t last) {
    std::vector<action> loads;
    for (int i = 0; i < plan.count; ++i)
        if (plan.item[i].kind == action_kind::load) loads.push_back(plan.item[i]);
    auto const each = static_cast<std::int64_t>(loads.size());
    replica.ahead().start(plan.slots(), (last - first) * each, [&replica, &plan, &data, loads, each, epoch, seed, first](std::int64_t n) mutable {
        std::int64_t const step = first + n / each;
        if (!epoch.has(data.size(), step)) epoch = epoch_order::of(data.size(), epoch.samples_per_step, seed, step);
        replica.fill(plan, loads[static_cast<std::size_t>(n % each)], step_samples<Data>{data, epoch.order, epoch.position(step), step + 1});
    });
}

/// While it lives, steps below `last` may be loaded ahead; however it ends, the loader's thread ends before.
template <class Replica>
class loading_to {
public:
    loading_to(Replica& replica, std::int64_t& to, std::int64_t last) noexcept : replica_{replica}, to_{to} { to_ = last; }
    loading_to(loading_to const&)            = delete;
    loading_to& operator=(loading_to const&) = delete;
    ~loading_to() {
        to_ = 0;
        if constexpr (Replica::prefetches) replica_.ahead().stop();
    }

private:
    Replica& replica_;
    std::int64_t& to_;
};

}  // namespace espalier::detail

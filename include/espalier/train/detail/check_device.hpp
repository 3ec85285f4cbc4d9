// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whether plans fit the device that a partition names: all of them at compile time, one with its workspace at start-up. Partitions that
/// name none are not looked at.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/models/model.hpp>
#include <espalier/partition/device.hpp>
#include <espalier/partition/plan/detail/words.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace espalier::detail {

/// What the device that P names has.
template <class P>
inline constexpr auto device_bytes = static_cast<std::int64_t>(device_of<P>::type::bytes);

/// Whether plans of this many ranks are judged at compile time: of worlds that may be started, above 64 replicas only those whose number
/// divides the most.
template <class P>
[[nodiscard]] constexpr bool is_judged(int ranks) {
    constexpr int most = P::max_ranks / rank_multiple<P>;
    return ranks >= least_ranks<P> && (most <= 64 || most % (ranks / rank_multiple<P>) == 0);
}

/// The rank of a world whose plan is the largest, the first of them.
struct largest_plan {
    int rank           = 0;
    std::int64_t bytes = 0;
};
template <class P, class M>
[[nodiscard]] constexpr largest_plan largest_plan_of(int ranks) {
    largest_plan largest;
    for (int rank = 0; rank < ranks; ++rank)
        if (std::int64_t const bytes = P::template plan<M>(ranks, rank).memory.bytes(); bytes > largest.bytes) largest = {rank, bytes};
    return largest;
}
/// One constant evaluation for each number of ranks: compilers bound the work of one.
template <class P, class M, int Ranks>
inline constexpr largest_plan largest_in_world = largest_plan_of<P, M>(Ranks);

/// The most ranks whose plans do not all fit, or 0: any larger world fits.
template <class P, class M, int... R>
[[nodiscard]] constexpr int most_ranks_unfit(std::integer_sequence<int, R...>) {
    int found = 0;
    (
        [&] {
            constexpr int ranks = (R + 1) * rank_multiple<P>;
            if constexpr (is_judged<P>(ranks))
                if (largest_in_world<P, M, ranks>.bytes > device_bytes<P>) found = ranks;
        }(),
        ...);
    return found;
}

/// Rank `Rank` of the most ranks that do not fit needs `Needed` bytes, and the device has `There`.
template <class Device, std::int64_t Needed, std::int64_t There, int Ranks, int Rank>
struct plan_fits_device {
    static_assert(Needed <= There, "espalier: trainer: requires plans that fit the device's memory; got the bytes named here. Where more ranks than are "
                                   "named here can be started, ask for them with at_least_ranks<R>; or use zero<s>, pipeline<P> or fewer samples<b>. See "
                                   "docs/explanation/memory.md.");
};

template <class P, class M>
[[nodiscard]] constexpr auto first_device_misfit() {
    constexpr int ranks = most_ranks_unfit<P, M>(std::make_integer_sequence<int, P::max_ranks / rank_multiple<P>>{});
    if constexpr (ranks > 0) {
        constexpr largest_plan largest = largest_in_world<P, M, ranks>;
        return std::type_identity<plan_fits_device<typename device_of<P>::type, largest.bytes, device_bytes<P>, ranks, largest.rank>>{};
    } else return std::type_identity<void>{};
}

/// Void, or the template that says which plan does not fit the device that P names, or why P names it wrongly.
template <class P, class M>
struct device_misfit {
    using type = void;
};
template <class P, class M>
    requires(!std::is_void_v<typename device_of<P>::type>)
struct device_misfit<P, M> : decltype(first_device_misfit<P, M>()) {};
template <class P, class M>
    requires(!std::is_void_v<typename P::refusal>)
struct device_misfit<P, M> {
    using type = typename P::refusal;
};

/// @param workspace_bytes that libraries hold beside the plan
/// @throws invalid_setting where both together are larger than the memory of the device that P names
template <class P>
void check_device(plan_facts const& plan, std::size_t workspace_bytes) {
    using device = typename device_of<P>::type;
    if constexpr (!std::is_void_v<device>) {
        auto const workspace = static_cast<std::int64_t>(workspace_bytes);
        if (plan.memory.bytes() + workspace <= device_bytes<P>) return;
        throw invalid_setting{{.entity   = "trainer",
                               .required = joined("at most ", grouped(device_bytes<P>), " bytes a rank, the memory of ", std::string_view{device::name}),
                               .got      = joined(grouped(plan.memory.bytes()), " of the plan and ", grouped(workspace),
                                                  " of libraries' workspace on rank ", plan.rank, " of ", plan.ranks),
                               .fix      = "Start more ranks, use zero<s>, pipeline<P> or fewer samples<b>, or name a larger device",
                               .page     = "explanation/memory.md"}};
    }
}

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which elements the flat array of what one rank of a tensor axis computes has in common with that of the whole network.
/// It copies nothing; whole weights are put together and handed out by who holds them.
#pragma once

#include <espalier/nn/network.hpp>

#include <cstdint>

namespace espalier {
namespace detail {

/// For each tensor of `Local`, as they lie, the one of its name in `Whole`; −1 where there is none.
template <class Local, class Whole>
struct tensors_by_name {
    int index[network<Local>::tensors.count > 0 ? network<Local>::tensors.count : 1] = {};
    bool all_found = true;

    constexpr tensors_by_name() {
        auto const& local = network<Local>::tensors;
        auto const& whole = network<Whole>::tensors;
        int at = 0;  // both lists are sorted
        for (int const i : local.by_name) {
            if (local.count == 0) break;
            while (at < whole.count && whole.item[whole.by_name[at]].name.view() < local.item[i].name.view()) ++at;
            bool const found = at < whole.count && whole.item[whole.by_name[at]].name == local.item[i].name &&
                               whole.item[whole.by_name[at]].extents == local.item[i].part({}).whole;
            index[i]         = found ? whole.by_name[at] : -1;
            all_found        = all_found && found;
        }
    }
};
template <class Local, class Whole>
inline constexpr tensors_by_name<Local, Whole> same_tensors{};

}  // namespace detail

/// Calls f(held, whole, n) for each run of elements that a range of a rank's flat array has of the whole network's: where it begins in the
/// range, where in the whole array, and how many they are. What a rank has beyond the whole tensors, such as padding, is left out.
/// @tparam Local what the rank computes
/// @param at the rank's place on the tensor axis
template <class Local, class Whole, class F>
constexpr void for_each_common_run(flat_range held, tensor_place const& at, F&& f) {
    constexpr auto const& same = detail::same_tensors<Local, Whole>;
    static_assert(same.all_found, "espalier: for_each_common_run: requires parts of a network's tensors, by name; got others. See docs/policies/model.md.");
    for (int i = 0; i < network<Local>::tensors.count; ++i) {
        tensor_entry const& t     = network<Local>::tensors.item[i];
        std::int64_t const offset = network<Whole>::tensors.item[same.index[i]].offset;
        if (t.offset >= held.last || t.offset + t.extents.elements() <= held.first) continue;
        t.part(at).for_each_run([&](part_run const& run) {
            std::int64_t const begins = t.offset + run.part;
            std::int64_t const first  = held.first > begins ? held.first - begins : 0;
            std::int64_t const last   = held.last - begins < run.count ? held.last - begins : run.count;
            if (first < last) f(begins + first - held.first, offset + run.whole + first, last - first);
        });
    }
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Split of groups of threads: the ranks of one colour meet in a new group, which the first of them makes.
#pragma once

#include <espalier/comm/threads.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace espalier {

namespace threads_detail {
/// What every rank of a group says to all others, under the name of what it is for.
template <class T>
struct exchange_of_split : collective::all_gather<T> {
    static constexpr detail::operation_record record{"split", detail::record_of<T>};
};
struct end_of_split : collective::barrier {
    static constexpr detail::operation_record record{"split"};
};
}  // namespace threads_detail

inline threads threads::split(int color, int key, call_site at) {
    struct wish {
        int color, key;
    };
    wish const mine{color, key};
    std::vector<wish> wishes(static_cast<std::size_t>(size()));
    std::vector<std::int64_t> one_each(wishes.size() + 1);
    for (std::size_t r = 0; r < one_each.size(); ++r) one_each[r] = static_cast<std::int64_t>(r);
    perform(threads_detail::exchange_of_split<wish>{{&mine, wishes.data(), one_each, rank()}}, at);

    std::vector<std::pair<int, int>> order;  // (key, rank) of this colour
    for (int r = 0; r < size(); ++r)
        if (wishes[static_cast<std::size_t>(r)].color == color) order.emplace_back(wishes[static_cast<std::size_t>(r)].key, r);
    std::sort(order.begin(), order.end());

    // Everybody knows the members of its group; the first of them makes it, the others take it from there.
    using offer = std::pair<std::shared_ptr<threads_detail::group>, std::uint64_t>;
    offer made;
    if (order.front().second == rank()) {
        std::vector<int> members;
        for (auto const& [k, r] : order) members.push_back(me_->blocking.world_rank(r));
        made = {std::make_shared<threads_detail::group>(std::move(members)), me_->place->the_world().next_group()};
    }
    offer const* const own = &made;
    std::vector<offer const*> offers(wishes.size());
    perform(threads_detail::exchange_of_split<offer const*>{{&own, offers.data(), one_each, rank()}}, at);
    auto const [all, id] = *offers[static_cast<std::size_t>(order.front().second)];
    perform(threads_detail::end_of_split{}, at);  // until all have taken it
    int const place = static_cast<int>(std::find(order.begin(), order.end(), std::pair{key, rank()}) - order.begin());
    return threads{std::make_shared<threads_detail::member>(me_->place, all, place, id)};
}

}  // namespace espalier

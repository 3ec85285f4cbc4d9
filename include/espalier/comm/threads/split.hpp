// SPDX-License-Identifier: BSL-1.0
/// @file
/// Barrier and split of groups of threads.
#pragma once

#include <espalier/comm/threads.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace espalier {

inline void threads::barrier(call_site at) {
    threads_detail::world::activity const busy{group_->the_world(), group_->world_rank(rank_), "barrier", at};
    group_->meet(rank_, {.operation = "barrier", .at = at});  // notes outlive one meeting, so nobody has to part
}

inline threads threads::split(int color, int key, call_site at) {
    // Everybody works out the members of its group; the first of them makes it, the others take it from there.
    std::pair<int, int> const wish{color, key};
    std::vector<std::pair<int, int>> order;  // (key, rank) of this colour
    {
        threads_detail::encounter e{*group_, rank_, {.operation = "split", .at = at, .in = &wish}};
        for (int r = 0; r < size(); ++r)
            if (auto const& other = *static_cast<std::pair<int, int> const*>(e.of(r).in); other.first == color)
                order.emplace_back(other.second, r);
        std::sort(order.begin(), order.end());
        if (order.front().second == rank_) {
            std::vector<int> members;
            for (auto const& [k, r] : order) members.push_back(group_->world_rank(r));
            group_->of(rank_).offer = std::make_shared<threads_detail::group>(group_->shared_world(), std::move(members));
        }
    }
    int const mine = static_cast<int>(std::find(order.begin(), order.end(), std::pair{key, rank_}) - order.begin());
    std::shared_ptr<threads_detail::group> part;
    {
        threads_detail::encounter e{*group_, rank_, {.operation = "split", .at = at}};
        part = group_->of(order.front().second).offer;
    }
    group_->of(rank_).offer.reset();
    return threads{std::move(part), mine};
}

}  // namespace espalier

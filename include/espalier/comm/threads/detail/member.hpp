// SPDX-License-Identifier: BSL-1.0
/// @file
/// A group of rank threads: the memory in which it meets and its channels, which all its ranks share, and one rank's side of it.
#pragma once

#include <espalier/comm/detail/meeting_room.hpp>
#include <espalier/comm/detail/shared_group.hpp>
#include <espalier/comm/threads/detail/channel.hpp>
#include <espalier/comm/threads/detail/station.hpp>
#include <espalier/memory/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

namespace espalier::threads_detail {

/// Made by one rank of the group. Blocking and posted operations meet in rooms of their own, so that neither waits for the other.
class group {
public:
    /// @param members ranks of the world
    explicit group(std::vector<int> members)
        : members_{std::move(members)}, memory_{static_cast<std::int64_t>(2 * room_bytes())} {
        blocking().open();
        posted().open();
    }

    [[nodiscard]] int size() const noexcept { return static_cast<int>(members_.size()); }
    [[nodiscard]] std::vector<int> const& members() const noexcept { return members_; }
    [[nodiscard]] detail::meeting_room blocking() noexcept { return {memory_.data(), size(), staging_bytes}; }
    [[nodiscard]] detail::meeting_room posted() noexcept { return {memory_.data() + room_bytes(), size(), staging_bytes}; }

    /// The channel from one rank of the group to another, made at its first use.
    [[nodiscard]] channel& channel_of(int from, int to, int direction) {
        std::lock_guard const guard{channels_lock_};
        auto const [at, is_first] = channels_.try_emplace({from, to, direction});
        if (is_first) {
            at->second.from      = members_[static_cast<std::size_t>(from)];
            at->second.to        = members_[static_cast<std::size_t>(to)];
            at->second.direction = direction;
        }
        return at->second;
    }

private:
    /// For exchanges in place only; everything else is read where it lies.
    static constexpr std::size_t staging_bytes = std::size_t{1} << 16;
    [[nodiscard]] std::size_t room_bytes() const noexcept { return aligned_bytes(detail::meeting_room::bytes(size(), staging_bytes)); }

    std::vector<int> members_;
    buffer<std::byte, host> memory_;
    std::mutex channels_lock_;
    std::map<std::tuple<int, int, int>, channel> channels_;  ///< by (source, destination, direction)
};

/// One rank's side of a group.
struct member {
    member(std::shared_ptr<station> s, std::shared_ptr<group> g, int rank, std::uint64_t id)
        : place{std::move(s)}, all{std::move(g)}, blocking{*place, all->blocking(), rank, all->members(), id},
          posted{*place, all->posted(), rank, all->members(), id + 1} {}

    std::shared_ptr<station> place;
    std::shared_ptr<group> all;
    detail::shared_group<station> blocking, posted;
    std::uint64_t posts = 0;  ///< so many operations were posted
};

}  // namespace espalier::threads_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// One channel between two ranks: the two ends, and the copy that happens when the second of them is posted.
/// It does not wait; see send_receive.hpp for who does.
#pragma once

#include <espalier/comm/detail/type_record.hpp>
#include <espalier/core/call_site.hpp>
#include <espalier/core/error.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

namespace espalier::threads_detail {

/// The state of one end. The elements travel under the channel's lock, so that an end that is withdrawn is at rest.
struct channel_end {
    enum class state { idle, posted, done, mismatched };
    std::atomic<state> now{state::idle};
    void* data                         = nullptr;  ///< a source's data are only read
    std::int64_t count                 = 0;
    detail::type_record const* element = nullptr;
    call_site at                       = {};
    std::string trouble;

    [[nodiscard]] bool is_over() const noexcept {
        auto const s = now.load();
        return s == state::done || s == state::mismatched;
    }
    [[nodiscard]] std::string to_string() const {
        return joined(count, " ", element->name, " (", at.file, ":", at.line, ")");
    }
};

/// (source, destination, direction) with at most one post in flight on each side.
class channel {
public:
    channel_end source, destination;
    int from = 0, to = 0, direction = 0;  ///< ranks of the world

    /// Posts one end; copies if the other one is posted already.
    /// @return whether both ends are now over, so that the other side has to look
    bool post(channel_end& mine, void* data, std::int64_t count, detail::type_record const& element, call_site at) {
        std::lock_guard const guard{lock_};
        if (mine.now.load() != channel_end::state::idle)
            throw invalid_setting{{"threads", "one post in flight on each side of a channel",
                                   joined("a second ", &mine == &source ? "post_send" : "post_recv", " of ", name(), ": ",
                                          mine.to_string(), " is not waited for, then ", count, " ", element.name, " (",
                                          at.file, ":", at.line, ")"),
                                   "Wait for the first request, or use another direction", "policies/communicator.md"}};
        mine.data    = data;
        mine.count   = count;
        mine.element = &element;
        mine.at      = at;
        auto& other  = &mine == &source ? destination : source;
        if (other.now.load() != channel_end::state::posted) {
            mine.now.store(channel_end::state::posted);
            return false;
        }
        if (source.count == destination.count && source.element == destination.element) {
            if (count > 0) std::memcpy(destination.data, source.data, static_cast<std::size_t>(count) * element.bytes);
            source.now.store(channel_end::state::done);
            destination.now.store(channel_end::state::done);
        } else {
            source.trouble = destination.trouble = joined("post_send of ", source.to_string(), " on rank ", from,
                                                          " and post_recv of ", destination.to_string(), " on rank ", to);
            source.now.store(channel_end::state::mismatched);
            destination.now.store(channel_end::state::mismatched);
        }
        return true;
    }
    /// Ends a post, over or not.
    /// @return what went wrong; empty where nothing did
    std::string take(channel_end& mine) {
        std::lock_guard const guard{lock_};
        mine.now.store(channel_end::state::idle);
        return std::exchange(mine.trouble, {});
    }
    [[nodiscard]] std::string name() const { return joined("channel ", from, " → ", to, ", direction ", direction); }

private:
    std::mutex lock_;
};

}  // namespace espalier::threads_detail

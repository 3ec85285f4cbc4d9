// SPDX-License-Identifier: BSL-1.0
/// @file
/// The place in this process's memory: state survives a failed attempt, not the process.
/// For ranks that are threads; ranks that are processes would each see a place of their own.
#pragma once

#include <espalier/checkpoint/concepts.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace espalier::checkpoint {

/// Holds steps in memory, shared by all copies of the place; any thread may call any copy at any time.
/// It removes none by itself: whoever saves removes those beyond `keep()`.
/// @par Cost      one copy of the bytes a put, one a get; the lock is not held while bytes are copied
class memory {
public:
    static constexpr bool keeps = true;

    /// @param keep how many committed steps are to stay, the newest; at least 1
    /// @throws invalid_setting for keep below 1
    explicit memory(int keep = 2) : state_{std::make_shared<state>()} {
        if (keep < 1)
            throw invalid_setting{{.entity   = "checkpoint::memory",
                                   .required = "at least 1 step to keep",
                                   .got      = std::to_string(keep),
                                   .fix      = "Keep 1 or more, or use checkpoint::none",
                                   .page     = detail::page}};
        state_->keep = keep;
    }

    void put(std::int64_t step, std::string_view name, std::span<std::byte const> bytes) {
        auto copy = std::make_shared<std::vector<std::byte> const>(bytes.begin(), bytes.end());
        std::scoped_lock const lock{state_->guard};
        state_->pending[step].insert_or_assign(std::string{name}, std::move(copy));
    }

    /// Commits a step and forgets the parts that were put for earlier steps and not committed; every committed step stays.
    /// @throws bad_checkpoint where no part was put
    void commit(std::int64_t step) {
        std::scoped_lock const lock{state_->guard};
        auto put_parts = state_->pending.extract(step);
        if (put_parts.empty())
            throw bad_checkpoint{{.entity   = "checkpoint::memory",
                                  .required = joined("parts that were put for step ", step),
                                  .got      = "none",
                                  .fix      = "Put the parts of all ranks, then commit once",
                                  .page     = detail::page}};
        state_->committed.insert_or_assign(step, std::move(put_parts.mapped()));
        state_->pending.erase(state_->pending.begin(), state_->pending.lower_bound(step));
    }

    /// Forgets the parts of a step that were put and not committed; without any it does nothing.
    void discard(std::int64_t step) {
        std::scoped_lock const lock{state_->guard};
        state_->pending.erase(step);
    }

    /// @throws bad_checkpoint for an unknown step or name
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name) const { return *part_of(step, name); }

    /// @throws bad_checkpoint for an unknown step or name, or a range that leaves the part
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name, std::size_t offset,
                                             std::size_t bytes) const {
        part const whole = part_of(step, name);
        if (offset > whole->size() || bytes > whole->size() - offset)
            throw bad_checkpoint{{.entity   = "checkpoint::memory",
                                  .required = joined("a range within the ", whole->size(), " bytes of part ",
                                                     detail::in_quotes(name), " of step ", step),
                                  .got      = joined(bytes, " bytes from byte ", offset),
                                  .fix      = "Ask for less",
                                  .page     = detail::page}};
        auto const first = whole->begin() + static_cast<std::ptrdiff_t>(offset);
        return {first, first + static_cast<std::ptrdiff_t>(bytes)};
    }

    [[nodiscard]] std::vector<std::int64_t> list() const {
        std::scoped_lock const lock{state_->guard};
        return state_->steps();
    }

    [[nodiscard]] int keep() const noexcept { return state_->keep; }

    /// @throws bad_checkpoint for a step that is not committed
    void remove(std::int64_t step) {
        std::scoped_lock const lock{state_->guard};
        if (state_->committed.erase(step) == 0) throw detail::unknown_step("memory", step, state_->steps());
    }

private:
    using part  = std::shared_ptr<std::vector<std::byte> const>;
    using parts = std::map<std::string, part, std::less<>>;

    struct state {
        std::mutex guard;
        int keep = 0;
        std::map<std::int64_t, parts> committed;
        std::map<std::int64_t, parts> pending;

        /// The committed steps, rising; the caller holds the lock.
        [[nodiscard]] std::vector<std::int64_t> steps() const {
            std::vector<std::int64_t> out;
            for (auto const& entry : committed) out.push_back(entry.first);
            return out;
        }
    };

    [[nodiscard]] part part_of(std::int64_t step, std::string_view name) const {
        std::scoped_lock const lock{state_->guard};
        auto const found = state_->committed.find(step);
        if (found == state_->committed.end()) throw detail::unknown_step("memory", step, state_->steps());
        auto const p = found->second.find(name);
        if (p == found->second.end())
            throw bad_checkpoint{{.entity   = "checkpoint::memory",
                                  .required = joined("a part ", detail::in_quotes(name), " of step ", step),
                                  .got      = joined(found->second.size(), " parts of other names"),
                                  .fix      = "Ask for a part that was put before the commit",
                                  .page     = detail::page}};
        return p->second;
    }

    std::shared_ptr<state> state_;
};

static_assert(CheckpointPlace<memory> && LimitsSteps<memory>);

}  // namespace espalier::checkpoint

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The place that keeps nothing: for runs that need not survive.
/// A trainer over it saves nothing and starts afresh.
#pragma once

#include <espalier/checkpoint/concepts.hpp>

namespace espalier::checkpoint {

/// Accepts every part and forgets it; holds no step.
struct none {
    static constexpr bool keeps = false;

    void put(std::int64_t, std::string_view, std::span<std::byte const>) noexcept {}
    void commit(std::int64_t) noexcept {}
    void discard(std::int64_t) noexcept {}
    /// @throws bad_checkpoint always
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view) const {
        throw detail::unknown_step("none", step, {});
    }
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view, std::size_t, std::size_t) const {
        throw detail::unknown_step("none", step, {});
    }
    [[nodiscard]] std::vector<std::int64_t> list() const { return {}; }
    /// @throws bad_checkpoint always
    void remove(std::int64_t step) { throw detail::unknown_step("none", step, {}); }
};

static_assert(CheckpointPlace<none>);

}  // namespace espalier::checkpoint

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What copies of `panel_windows` share: the panel, what a model sees of its days, which window has which index, the scaler.
/// It is filled once, by panel_windows_of.hpp, and never changes.
#pragma once

#include <espalier/data/detail/window_store.hpp>
#include <espalier/data/panel.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::detail {

struct panel_window_store {
    panel rows;
    std::vector<float> seen; // (R,S), not scaled; the first row of a segment holds zeros
    int steps = 0, horizon = 0;
    change target_change = change::log_return;
    window_part train, validation, test;
    feature_scaler scaler;
    double target_scale = 1;
    double mean_target  = 0; // of training windows

    [[nodiscard]] std::int64_t day(std::int64_t row) const { return rows.days[static_cast<std::size_t>(row)]; }

    /// The target's change from one row to a later one.
    [[nodiscard]] double change_between(std::int64_t row, std::int64_t later) const noexcept {
        double const from = rows.target_levels[static_cast<std::size_t>(row)],
                     to   = rows.target_levels[static_cast<std::size_t>(later)];
        return target_change == change::difference ? to - from : std::log(to / from);
    }
    [[nodiscard]] double target_at(std::int64_t row) const noexcept { return change_between(row, row + horizon); }

    /// Writes the window that ends with a row as sample b of a batch.
    /// @par Shapes    x (T,B,S)
    template <class T>
    void copy_input(std::int64_t last_row, std::int64_t b, std::int64_t batch, T* x) const noexcept {
        std::int64_t const count = rows.series();
        scaler_of<T> const scaled{scaler};
        float const* row = seen.data() + (last_row - steps + 1) * count; // (T,S)
        T* to            = x + b * count;                                // (T,B,S) from sample b on
        for (int t = 0; t < steps; ++t, row += count, to += batch * count) scaled(row, to);
    }
};

} // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a page about a forecasting run is made from. Every member may stay empty; the page then leaves its section out or says
/// so. How the page looks is not decided here.
#pragma once

#include <espalier/data/bootstrap.hpp>
#include <espalier/data/forecast.hpp>
#include <espalier/data/table.hpp>
#include <espalier/observe/report/loss_points.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace espalier {

/// How a run came to its end.
enum class run_ending : unsigned char {
    finished,      ///< all steps are done
    stopped_early, ///< the validation loss no longer fell
    interrupted,   ///< by a signal or a failure: the model is not what it was to become
};

/// How far a run came.
struct run_state {
    run_ending ending          = run_ending::finished;
    std::int64_t steps         = 0; ///< done
    std::int64_t planned_steps = 0; ///< of the whole run; 0: not known
};

/// A part of the data.
struct split_row {
    std::string part; ///< "training", "validation", "test"
    std::int64_t windows  = 0;
    std::int64_t tickers  = 0;
    std::int64_t first_ms = 0, last_ms = 0; ///< of the windows' last minutes, milliseconds since 1970 UTC
};

/// One candidate of a sweep.
struct sweep_row {
    std::string name;
    double validation_loss = 0, test_loss = 0, seconds = 0;
    bool is_chosen = false;
    std::string failure{}; ///< why there are no numbers; empty: there are
};

/// What is known about a run when its page is written. All text is taken as text: nothing of it is read as HTML.
struct report_contents {
    std::string title = "Forecasting run";
    std::string command{};    ///< the command line
    std::string hardware{};   ///< hardware_text()
    std::string arithmetic{}; ///< math::backend_name()
    std::string plan{};       ///< explain(t.plan())

    run_state state{};
    double seconds = 0; ///< of training; 0: not known

    std::vector<loss_point> training{}, validation{};
    std::optional<std::int64_t> best_step{}; ///< whose weights were kept; without it the step of the smallest validation loss

    std::vector<split_row> split{};
    std::optional<table> cleaning{}; ///< cleaned_bars::to_table(), or any other
    std::vector<sweep_row> sweep{};

    std::optional<forecast_set> test{};
    bootstrap_settings intervals{};

    std::vector<std::string> notes{};
};

} // namespace espalier

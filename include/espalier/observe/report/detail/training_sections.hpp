// SPDX-License-Identifier: BSL-1.0
/// @file
/// The sections of a page that speak of training: how it ended, the losses by step, the candidates of a sweep.
/// Forecasts are in forecast_sections.hpp.
#pragma once

#include <espalier/observe/report/contents.hpp>
#include <espalier/observe/report/line_chart.hpp>
#include <espalier/observe/report/table.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace espalier::detail {

/// The point whose weights are best by validation: at the step that is named, or the smallest loss.
[[nodiscard]] inline std::optional<loss_point> best_of(report_contents const& c) {
    std::optional<loss_point> best;
    for (loss_point const& p : c.validation) {
        if (!std::isfinite(p.loss)) continue;
        if (c.best_step ? p.step == *c.best_step : !best || p.loss < best->loss) best = p;
    }
    return best;
}

/// How training ended, in a sentence.
[[nodiscard]] inline std::string ending_in_words(run_state const& s) {
    std::string const steps = html::count(s.steps), of = s.planned_steps > 0 ? joined(" of ", html::count(s.planned_steps)) : "";
    if (s.ending == run_ending::interrupted)
        return joined("The run was interrupted at step ", steps, of, ": its model is unfinished.");
    if (s.ending == run_ending::stopped_early) return joined("Validation stopped training early, at step ", steps, of, '.');
    return joined("Training finished after ", html::count_of(s.steps, "step", "steps"), '.');
}

/// What validation found, in a sentence.
[[nodiscard]] inline std::string best_in_words(report_contents const& c) {
    if (auto const best = best_of(c))
        return joined("The validation loss was smallest at step ", html::count(best->step), ": ", html::significant(best->loss),
                      '.');
    if (c.best_step) return joined("The validation loss was smallest at step ", html::count(*c.best_step), '.');
    return c.validation.empty() ? "No validation loss was computed." : "";
}

[[nodiscard]] inline std::vector<charts::point> points_of(std::vector<loss_point> const& from) {
    std::vector<charts::point> out;
    for (loss_point const& p : from) out.push_back({static_cast<double>(p.step), p.loss});
    return out;
}

/// What of the losses is seen: all means and validation losses, and nine tenths of the single steps.
[[nodiscard]] inline charts::range seen_of(std::vector<loss_point> const& raw, std::vector<loss_point> const& means,
                                           std::vector<loss_point> const& validation) {
    charts::range seen;
    for (auto const* points : {&means, &validation})
        for (loss_point const& p : *points) seen.add(p.loss);
    std::vector<double> losses;
    for (loss_point const& p : raw)
        if (std::isfinite(p.loss)) losses.push_back(p.loss);
    if (losses.empty()) return seen;
    std::sort(losses.begin(), losses.end());
    seen.add(losses[(losses.size() - 1) * 5 / 100]), seen.add(losses[(losses.size() - 1) * 95 / 100]);
    return seen;
}

/// The chart of losses, or a sentence where there is no curve.
[[nodiscard]] inline std::string loss_figure(report_contents const& c) {
    auto const raw = thinned(c.training), means = smoothed(c.training), validation = thinned(c.validation);
    auto const not_finite = [](std::vector<loss_point> const& all) {
        return std::count_if(all.begin(), all.end(), [](auto const& p) { return !std::isfinite(p.loss); });
    };
    auto const lost          = static_cast<std::int64_t>(not_finite(c.training) + not_finite(c.validation));
    std::string const remark = lost > 0 ? joined("<p class=\"notice\">", html::count_of(lost, "loss is", "losses are"),
                                                 " not finite, and not drawn: training diverged.</p>\n")
                                        : "";
    if (raw.size() + validation.size() == 0) return remark + "<p>No losses were recorded.</p>\n";
    if (raw.size() < 2 && validation.size() < 2)
        return remark + joined("<p>One step was recorded",
                               raw.empty() ? "" : joined(", with a loss of ", html::significant(raw.front().loss)),
                               ": too few for a curve.</p>\n");

    bool const is_smoothed =
        means.size() < static_cast<std::size_t>(static_cast<std::ptrdiff_t>(c.training.size()) - not_finite(c.training));
    std::vector<charts::series> lines;
    if (is_smoothed) lines.push_back({"each step", "faint", points_of(raw)});
    if (!means.empty()) lines.push_back({is_smoothed ? "training, mean" : "training", "model", points_of(means)});
    if (!validation.empty()) lines.push_back({"validation", "other", points_of(validation), true, validation.size() <= 60});
    charts::line_chart_settings how{
        .width = 940, .height = 360, .x_name = "step", .y_name = "loss", .y = seen_of(raw, means, validation)};
    if (auto const best = best_of(c)) {
        how.marked      = charts::point{static_cast<double>(best->step), best->loss};
        how.marked_name = joined("best: step ", html::count(best->step));
    }
    auto const words =
        joined("Training loss over ", html::count_of(static_cast<std::int64_t>(c.training.size()), "step", "steps"),
               " and validation loss at ", html::count_of(static_cast<std::int64_t>(c.validation.size()), "step", "steps"), ".");
    return joined(
        "<figure>\n<div class=\"wide\">\n", charts::line_chart({"losses", "Loss by step", words}, how, lines), "</div>\n",
        is_smoothed ? joined("<figcaption>The strong line is the mean of ",
                             html::count(static_cast<std::int64_t>((c.training.size() + means.size() - 1) / means.size())),
                             " steps at a time; single steps may lie beyond the frame.</figcaption>\n")
                    : "",
        "</figure>\n", remark);
}

[[nodiscard]] inline std::string training_section(report_contents const& c) {
    std::string const ending =
        c.state.ending == run_ending::interrupted ? "" : ending_in_words(c.state) + ' '; // said above already
    return joined("<h2>Training</h2>\n<p>", ending, best_in_words(c), "</p>\n", loss_figure(c));
}

/// The candidates of a sweep, in their order.
[[nodiscard]] inline std::string sweep_section(std::vector<sweep_row> const& sweep) {
    if (sweep.empty()) return "";
    html::table t{
        .caption = "Candidates in the order in which they ran, to be chosen by validation loss; test losses are for the record",
        .header  = {"Candidate", "Validation loss", "Test loss", "Time", ""}};
    for (sweep_row const& s : sweep) {
        if (s.failure.empty())
            t.rows.push_back({{html::escaped(s.name), html::fixed(s.validation_loss, 6), html::fixed(s.test_loss, 6),
                               html::duration(s.seconds), s.is_chosen ? "chosen" : ""},
                              s.is_chosen ? "strong" : ""});
        else
            t.rows.push_back(
                {{html::escaped(s.name), "–", "–", html::duration(s.seconds), joined("failed: ", html::escaped(s.failure))}});
    }
    return joined("<h2>Candidates</h2>\n", html::to_html(t));
}

} // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The sections of a page that speak of test forecasts: the table of scores, the charts by outcome, ticker and time of day.
/// Numbers come from scores.hpp, drawings from the charts.
#pragma once

#include <espalier/observe/report/bar_chart.hpp>
#include <espalier/observe/report/contents.hpp>
#include <espalier/observe/report/density_chart.hpp>
#include <espalier/observe/report/line_chart.hpp>
#include <espalier/observe/report/scores.hpp>
#include <espalier/observe/report/table.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace espalier::detail {

inline constexpr double basis_points = 1e4; ///< a log return of 1 in basis points

/// A drawing with its title above and a remark below, both HTML.
[[nodiscard]] inline std::string figure(std::string const& title, std::string const& svg, std::string const& remark,
                                        bool is_wide = false) {
    return joined("<figure>\n<h3>", title, "</h3>\n", is_wide ? "<div class=\"wide\">\n" : "", svg, is_wide ? "</div>\n" : "",
                  remark.empty() ? "" : joined("<figcaption>", remark, "</figcaption>\n"), "</figure>\n");
}

/// A number over its interval; a dash where there is no number, and no interval where it is that number alone.
template <class Format>
[[nodiscard]] std::string cell_of(estimate const& e, Format format) {
    if (!std::isfinite(e.value)) return "–";
    std::string const number = format(e.value);
    if (!e.between) return number;
    std::string const low = format(e.between->low), high = format(e.between->high);
    return low == number && high == number ? number : joined(number, "<small>", low, " to ", high, "</small>");
}

/// A row of the table of scores.
[[nodiscard]] inline html::table_row score_row(std::string name, forecast_scores const& s, bool is_model) {
    auto const squared = [](double v) { return html::fixed(v * basis_points * basis_points, 2); };
    auto const skill   = [](double v) { return html::with_sign(100 * v, 2); };
    auto const error   = [](double v) { return html::fixed(v * basis_points, 3); };
    auto const ratio   = [](double v) { return html::fixed(v, 3); };
    auto const share   = [](double v) { return html::fixed(100 * v, 1); };
    return {{std::move(name), cell_of(s.squared_error, squared), cell_of(s.skill, skill), cell_of(s.r2, skill),
             cell_of(s.absolute_error, error), cell_of(s.correlation, ratio), cell_of(s.right_signs, share)},
            is_model ? "strong" : ""};
}

/// The table of the model and the naive forecasts.
[[nodiscard]] inline std::string score_section(forecast_set const& set, assessment const& a, bootstrap_settings const& how) {
    html::table t{.caption = joined("The model beside three naive forecasts, over ",
                                    html::count_of(a.windows, "test window", "test windows"), " of ",
                                    html::count_of(a.days, "day", "days"),
                                    a.days > 1 ? joined(". Small numbers: ", html::percent(a.level, 0), " intervals") : ""),
                  .header  = {"Forecast", "Mean squared error, bp²", "Skill against no change, %", "R² out of sample, %",
                              "Mean absolute error, bp", "Correlation", "Right signs, %"}};
    t.rows.push_back(score_row("The model", a.model, true));
    char const* const names[] = {"No change", "The mean return", "The last return"};
    for (int i = 0; i < 3; ++i) t.rows.push_back(score_row(names[i], a.naive[i], false));
    std::string out = joined("<h2>How good the forecasts are</h2>\n", html::to_html(t));
    out += joined(
        "<p class=\"soft\">Returns are logarithmic, over ", html::count_of(set.horizon, "minute", "minutes"),
        "; a basis point (bp) is 0.01\u00A0%. Skill is 1 − error / error of predicting no change: above 0 is better than that. "
        "R² out of sample compares with the mean return of the training part instead. Right signs leave out windows in which "
        "forecast or outcome is zero.</p>\n<p class=\"soft\">");
    out += a.days > how.days_a_block
               ? joined("Intervals are from ", html::count(how.draws), " resamples of ",
                        how.days_a_block == 1 ? std::string{"whole days"} : joined("blocks of ", how.days_a_block, " days"),
                        " with all their tickers, because errors of one day depend on one another.",
                        a.days < 10 ? " From fewer than ten days they are rough, and rather too narrow." : "")
               : joined("There are no intervals: they need more than ", html::count_of(how.days_a_block, "day", "days"),
                        " of forecasts, and there ", a.days == 1 ? "is 1." : joined("are ", a.days, "."));
    out += "</p>\n";
    if (a.left_out > 0)
        out += joined("<p class=\"notice\">", html::count_of(a.left_out, "forecast is", "forecasts are"),
                      " not finite, and left out everywhere.</p>\n");
    return out;
}

/// Forecast against outcome: where they lie, and the mean outcome by forecast.
[[nodiscard]] inline std::string outcome_section(forecast_set const& set, bootstrap_settings const& how) {
    std::vector<charts::point> pairs;
    for (forecast const& f : set.of)
        if (is_finite(f)) pairs.push_back({f.predicted * basis_points, f.actual * basis_points});
    auto const bins = reliability(set, 10, how);
    std::vector<charts::point> means;
    charts::range along;
    for (reliability_bin const& b : bins) {
        charts::point p{b.predicted * basis_points, b.actual.value * basis_points};
        if (b.actual.between) p.between = interval{b.actual.between->low * basis_points, b.actual.between->high * basis_points};
        means.push_back(p);
        along.add(p.x);
    }
    std::string out = "<h2>Forecast and outcome</h2>\n";
    if (bins.size() < 2)
        return out + "<p>The model forecasts the same return for every window, so there is nothing to draw.</p>\n";

    auto const seen     = charts::range_for(pairs);
    double const end    = seen.x.high;
    auto const diagonal = [](double from, double to) {
        return charts::series{"outcome = forecast", "diagonal", {{from, from}, {to, to}}};
    };
    charts::series const mean_line{"mean outcome", "other", means, true, true};
    out += "<div class=\"pair\">\n";
    out += figure(
        "Every window",
        charts::density_chart({"outcomes", "Forecast against outcome",
                               joined("How densely ", html::count_of(static_cast<std::int64_t>(pairs.size()), "pair", "pairs"),
                                      " of forecast and outcome lie, with the mean outcome by forecast.")},
                              {.x_name = "forecast, bp", .y_name = "outcome, bp"}, seen, pairs,
                              {diagonal(-end, end), {"mean outcome", "other", means}}),
        joined("The stronger the colour, the more windows, by the logarithm. The axes have different scales: a return varies far "
               "more than a "
               "forecast of it. ",
               html::count(seen.outside), " of ",
               html::count_of(static_cast<std::int64_t>(pairs.size()), "window lies", "windows lie"), " outside."));
    out += figure(
        "Mean outcome by forecast",
        charts::line_chart(
            {"reliability", "Mean outcome by forecast",
             joined("Mean outcome in ", bins.size(),
                    " groups of windows by rising forecast, beside the diagonal where both are equal.")},
            {.height = 400, .x_name = "mean forecast of a group, bp", .y_name = "mean outcome, bp", .has_zero = true},
            {diagonal(along.low, along.high), mean_line}),
        joined(bins.size(),
               " groups of windows by rising forecast. On the dashed line forecasts are right on average; a flat line of means "
               "says that they tell nothing."));
    return out + "</div>\n";
}

[[nodiscard]] inline std::optional<interval> in_percent(std::optional<interval> const& i) {
    return i ? std::optional{interval{100 * i->low, 100 * i->high}} : std::nullopt;
}

/// The skill of each ticker, best first; the middle of a long list is left out.
[[nodiscard]] inline std::string ticker_section(std::vector<group_score> tickers) {
    if (tickers.size() < 2) return "";
    std::stable_sort(tickers.begin(), tickers.end(), [](group_score const& a, group_score const& b) {
        auto const rank = [](double v) { return std::isfinite(v) ? v : -1e300; };
        return rank(a.skill.value) > rank(b.skill.value);
    });
    constexpr std::size_t most = 40;
    std::size_t const all      = tickers.size();
    auto const above =
        std::count_if(tickers.begin(), tickers.end(), [](auto const& t) { return t.skill.between && t.skill.between->low > 0; });
    if (all > most) tickers.erase(tickers.begin() + most / 2, tickers.end() - most / 2);
    std::vector<charts::bar_row> bars;
    for (group_score const& t : tickers)
        bars.push_back({t.name, 100 * t.skill.value, in_percent(t.skill.between), html::signed_percent(t.skill.value, 2)});
    std::string const remark =
        joined("1 − mean squared error of the model / that of predicting no change, with its interval. Intervals above 0: ",
               html::count(above), " of ", html::count(static_cast<std::int64_t>(all)),
               " tickers; where there are many, a few are by chance.",
               all > most ? joined(" Shown are the ", most / 2, " best and the ", most / 2, " worst.") : "");
    charts::caption const words{"tickers", "Skill by ticker",
                                joined("Skill of the model for ", bars.size(), " tickers, from ", bars.front().name, " at ",
                                       bars.front().number, " to ", bars.back().name, " at ", bars.back().number, ".")};
    return "<h2>By ticker</h2>\n" +
           figure("Skill against predicting no change", charts::bar_chart(words, {.x_name = "skill, %"}, bars), remark, true);
}

/// Error and skill by half-hour of the day.
[[nodiscard]] inline std::string time_section(std::vector<group_score> const& times) {
    if (times.size() < 2) return "";
    charts::series model{"the model", "model", {}, true, true}, naive{"no change", "under", {}},
        skill{"", "model", {}, true, true};
    std::vector<std::string> names;
    for (group_score const& t : times) {
        auto const x = static_cast<double>(names.size());
        names.push_back(t.name);
        model.points.push_back({x, std::sqrt(t.squared_error) * basis_points});
        naive.points.push_back({x, std::sqrt(t.squared_error_of_no_change) * basis_points});
        skill.points.push_back({x, 100 * t.skill.value, in_percent(t.skill.between)});
    }
    auto const chart = [&](charts::caption const& words, char const* y_name, std::vector<charts::series> const& lines) {
        charts::line_chart_settings const how{
            .x_name = "half-hour that begins at, UTC", .y_name = y_name, .x_names = names, .has_zero = true};
        return charts::line_chart(words, how, lines);
    };
    std::string const over = joined(" in ", names.size(), " half-hours of the day.");
    return joined(
        "<h2>By time of day</h2>\n<div class=\"pair\">\n",
        figure("Size of the error",
               chart({"times", "Error by time of day", "Root mean squared error of the model and of predicting no change" + over},
                     "root mean squared error, bp", {naive, model}),
               ""),
        figure("Skill against predicting no change",
               chart({"skills", "Skill by time of day", "Skill of the model" + over}, "skill, %", {skill}), ""),
        "</div>\n<p class=\"soft\">A window belongs to the half-hour in which its forecast is made.</p>\n");
}

} // namespace espalier::detail

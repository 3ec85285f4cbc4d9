// SPDX-License-Identifier: BSL-1.0
/// @file
/// What scores amount to, in one sentence that can be read without the rest of the page.
/// It compares mean squared errors alone; nothing is said of money.
#pragma once

#include <espalier/observe/report/scores.hpp>
#include <espalier/observe/report/text.hpp>

#include <cmath>
#include <optional>
#include <string>

namespace espalier {

/// What a comparison with naive forecasts can end in.
enum class outcome : unsigned char {
    no_forecasts,    ///< there is nothing to compare
    not_better,      ///< a naive forecast has an error as small or smaller
    could_be_chance, ///< the model's error is smallest, but an interval of its skill includes 0, or there is none
    better,          ///< the model's error is smallest, and no interval of its skill includes 0
};

/// The outcome and how it is said.
struct finding {
    outcome what = outcome::no_forecasts;
    std::string sentence;
};

/// The finding of an assessment: it names the naive forecast that is hardest to beat.
[[nodiscard]] finding finding_of(assessment const& a);

namespace detail {

/// The naive forecast with the smallest error.
[[nodiscard]] inline int best_naive(assessment const& a) {
    int best = 0;
    for (int i = 1; i < 3; ++i)
        if (a.naive[i].squared_error.value < a.naive[best].squared_error.value) best = i;
    return best;
}

/// A naive forecast over which the model's skill may be chance: the best one before others; none where every interval lies above
/// 0.
[[nodiscard]] inline std::optional<int> not_beaten_surely(assessment const& a) {
    int const best        = best_naive(a);
    auto const could_be_0 = [&](int i) { return !a.against[i].between || a.against[i].between->low <= 0; };
    if (could_be_0(best)) return best;
    for (int i = 0; i < 3; ++i)
        if (could_be_0(i)) return i;
    return {};
}

/// "95 % interval of its skill +1.0 % to +3.3 %"; where there is none, that.
[[nodiscard]] inline std::string interval_in_words(assessment const& a, int i) {
    auto const& between = a.against[i].between;
    if (!between) return joined("without an interval: ", html::count_of(a.days, "day", "days"), " of forecasts");
    return joined(html::percent(a.level, 0), " interval of its skill ", html::signed_percent(between->low, 2), " to ",
                  html::signed_percent(between->high, 2));
}

/// "The model does not beat predicting no change: its mean squared error is 1.20 % higher (…)."
[[nodiscard]] inline std::string not_better_in_words(assessment const& a, int i) {
    double const model = a.model.squared_error.value, naive = a.naive[i].squared_error.value;
    std::string const by = model == naive ? "the same"
                           : naive > 0    ? html::percent(model / naive - 1, 2) + " higher"
                                          : "above zero";
    return joined("The model does not beat ", name_of(naive_forecasts[i]), ": its mean squared error is ", by, " (",
                  interval_in_words(a, i), ").");
}

} // namespace detail

inline finding finding_of(assessment const& a) {
    if (a.windows == 0 && a.left_out > 0)
        return {outcome::no_forecasts, "No test forecast is a finite number, so the model cannot be used."};
    if (a.windows == 0)
        return {outcome::no_forecasts, "There are no test forecasts, so nothing is known about how well the model forecasts."};
    int const best = detail::best_naive(a);
    if (!(a.model.squared_error.value < a.naive[best].squared_error.value))
        return {outcome::not_better, detail::not_better_in_words(a, best)};

    auto const unsure        = detail::not_beaten_surely(a);
    int const i              = unsure.value_or(best);
    std::string const margin = joined("its mean squared error is ", html::percent(a.against[i].value, 2), " lower than that of ",
                                      name_of(naive_forecasts[i]), " (", detail::interval_in_words(a, i), ")");
    if (!unsure) return {outcome::better, joined("The model beats every naive forecast: ", margin, ".")};
    if (!a.against[i].between)
        return {outcome::could_be_chance, joined("The model’s error is the smallest, but this could be chance: ", margin, ".")};
    return {outcome::could_be_chance,
            joined("The model’s error is the smallest, but this could be chance: ", margin, ", and the interval includes 0.")};
}

} // namespace espalier

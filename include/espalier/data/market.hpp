// SPDX-License-Identifier: BSL-1.0
/// @file
/// The built-in market: one-minute bars that behave like real ones where it matters to a model, made from a seed.
/// It serves where no data is at hand. It is no model of any market, and results on it say nothing about one.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/session.hpp>

#include <cstdint>
#include <vector>

namespace espalier {

/// What market to make.
struct market_settings {
    int tickers        = 4;
    int days           = 20; ///< trading days; weekends between them are passed over
    std::uint64_t seed = 1;
    double momentum    = 0.5;  ///< 0: returns cannot be predicted, for a control; 0.5: far more than in any real market
    double missing     = 0.08; ///< share of minutes without a trade at the quietest time of the day, in 0 … 0.5
};

/// Minutes of a whole trading day.
inline constexpr int session_minutes = 390;

/// Makes bars of several tickers, in the sessions of `us_equities` on weekdays from Monday 2024-01-08 on; it knows no holidays.
///
/// A minute's log return is momentum · m + σ · z. m is an average of the day's returns so far that forgets a fifth a minute:
/// what a model can learn. z is standard normal; σ is U-shaped over the day and clusters by a GARCH(1,1) rule. Volume is
/// U-shaped, log-normal and rises with the clusters. Minutes are missing more often at noon, and now and then trading halts for
/// 40 minutes; prices move on unseen. Draws depend on (seed, ticker, minute) alone: a longer market begins as a shorter one does.
/// @par Numerics  doubles, rounded to float at the end; the same bits on every run of one binary. Another compiler or
///                mathematical library may differ in the doubles' last bits, which the rounding mostly hides
/// @throws invalid_setting   no ticker or day, momentum outside 0 … 0.9, missing outside 0 … 0.5
/// @par Source    Bollerslev, "Generalized autoregressive conditional heteroskedasticity", 1986, equation 1; the U-shape: Wood,
///                McInish and Ord, "An investigation of transactions data for NYSE stocks", 1985. Numbers are chosen, not fitted
[[nodiscard]] std::vector<bar_series> built_in_market(market_settings const& settings = {});

} // namespace espalier

#include <espalier/data/detail/market.hpp>

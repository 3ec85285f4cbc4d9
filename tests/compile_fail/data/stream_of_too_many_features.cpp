// SPDX-License-Identifier: BSL-1.0
// expect: espalier: feature_stream: requires at most 64 features. See docs/howto/own-features.md.
// expect: features<move_of_minute<0>, move_of_minute<1>
#include <espalier/data/feature.hpp>
#include <espalier/data/feature_stream.hpp>

using namespace espalier;

/// The move of one minute, N minutes ago.
template <int N>
struct move_of_minute {
    static constexpr int look_back         = N + 1;
    static constexpr std::string_view name = "move";
    static double at(minute_history const& m) { return m[N].log_close - m[N + 1].log_close; }
};
template <int... N>
features<move_of_minute<N>...> moves(std::integer_sequence<int, N...>);

#ifdef ESPALIER_TWIN
using row = decltype(moves(std::make_integer_sequence<int, 64>{}));
#else
using row = decltype(moves(std::make_integer_sequence<int, 65>{}));
#endif

feature_stream<row> stream(feature_scaler const& scaler) { return {"SPY", 60, scaler}; }

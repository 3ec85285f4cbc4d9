// SPDX-License-Identifier: BSL-1.0
#include "first_model.hpp"

#include <iostream>
#include <optional>

int main(int argc, char** argv) {
    try {
        forecaster<first_model, seen> live{checkpoint::safetensors_file{"run/weights.safetensors"}, read_scaling("run/scaling.json")};
        for (auto const& series : argc > 1 ? read_bars(argv[1]) : built_in_market()) {
            if (!live.knows(series.ticker)) continue;
            std::optional<live_forecast> newest;
            for (bar const& b : series.bars) newest = live.push(series.ticker, b); // as they would come in
            if (newest)
                std::cout << series.ticker << ' ' << minute_text(newest->minute) << " UTC: close " << series.bars.back().close << ", in 5 minutes "
                          << newest->price << '\n';
        }
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}

// SPDX-License-Identifier: BSL-1.0
#include "first_model.hpp"

#include <iostream>

// How the work is cut, who carries messages, where state survives.
using first_trainer = trainer<first_model, data_parallel<lanes<4>, samples<64>>, threads, checkpoint::directory>;

int main(int argc, char** argv) {
    try {
        auto const bars = clean(argc > 1 ? read_bars(argv[1]) : built_in_market());
        auto const data = windows_of<seen>(bars, {.train_fraction = 0.7, .validation_fraction = 0.1});
        std::cout << bars.to_table().to_string() << '\n' << data.to_table().to_string() << '\n';

        launch<first_trainer>(2, [&](threads& world) {
            first_trainer t{world, {.seed = 7, .learning_rate = 1e-3}, checkpoint::directory{"run/checkpoints"}};
            t.resume(); // from the newest checkpoint, if there is one

            progress bar{std::cerr, progress::style::lines};
            metrics_csv metrics{"run/metrics.csv"};
            auto const fitted = t.fit(data.train, data.validation, {.epochs = 4, .early_stop = {.patience = 2}, .observers = {&bar, &metrics}});
            if (fitted.best_step > 0) t.use_best_weights();
            if (world.rank() != 0) return; // one rank writes

            checkpoint::write_safetensors("run/weights.safetensors", t.weights());
            write_scaling("run/scaling.json", scaling_of(data.train));
            predictor<first_model> trained{checkpoint::safetensors_file{"run/weights.safetensors"}, 256};
            write_report("run/report.html", {.title      = "My first model",
                                             .hardware   = hardware_text(),
                                             .arithmetic = math::backend_name(),
                                             .plan       = explain(t.plan()),
                                             .state      = {run_ending::finished, t.steps_done()},
                                             .training   = loss_points_of("run/metrics.csv"),
                                             .validation = loss_points_of("run/validation.csv"),
                                             .test       = forecasts_of(trained, data.test)});
            std::cout << "validation loss " << fitted.best_validation_loss << " after step " << fitted.best_step << "; see run/report.html\n"
                      << "weights xxh128 " << checkpoint::weights_hash(t.weights()) << '\n';
        });
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}

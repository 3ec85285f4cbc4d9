// SPDX-License-Identifier: BSL-1.0
// Pieces of code that stand in documents and in no example, so that they are compiled somewhere: each is the body of a function, to the
// letter. Nothing here is run.
#include <espalier/espalier.hpp>

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

using namespace espalier;

// clang-format off
// docs/policies/model.md
using net   = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 1>>;
using alice = model<net, mean_squared_error, adamw>;

using my_trainer = trainer<alice, data_parallel<lanes<8>, samples<32>>, threads, checkpoint::directory>;
using partition  = my_trainer::partition_type;

[[maybe_unused]] static void validation(my_trainer& t, split_windows const& data) {
auto const r = t.fit(data.train, data.validation, {.epochs = 20, .early_stop = {.patience = 3}});
t.use_best_weights();
auto const tested = t.evaluate(data.test);
static_cast<void>(r.best_step + static_cast<std::int64_t>(tested.loss));
}

// docs/policies/checkpoint.md
[[maybe_unused]] static void place_of_run(int ranks, windows const& data) {
checkpoint::directory place{"runs/alice/checkpoints", {.keep = 3}};
launch<my_trainer>(ranks, [&](auto& world) {
    my_trainer t{world, {.seed = 7}, place};
    auto const from = t.resume();                              // the newest sound checkpoint, or a fresh start: from.step, from.notes
    t.fit(data, {.epochs = 20, .checkpoint_every = 200});      // and at the end; .stop = a flag that ends it early, saved
});
}

[[maybe_unused]] static void weights_in_and_out(my_trainer& t) {
checkpoint::write_safetensors("weights.safetensors", t.weights());                     // PyTorch's names, F32
t.set_weights(checkpoint::safetensors_file{"weights.safetensors"});                    // F64 is converted
predictor<alice> p{checkpoint::safetensors_file{"weights.safetensors"}, 64};
std::string const digits = checkpoint::weights_hash(t.weights());                      // 32 hex digits
}

// docs/howto/resume.md
[[maybe_unused]] static void stop_and_go_on(int ranks, windows const& data) {
stop_on_signal const signals;                                                  // before launch: SIGTERM and SIGUSR1 set a flag
launch<my_trainer>(ranks, [&](auto& world) {
    my_trainer t{world, {.seed = 7}, checkpoint::directory{"runs/mine/checkpoints", {.keep = 3}}};
    auto const from = t.resume();                                              // the newest sound checkpoint, or step 0
    for (auto const& note : from.notes) std::cerr << "note: " << note << '\n'; // on rank 0
    auto const r = t.fit(data, {.epochs = 20, .checkpoint_every = 200, .stop = signals.flag()});
    return r.stopped ? exit_status_stopped : 0;                                // 75: start me again
});
}

[[maybe_unused]] static void weights_of_a_run() {
launch<my_trainer>(1, [&](auto& world) {
    my_trainer t{world, {.seed = 7}, checkpoint::directory{"runs/mine/checkpoints"}};
    t.resume();
    checkpoint::write_safetensors("weights.safetensors", t.weights());
});
}

// docs/howto/own-features.md
[[maybe_unused]] static void features_of_windows(std::vector<bar_series> const& bars) {
using chosen = features<log_return, relative_volume<30>, time_of_day>;
auto const data = windows_of<chosen>(bars, {.steps = 60, .horizon = 5});     // input (60,3)
}

// docs/howto/report.md
[[maybe_unused]] static void page_about_a_run(my_trainer const& t, std::string const& command_line, std::int64_t planned, forecast_set const& forecasts) {
write_report("runs/mine/report.html", {.title      = "Intraday forecaster",
                                       .command    = command_line,
                                       .hardware   = hardware_text(),
                                       .arithmetic = math::backend_name(),
                                       .plan       = explain(t.plan()),
                                       .state      = {run_ending::finished, t.steps_done(), planned},
                                       .training   = loss_points_of("runs/mine/metrics.csv"),
                                       .test       = forecasts});      // a forecast_set
}

[[maybe_unused]] static void picture_of_plans(int ranks) {
std::vector<partition::plan_type> plans;
for (int r = 0; r < ranks; ++r) plans.push_back(partition::plan<alice>(ranks, r));
std::ofstream{"plan.svg"} << draw(plans);
}
// clang-format on

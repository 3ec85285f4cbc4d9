// SPDX-License-Identifier: BSL-1.0
// Pieces of code that stand in documents and in no example, so that they are compiled somewhere: each is the body of a function, to the
// letter. Nothing here is run.
#include <espalier/data/panel_simulation.hpp>
#include <espalier/data/panel_windows.hpp>
#include <espalier/data/read_series.hpp>
#include <espalier/espalier.hpp>

#include <fstream>
#include <iostream>
#include <string>
#include <type_traits>
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

// docs/policies/partition.md
[[maybe_unused]] static void plans_of_a_mesh() {
using replicas = data_parallel<lanes<8>, samples<4>, zero<1>>;
using layout   = mesh<replicas, pipeline<2, interleaved<2>>>;            // 2, 4, 6 … 16 ranks
static_assert(layout::max_ranks == 16);
using trained  = model<sequence<linear<8, 8>, relu, linear<8, 8>, linear<8, 1>>, mean_squared_error, adamw>;
std::vector<layout::plan_type> plans;
for (int rank = 0; rank < 4; ++rank) plans.push_back(layout::plan<trained>(4, rank));
std::cout << explain_all(plans);                                         // a line a rank; draw(plans) makes a picture
}

// docs/policies/partition.md
[[maybe_unused]] static void plans_of_slices() {
using sliced = mesh<data_parallel<lanes<4>, samples<4>>, pipeline<2>, tensor_parallel<2, exact<4>>>;   // 4, 8, 12 or 16 ranks
static_assert(sliced::rank_multiple == 4 && sliced::max_ranks == 16);
}

// docs/policies/partition.md, and what the compiler says without at_least_ranks
[[maybe_unused]] static void plans_on_a_card() {
using wide   = model<sequence<repeat<24, sequence<linear<8192, 8192>, relu>>, linear<8192, 1>>, mean_squared_error, adamw>;
using shards = data_parallel<lanes<8>, samples<64>, zero<1>>;
using layout = within<devices::l4_24gb, shards, at_least_ranks<3>>;      // 3 to 8 ranks
static_assert(layout::plan<wide>(1, 0).memory.bytes() == 45'209'846'976);
static_assert(layout::plan<wide>(2, 1).memory.bytes() == 32'323'306'560);
static_assert(layout::plan<wide>(3, 2).memory.bytes() == 23'732'290'496); // the card has 24,000,000,000
static_assert(layout::plan<wide>(8, 7).memory.bytes() == 14'604'337'984);
using too_few = detail::plan_fits_device<devices::l4_24gb, 32'323'306'560, 24'000'000'000, 2, 1>;
static_assert(std::is_same_v<detail::device_misfit<within<devices::l4_24gb, shards>, wide>::type, too_few>);
static_assert(std::is_void_v<detail::device_misfit<layout, wide>::type>);
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

// docs/howto/panel.md
using macro_network = sequence<lstm<lstm_shape{.steps = 60, .inputs = 4, .units = 16}>, last_step, linear<16, 1>>;
using macro         = model<macro_network, mean_squared_error, adamw>;
using macro_trainer = trainer<macro, data_parallel<lanes<4>, samples<16>>, threads, checkpoint::memory>;

[[maybe_unused]] static void series_to_windows() {
auto const read = [](std::string const& file, std::string const& column) { return read_series("macro/" + file, {.value = column}); };
auto const rows = panel_of({{read("sp500.csv", "close"), change::log_return},
                            {read("vix.csv", "CLOSE"), change::level},
                            {read("yields.csv.gz", "10year"), change::difference},
                            {read("wti.csv.gz", "Price"), change::difference, 1}},       // known a day later
                           {.target = "sp500"});
auto const data = windows_of(rows, {.steps = 60, .horizon = 5, .train_fraction = 0.7, .validation_fraction = 0.15});
std::cout << rows.to_table().to_string() << data.to_table().to_string();
}

[[maybe_unused]] static void forecast_today(macro_trainer& t, split_panel_windows const& data, panel const& newer_rows) {
t.fit(data.train, data.validation, {.epochs = 20, .early_stop = {.patience = 3}});
t.use_best_weights();
checkpoint::write_safetensors("weights.safetensors", t.weights());

predictor<macro> p{checkpoint::safetensors_file{"weights.safetensors"}};
std::vector<float> x(60 * 4);
std::int64_t const today = gather_newest(newer_rows, data.train.scaler(), 60, x.data());
double const forecast    = data.train.target_scale() * static_cast<double>(p.predict(x, 1)[0]);
std::cout << "after day " << today << ": " << forecast << '\n';
}

[[maybe_unused]] static void simulated_windows() {
auto const rows = panel_of(simulated_panel({.series = 6, .signal = 0.3}), {.target = "SIM0"});
auto const data = windows_of(rows, {.steps = 20, .horizon = 1});
static_cast<void>(data.train.size());
}
// clang-format on

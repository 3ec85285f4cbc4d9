// SPDX-License-Identifier: BSL-1.0
// The table of layouts with a tensor axis: LSTM and BERT cut over 1, 2 and 4 ranks, alone and in meshes with replicas and stages.
//
//     cut [--all]
#include "equivalence/layouts/cut_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#ifdef ESPALIER_TEST_PROCESSES
#    include <boost/mpi/environment.hpp>
#endif

namespace espalier_test {

namespace {
constexpr double most_gradients = 1e-5, most_losses = 1e-4;
#ifdef ESPALIER_TEST_PROCESSES
constexpr char const* communicator = "mpi";
#else
constexpr char const* communicator = "threads";
#endif

[[nodiscard]] std::string rounded(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.0e", x);
    return text;
}
}  // namespace

cut_table::cut_table(int argc, char** argv)
    : all_{argc > 1 && std::strcmp(argv[1], "--all") == 0}, data_{tested::data()}, uncut_{uncut_run()}, expected_{four_slices_run().hash} {
    if (speaks())
        std::cout << "weights after " << reference_run::steps << " steps on one rank: " << uncut_.hash << ", with four slices: " << expected_ << "\n\n"
                  << "| model | layout | communicator | ranks | same bits | gradients | losses | sent, elements a step |\n|---|---|---|---|---|---|---|---|\n";
}

void cut_table::add(std::string const& layout, layout_facts const& facts, recorded_run const& r, double gradients) {
    double losses = 0;
    for (std::size_t s = 0; s < uncut_.losses.size(); ++s) losses = std::max(losses, std::abs(r.losses[s] - uncut_.losses[s]));
    bool same = !facts.is_exact || r.hash == expected_;
    for (auto const& h : r.hashes) same = same && h == r.hash;
    std::string wrong;
    if (!same) wrong += " bits";
    if (!(gradients <= most_gradients)) wrong += " gradients";
    if (!(losses <= most_losses)) wrong += " losses";
    if (!(r.last_loss < r.first_loss)) wrong += " loss";
    if (!r.actions_equal_plans) wrong += " actions";
    if (!r.elements_equal_plans) wrong += " elements";
    if ((facts.ranks > 1) != (r.sent > 0)) wrong += " sent";
    if (!facts.holds_its_parts) wrong += " memory";
    ++rows_;
    failed_ += wrong.empty() ? 0 : 1;
    if (!speaks()) return;
    std::cout << "| " << tested::name << " | " << layout << " | " << communicator << " | " << facts.ranks << " | "
              << (!wrong.empty() ? "NO:" + wrong : facts.is_exact ? "yes" : "K = T") << " | " << rounded(gradients) << " | " << rounded(losses) << " | " << r.sent / reference_run::steps
              << " |\n"
              << std::flush;
}

void cut_table::fail(std::string const& text) {
    std::cerr << text << '\n';
    ++failed_;
}

int cut_table::status() const {
    if (speaks()) std::cout << '\n' << rows_ << " rows, " << failed_ << " failed\n";
    return failed_ == 0 && rows_ > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#ifdef ESPALIER_TEST_PROCESSES
bool cut_table::speaks() { return boost::mpi::communicator{}.rank() == 0; }
bool cut_table::is_here(int ranks) { return boost::mpi::communicator{}.size() == ranks; }
#else
bool cut_table::speaks() { return true; }
bool cut_table::is_here(int) { return true; }
#endif

}  // namespace espalier_test

int main(int argc, char** argv) {
#ifdef ESPALIER_TEST_PROCESSES
    boost::mpi::environment const started{argc, argv};
#endif
    espalier_test::cut_table table{argc, argv};
    espalier_test::rows_in_ci(table);
#ifdef ESPALIER_TEST_SOAK
    espalier_test::rows_alone(table);
    espalier_test::rows_sharded(table);
    espalier_test::rows_of_two_stages(table);
    espalier_test::rows_of_four_ranks(table);
    espalier_test::rows_without_exact(table);
#endif
    return table.status();
}

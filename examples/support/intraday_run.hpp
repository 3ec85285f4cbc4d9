// SPDX-License-Identifier: BSL-1.0
/// @file
/// The run that intraday_lstm and intraday_lstm_mpi share: what one rank does, from data to the hash of the weights.
/// Which policies it runs with is the examples' own.
#pragma once

#include "intraday_options.hpp"

#include <espalier/espalier.hpp>

#include <iostream>

namespace example {

/// The bars, cut into windows: of the folder that the options name, or of the built-in market.
inline auto intraday_windows(intraday_options const& o) {
    using namespace espalier;
    return windows_of(o.data.empty() ? built_in_market({.seed = o.seed}) : read_bars(o.data));
}

/// Trains on one rank of `world`, from the newest checkpoint of the run's folder on.
/// @return exit status: 0, or exit_status_stopped where a signal stopped it before the end
template <class Trainer, class Windows>
int train_intraday(typename Trainer::communicator& world, intraday_options const& o, Windows const& data,
                   espalier::stop_on_signal const& signals) {
    using namespace espalier;
    bool const speaks = world.rank() == 0;
    if (speaks)
        std::cout << "data        " << (o.data.empty() ? "the built-in market (give --data DIR for your own)" : o.data.string()) << '\n'
                  << "            " << data.train.summary() << '\n'
                  << "            " << data.train.size() << " windows to train on, " << data.test.size() << " later ones to test on\n"
                  << "arithmetic  " << math::backend_name() << ", one thread a rank\n";

    Trainer t{world, {.seed = o.seed, .learning_rate = 1e-3f}, checkpoint::directory{o.run / "checkpoints", {.keep = o.keep}}};
    if (speaks) std::cout << explain(t.plan(), {.workspace_bytes = t.workspace_bytes()}) << std::flush;
    if (o.fresh) t.start_over();
    auto const from = t.resume();
    if (speaks) {
        for (auto const& note : from.notes) std::cerr << "note: " << note << '\n';
        if (from.step > 0) std::cout << "resumed     at step " << from.step << " from " << (o.run / "checkpoints").string() << std::endl;
    }

    watchers watch{o};
    fit_result const fitted = t.fit(data.train, {.epochs           = o.epochs,
                                                 .steps            = o.steps,
                                                 .checkpoint_every = o.checkpoint_every,
                                                 .observers        = watch.on(speaks),
                                                 .stop             = signals.flag()});
    evaluation tested;
    if (!fitted.stopped) tested = t.evaluate(data.test);
    if (!speaks) return 0;

    if (fitted.stopped) {
        std::cout << "stopped     after step " << t.steps_done() << " by a signal; the same command goes on from there\n";
    } else {
        if (fitted.steps == 0)
            std::cout << "finished    " << t.steps_done() << " steps are done, as many as asked for; nothing was trained (--fresh starts over)\n";
        print_result(std::cout, fitted, tested, loss_of_no_change(data.test));
        auto const weights = o.run / "weights.safetensors";
        checkpoint::write_safetensors(weights, t.weights());
        std::cout << "wrote       " << weights.string() << ", " << (o.run / "metrics.csv").string() << '\n';
    }
    std::cout << "weights xxh128 " << checkpoint::weights_hash(t.weights()) << std::endl;
    return fitted.stopped ? exit_status_stopped : 0;
}

}  // namespace example

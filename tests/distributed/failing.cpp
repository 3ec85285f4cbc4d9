// SPDX-License-Identifier: BSL-1.0
// Ranks under mpirun, of which one does something wrong: ranks_fail.py starts it and reads what is said.
//
//     mpirun -n 3 failing <what rank 1 does>       -n 4 where it is in an exchange
#include "distributed/failing_exchange.hpp"
#include "distributed/failing_pipeline.hpp"

#include <espalier/comm/mpi.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

#include <unistd.h>

using namespace espalier;

namespace {

/// All ranks do the same but rank 1.
void go_wrong(mpi& world, std::string const& how) {
    bool const is_odd = world.rank() == 1;
    float x[8]        = {};
    double y[8]       = {};
    world.barrier();
    if (how == "throws" && is_odd) throw std::runtime_error{"the model fell over"};
    if (how == "throws no std::exception" && is_odd) throw 42;
    if (how == "exits" && is_odd) std::_Exit(0);
    if (how == "is killed" && is_odd) std::raise(SIGKILL);
    if (how == "returns" && is_odd) return;
    if (how == "never comes" && is_odd)
        for (;;) ::pause();
    if (how == "joins another operation" && is_odd) return world.barrier();
    if (how == "brings another count") return world.all_reduce(x, x, is_odd ? 5 : 4, sum{});
    if (how == "brings another type" && is_odd) return world.all_reduce(y, y, 4, sum{});
    if (how == "brings another type") return world.all_reduce(x, x, 4, sum{});
    if (how == "receives another count" && world.rank() < 2) {
        auto r = is_odd ? world.post_recv(0, 5, x, 7) : world.post_send(1, 5, x, 8);
        world.wait(r);
    }
    if (how == "posts twice" && is_odd) {
        auto first  = world.post_recv(0, 0, x, 1);
        auto second = world.post_recv(0, 0, x, 1);
    }
    if (how == "throws in a part") {
        auto part = world.split(world.rank() % 2, 0);
        if (is_odd) throw std::runtime_error{"gone"};
        for (;;) part.barrier();  // ranks 0 and 2 never wait for rank 1
    }
    if (throws_in_a_pipeline(world, how) || throws_in_an_exchange(world, how)) return;
    for (;;) world.broadcast(x, 8, 0);
}

}  // namespace

int main(int argc, char** argv) {
    std::string const how = argc > 1 ? argv[1] : "";
    int const ranks = how.find("exchange") != std::string::npos ? 4 : 3;
    if (how == "asks for five ranks") mpi::launch(5, [](mpi&) {});
    else mpi::launch(ranks, {.deadline_seconds = how == "never comes" ? 0.5 : 60.0}, [&](mpi& world) { go_wrong(world, how); });
    return 0;
}

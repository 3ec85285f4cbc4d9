// SPDX-License-Identifier: BSL-1.0
/// @file
/// The second program of the consumer by find_package, where MPI is: one process, one rank, which adds one number to none.
#include <espalier/comm/mpi.hpp>
#include <espalier/espalier.hpp>

#include <cstdio>

int main() {
    espalier::mpi::launch([](espalier::mpi& world) {
        int x = 41 + world.size();
        world.all_reduce(&x, &x, 1, espalier::sum{});
        std::printf("%d\n", x);
    });
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The `main` of tests that run under mpirun: MPI from begin to end, Catch2 on every rank, what it prints from rank 0 alone.
/// A rank whose assertions fail where those of rank 0 pass says so in its exit status, which mpirun hands on.
#if __has_include(<catch2/catch_all.hpp>)
#    include <catch2/catch_session.hpp>
#else
#    define CATCH_CONFIG_RUNNER
#    include <catch2/catch.hpp>
#endif

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>

#include <cstdio>

int main(int argc, char** argv) {
    boost::mpi::environment const mpi_is_up{argc, argv, boost::mpi::threading::serialized};
    if (boost::mpi::communicator{}.rank() != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) return 1;
    return Catch::Session().run(argc, argv);
}

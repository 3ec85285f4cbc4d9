// SPDX-License-Identifier: BSL-1.0
/// @file
/// The `main` of every test executable: Catch2's own, compiled once.
/// It changes nothing about how Catch2 runs or lists its tests.
#if __has_include(<catch2/catch_all.hpp>)
#    include <catch2/catch_session.hpp>
#else
#    define CATCH_CONFIG_RUNNER
#    include <catch2/catch.hpp>
#endif

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }

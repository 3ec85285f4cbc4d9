// SPDX-License-Identifier: BSL-1.0
/// @file
/// Data and reference files that lie outside the repository: a test that needs one asks here, and is skipped with a reason where
/// it is absent. It reads nothing itself; a test that uses it carries the tag [data].
#pragma once

#include "support/catch.hpp"

#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

namespace espalier_test {

/// Ends the running test case as skipped and says why.
/// ctest reads the line "SKIPPED: <reason>"; called from the test's own thread, before its first assertion.
[[noreturn]] inline void skip(std::string const& reason) {
    std::cout << "SKIPPED: " << reason << std::endl;
#if ESPALIER_TEST_CATCH_MAJOR == 3
    throw Catch::TestSkipException{};
#else
    throw Catch::TestFailureException{}; // ends a test case of Catch2 2.13; nothing was asserted, so nothing failed
#endif
}

/// The file or folder `name` below `root`, or the end of the test case with a reason that names the CMake option.
[[nodiscard]] inline std::filesystem::path require_below(std::string_view root, std::string_view name, std::string_view option) {
    auto const path = std::filesystem::path{root} / name;
    if (root.empty()) { skip("needs " + std::string{name} + ", and " + std::string{option} + " is not set"); }
    if (!std::filesystem::exists(path)) { skip("needs " + path.string() + ", which does not exist"); }
    return path;
}

/// A folder of real data, e.g. require_data("intraday_stocks_1m").
[[nodiscard]] inline std::filesystem::path require_data(std::string_view name) {
    return require_below(ESPALIER_TEST_DATA, name, "ESPALIER_TEST_DATA");
}

/// A reference file, e.g. require_reference("lstm_small.safetensors").
[[nodiscard]] inline std::filesystem::path require_reference(std::string_view name) {
    return require_below(ESPALIER_TEST_REFERENCE, name, "ESPALIER_TEST_REFERENCE");
}

} // namespace espalier_test

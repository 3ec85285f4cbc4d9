// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a rank that failed is quoted with, whatever it threw.
#pragma once

#include <exception>
#include <string>

namespace espalier::detail {

/// The text of the exception that is being handled.
[[nodiscard]] inline std::string text_of_current_exception() {
    try {
        throw;
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

}  // namespace espalier::detail

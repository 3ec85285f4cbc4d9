// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where a call was made: file, line and function, for errors that name both sides of a mismatch.
/// It stands in for std::source_location, which one of the supported compilers lacks.
#pragma once

namespace espalier {

/// The place of a call. Use it as a last, defaulted parameter: `call_site at = call_site::here()`.
struct call_site {
    char const* file     = "";
    char const* function = "";
    int line             = 0;

    [[nodiscard]] static constexpr call_site here(char const* file     = __builtin_FILE(),
                                                  char const* function = __builtin_FUNCTION(),
                                                  int line             = __builtin_LINE()) noexcept {
        return {file, function, line};
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the folder data/ throws: files and series that cannot be read or learned from.
/// Settings out of their range are `invalid_setting` in core/error.hpp, not here.
#pragma once

#include <espalier/core/error.hpp>

namespace espalier {

/// Data cannot be used: a file that is missing or malformed, a series that is too short, arrays whose sizes do not fit.
/// The text names the file and, where there is one, the line, counted from 1 with the header.
class bad_data : public error {
public:
    using error::error;
};

} // namespace espalier

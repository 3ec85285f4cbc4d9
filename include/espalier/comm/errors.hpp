// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a communicator can report: a rank that failed, a deadline that passed, ranks that joined different operations.
/// Settings out of range are `invalid_setting` of core/error.hpp.
#pragma once

#include <espalier/core/error.hpp>

#include <string>

namespace espalier {

/// Another rank ended with an error; thrown on every rank that waits for it or calls an operation afterwards.
/// The error itself is rethrown by `launch`; this one says where it happened and repeats its text.
class rank_failed : public error {
public:
    rank_failed(int rank, std::string const& entity, std::string const& text)
        : error{complaint{entity, "every rank to finish", joined("an error on rank ", rank, " (", text, ")"),
                          "Mend that error; this rank only ended with it", "policies/communicator.md"}},
          rank_{rank} {}

    /// The rank, counted in the world, that failed first.
    [[nodiscard]] int rank() const noexcept { return rank_; }

private:
    int rank_;
};

/// A rank waited longer than the deadline; the text names the operation, the ranks that did not come and what each did last.
class deadline_passed : public error {
public:
    using error::error;
};

/// Ranks joined different operations, or the same one with other types, counts or parameters; the text names both sides.
class mismatched_collective : public error {
public:
    using error::error;
};

}  // namespace espalier

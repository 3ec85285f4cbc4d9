// SPDX-License-Identifier: BSL-1.0
/// @file
/// The observers of one call of `fit` as the trainer speaks to them: all in turn, on rank 0 alone.
#pragma once

#include <espalier/observe/observer.hpp>

#include <vector>

namespace espalier::detail {

class watchers {
public:
    watchers(int rank, std::vector<observer*> const& all) : all_{all}, are_here_{rank == 0 && !all.empty()} {}

    /// Whether anybody listens on this rank; a report that nobody hears need not be filled in.
    [[nodiscard]] bool are_here() const noexcept { return are_here_; }
    /// `tell(&observer::on_step, report)`
    template <class Report>
    void tell(void (observer::*what)(Report const&), Report const& report) const {
        if (!are_here_) return;
        for (observer* o : all_) (o->*what)(report);
    }

private:
    std::vector<observer*> const& all_;
    bool are_here_;
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// One line of metrics a step, as CSV.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/observe/observer.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace espalier {

/// Writes `step,epoch,loss,learning_rate,gradient_norm` to a file, a line a step, flushed every hundred lines and at the end.
class metrics_csv : public observer {
public:
    /// Creates the file and its folder; an older file of that name is replaced.
    /// @throws error where the file cannot be opened or written
    explicit metrics_csv(std::filesystem::path path) : path_{std::move(path)} {
        std::error_code ignored;  // opening the file says what is wrong
        if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), ignored);
        out_.open(path_);
        out_ << "step,epoch,loss,learning_rate,gradient_norm\n";
        out_.precision(9);
        check();
    }
    void on_step(step_report const& r) override {
        out_ << r.step << ',' << r.epoch << ',' << r.loss << ',' << r.learning_rate << ',' << r.gradient_norm << '\n';
        if (r.step % 100 == 0) flush();
    }
    void on_finish(step_report const&) override { flush(); }

private:
    void flush() {
        out_.flush();
        check();
    }
    void check() const {
        if (out_) return;
        throw error{complaint{.entity   = "metrics_csv",
                              .required = "a file that can be written",
                              .got      = joined(path_.string(), " (", std::strerror(errno), ")"),
                              .fix      = "Choose another folder or free some space",
                              .page     = "policies/model.md"}};
    }

    std::filesystem::path path_;
    std::ofstream out_;
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// One line of metrics a step, as CSV.
#pragma once

#include <espalier/checkpoint/files.hpp>
#include <espalier/core/error.hpp>
#include <espalier/observe/observer.hpp>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <system_error>

namespace espalier {

/// Writes `step,epoch,loss,learning_rate,gradient_norm` to a file, a line a step, flushed every hundred lines, before each checkpoint and at the end.
/// A run that begins replaces an older file of that name. A run that is resumed keeps the lines up to the step where it goes on
/// and replaces those after it, which the run that was stopped wrote and lost.
class metrics_csv : public observer {
public:
    /// Creates the folder and, where there is none, the file.
    /// @throws error where the file cannot be opened or written
    explicit metrics_csv(std::filesystem::path path) : path_{std::move(path)} {
        std::error_code ignored;  // opening the file says what is wrong
        if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), ignored);
        out_.open(path_, std::ios::app);
        check();
    }
    void on_start(step_report const& r) override {
        auto const kept = lines_up_to(r.step);
        out_.close();
        checkpoint::write_file(path_, std::as_bytes(std::span{kept}));  // aside and renamed: a kill here loses no line
        out_.open(path_, std::ios::app);
        out_.precision(9);
        check();
    }
    void on_step(step_report const& r) override {
        out_ << r.step << ',' << r.epoch << ',' << r.loss << ',' << r.learning_rate << ',' << r.gradient_norm << '\n';
        if (r.step % 100 == 0) flush();
    }
    void on_save(step_report const&) override { flush(); }  // a run that resumes there has all lines before
    void on_finish(step_report const&) override { flush(); }

private:
    /// The head of the table, and the whole lines of steps 1 … step that the file has.
    [[nodiscard]] std::string lines_up_to(std::int64_t step) const {
        std::string kept = "step,epoch,loss,learning_rate,gradient_norm\n";
        std::ifstream in{path_};
        std::string line;
        for (std::getline(in, line); step > 0 && std::getline(in, line) && !in.eof();)
            if (std::int64_t of = 0; std::from_chars(line.data(), line.data() + line.size(), of).ec == std::errc{} && of <= step) kept += line + '\n';
        return kept;
    }
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

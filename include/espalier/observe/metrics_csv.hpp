// SPDX-License-Identifier: BSL-1.0
/// @file
/// One line of metrics a step, as CSV, and one a validation in a second file. What else is made of a run's numbers is not here.
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

namespace detail {

/// A CSV file whose lines begin with the step that they are of.
class lines_by_step {
public:
    /// Creates the folder.
    lines_by_step(std::filesystem::path path, std::string head) : path_{std::move(path)}, head_{std::move(head)} {
        std::error_code ignored;  // opening the file says what is wrong
        if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), ignored);
    }
    /// Opens the file for further lines; without one, begins it.
    void open() {
        if (out_.is_open()) return;
        out_.open(path_, std::ios::app);
        out_.precision(9);
        check();
        if (out_.tellp() == std::streampos{0}) out_ << head_;
    }
    /// Keeps the head and the whole lines of steps 1 … step.
    void keep_up_to(std::int64_t step) {
        std::string kept = head_;
        {
            std::ifstream in{path_};
            std::string line;
            for (std::getline(in, line); step > 0 && std::getline(in, line) && !in.eof();)
                if (std::int64_t of = 0; std::from_chars(line.data(), line.data() + line.size(), of).ec == std::errc{} && of <= step)
                    kept += line + '\n';
        }
        out_.close();
        checkpoint::write_file(path_, std::as_bytes(std::span{kept}));  // aside and renamed: a kill here loses no line
        open();
    }
    [[nodiscard]] bool exists() const { return std::filesystem::exists(path_); }
    void remove() {
        out_.close();
        std::filesystem::remove(path_);
    }
    template <class... Values>
    void add(std::int64_t step, Values const&... values) {
        out_ << step;
        ((out_ << ',' << values), ...);
        out_ << '\n';
    }
    void flush() {
        out_.flush();
        check();
    }

private:
    void check() const {
        if (out_) return;
        throw error{complaint{.entity   = "metrics_csv",
                              .required = "a file that can be written",
                              .got      = joined(path_.string(), " (", std::strerror(errno), ")"),
                              .fix      = "Choose another folder or free some space",
                              .page     = "policies/model.md"}};
    }

    std::filesystem::path path_;
    std::string head_;
    std::ofstream out_;
};

}  // namespace detail

/// Writes `step,epoch,loss,learning_rate,gradient_norm` to a file, a line a step, flushed every hundred lines, before each checkpoint and at the end.
/// A run with validation has a second file beside it, `validation.csv`, of `step,epoch,loss,best_loss,best_step,epochs_waited`, a line an epoch.
/// A run that begins replaces older files of these names. A run that is resumed keeps the lines up to the step where it goes on
/// and replaces those after it, which the run that was stopped wrote and lost.
class metrics_csv : public observer {
public:
    /// Creates the folder and, where there is none, the file.
    /// @throws invalid_setting for a file named validation.csv; error where the file cannot be opened or written
    explicit metrics_csv(std::filesystem::path const& path)
        : steps_{path, "step,epoch,loss,learning_rate,gradient_norm\n"},
          validations_{path.parent_path() / "validation.csv", "step,epoch,loss,best_loss,best_step,epochs_waited\n"} {
        if (path.filename() == "validation.csv")
            throw invalid_setting{{"metrics_csv", "a file with another name than that of the validations", path.string(),
                                   "Name it metrics.csv", "policies/model.md"}};
        steps_.open();
    }
    void on_start(step_report const& r) override {
        steps_.keep_up_to(r.step);
        if (!validations_.exists()) return;
        if (r.step > 0) validations_.keep_up_to(r.step);
        else validations_.remove();
    }
    void on_step(step_report const& r) override {
        steps_.add(r.step, r.epoch, r.loss, r.learning_rate, r.gradient_norm);
        if (r.step % 100 == 0) steps_.flush();
    }
    void on_validate(validation_report const& r) override {
        validations_.open();
        validations_.add(r.step, r.epoch, r.loss, r.best_loss, r.best_step, r.epochs_waited);
        validations_.flush();
    }
    void on_save(step_report const&) override { steps_.flush(); }  // a run that resumes there has all lines before
    void on_finish(step_report const&) override { steps_.flush(); }

private:
    detail::lines_by_step steps_, validations_;
};

}  // namespace espalier

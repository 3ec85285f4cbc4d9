// SPDX-License-Identifier: BSL-1.0
/// @file
/// Progress for people: a bar with rate and time left on a terminal, plain lines elsewhere.
#pragma once

#include <espalier/observe/observer.hpp>

#include <chrono>
#include <cstdio>
#include <ostream>
#include <string>

namespace espalier {

/// Shows how far training is. On a terminal one line is redrawn at most ten times a second; otherwise a plain line is written at the
/// first step, at each tenth of the way and at the last step. The validation loss is part of the bar, and a plain line an epoch.
class progress : public observer {
public:
    /// How it is drawn.
    enum class style { bar, lines };

    /// @param out not owned; usually std::cerr
    progress(std::ostream& out, style how) : out_{out}, style_{how} {}

    void on_start(step_report const& r) override {
        first_ = r.step;
        validated_.clear();
        begin_ = drawn_ = clock::now();
    }
    void on_step(step_report const& r) override {
        auto const now  = clock::now();
        bool const last = r.step == r.last_step;
        if (style_ == style::bar) {
            if (!last && now - drawn_ < std::chrono::milliseconds{100}) return;
            draw(r, now);
        } else {
            std::int64_t const tenth = 10 * (r.step - first_) / (r.last_step > first_ ? r.last_step - first_ : 1);
            if (!last && r.step != first_ + 1 && tenth == shown_) return;
            shown_ = tenth;
            out_ << text(r, now) << '\n';
        }
    }
    void on_validate(validation_report const& r) override {
        char line[160];
        if (style_ == style::bar) {
            std::snprintf(line, sizeof line, "  validation %.6f (best %.6f)", r.loss, r.best_loss);
            validated_ = line;
        } else {
            std::snprintf(line, sizeof line, "validation at step %lld  epoch %lld  loss %.6f  best %.6f at step %lld", static_cast<long long>(r.step),
                          static_cast<long long>(r.epoch), r.loss, r.best_loss, static_cast<long long>(r.best_step));
            out_ << line << '\n';
        }
    }
    void on_finish(step_report const& r) override {
        if (style_ != style::bar || r.step == first_) return;
        draw(r, clock::now());  // where training ended before its last step, and with the last validation
        out_ << std::endl;
    }

private:
    using clock = std::chrono::steady_clock;

    void draw(step_report const& r, clock::time_point now) {
        drawn_ = now;
        out_ << '\r' << bar(r) << text(r, now) << validated_ << "\033[K" << std::flush;
    }

    [[nodiscard]] static std::string bar(step_report const& r) {
        constexpr int width = 24;
        auto const filled   = static_cast<int>(width * r.step / (r.last_step > 0 ? r.last_step : 1));
        std::string s       = "[";
        for (int i = 0; i < width; ++i) s += i < filled ? '=' : i == filled ? '>' : ' ';
        return s + "] ";
    }
    [[nodiscard]] std::string text(step_report const& r, clock::time_point now) const {
        double const seconds = std::chrono::duration<double>(now - begin_).count();
        double const rate    = seconds > 0 ? static_cast<double>(r.step - first_) / seconds : 0;
        double const left    = rate > 0 ? static_cast<double>(r.last_step - r.step) / rate : 0;
        char line[160];
        std::snprintf(line, sizeof line, "step %lld/%lld  epoch %lld  loss %.6f  %.0f samples/s  %s left", static_cast<long long>(r.step),
                      static_cast<long long>(r.last_step), static_cast<long long>(r.epoch), r.loss,
                      rate * static_cast<double>(r.samples), duration(left).c_str());
        return line;
    }
    [[nodiscard]] static std::string duration(double seconds) {
        auto const s = static_cast<long long>(seconds + 0.5);
        char out[40];
        if (s >= 3600) std::snprintf(out, sizeof out, "%lld h %02lld min", s / 3600, s / 60 % 60);
        else if (s >= 60) std::snprintf(out, sizeof out, "%lld min %02lld s", s / 60, s % 60);
        else std::snprintf(out, sizeof out, "%lld s", s);
        return out;
    }

    std::ostream& out_;
    style style_;
    std::int64_t first_ = 0, shown_ = -1;
    std::string validated_;
    clock::time_point begin_ = clock::now(), drawn_ = begin_;
};

}  // namespace espalier

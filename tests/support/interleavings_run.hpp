// SPDX-License-Identifier: BSL-1.0
/// @file
/// One run of a model: threads that stop before each step on an atomic, so that a search decides who goes on, and what is found wrong.
/// Which orders there are is the search's business, what an atomic does that of interleavings_atomics.hpp.
#pragma once

#include "support/interleavings_fiber.hpp"
#include "support/interleavings_search.hpp"

#include <cstdint>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace espalier_test {

/// The runs of one model, one after the other. Memory is sequentially consistent.
class model_run {
public:
    /// Atomics find their run by this: set while one is going on.
    [[nodiscard]] static model_run*& now() noexcept {
        static model_run* one = nullptr;
        return one;
    }

    model_run() { now() = this; }
    model_run(model_run const&)            = delete;
    model_run& operator=(model_run const&) = delete;
    ~model_run() { now() = nullptr; }

    /// Forgets the last run. Objects that are made from now on belong to the next.
    void clear() {
        words_ = 0;
        lines_.clear();
        fault_.clear();
        for (std::size_t t = 0; t < most_threads; ++t) {
            sleeps_on_[t]   = awake;
            knows_[t]       = {};
            knows_[t][t]    = 1;
        }
    }
    /// Plays `body(t)` as thread t, each from its start to its end, in the order of `search`.
    /// @return false if the run was cut, because it would have repeated another
    [[nodiscard]] bool play(order_search& search, int threads, std::function<void(int)> const& body) {
        search_  = &search;
        threads_ = threads;
        next_    = nobody;
        for (int t = 0; t < threads; ++t) {
            fibers_[index(t)].start([&body, t] { body(t); });
            go_on(t);
        }
        is_whole_ = true;
        for (choose_next(); next_ != nobody && fault_.empty();) {
            woken_ = 0;
            go_on(next_);
            if (is_settled_ || !fault_.empty()) continue;
            for (int other = 0; other < threads; ++other)
                if ((woken_ & (1U << other)) != 0) go_on(other);  // to its next step
            settle();
        }
        return is_whole_;
    }
    /// What is wrong, with the steps that led there; empty if nothing.
    [[nodiscard]] std::string fault(std::vector<std::string_view> const& names) const {
        if (fault_.empty()) return "";
        std::ostringstream text;
        text << fault_ << "\n";
        for (line const& l : lines_) {
            text << "  thread " << l.what.thread << "  ";
            if (index(l.what.word) < names.size()) text << names[index(l.what.word)];
            else text << "word " << l.what.word;
            text << "." << l.operation << " " << l.before;
            if (l.after != l.before) text << " -> " << l.after;
            text << "\n";
        }
        return text.str();
    }
    [[nodiscard]] bool is_well() const noexcept { return fault_.empty(); }
    [[nodiscard]] std::size_t steps() const noexcept { return lines_.size(); }

    // What atomics and tests call.

    static constexpr int outside = -1;
    /// The thread that runs; `outside` before they begin and after they have ended.
    [[nodiscard]] int thread() const noexcept { return thread_; }
    [[nodiscard]] int name_word() noexcept { return words_++; }
    /// Before every step: stops until the search lets this thread take it.
    void await_turn() {
        if (next_ == thread_ && woken_ == 0) {
            settle();
            if (next_ == thread_) return;
        }
        fibers_[index(thread_)].pause();
    }
    void moved(int word, effect what, char const* operation, std::uint64_t before, std::uint64_t after) {
        lines_.push_back({{thread_, word, what}, operation, before, after});
        is_settled_ = false;
    }
    /// The last step has seen the value that it changed.
    void has_seen() noexcept { lines_.back().what.what = effect::change; }
    void sleep_on(int word) {
        sleeps_on_[index(thread_)] = word;
        fibers_[index(thread_)].pause();
    }
    void wake(int word) noexcept {
        for (int t = 0; t < most_threads; ++t) {
            if (sleeps_on_[index(t)] != word) continue;
            sleeps_on_[index(t)] = awake;
            woken_ |= 1U << t;
        }
    }
    /// Ends the run with a complaint. Inside a thread it does not return.
    bool found(std::string const& complaint) {
        if (fault_.empty()) fault_ = thread_ == outside ? complaint : "thread " + std::to_string(thread_) + ": " + complaint;
        while (thread_ != outside) fibers_[index(thread_)].pause();
        return false;
    }

    /// What the thread knows of the others' plain memory: how far each had come when it let this one know by an atomic.
    [[nodiscard]] vector_clock& knowledge() noexcept { return knows_[index(thread_)]; }
    /// Lets those who read `of` know what this thread knows now.
    void release(vector_clock& of) noexcept {
        join(of, knowledge());
        ++knowledge()[index(thread_)];
    }

private:
    struct line {
        step what;
        char const* operation;
        std::uint64_t before;
        std::uint64_t after;
    };
    static constexpr int awake  = -1;
    static constexpr int nobody = order_search::nobody;

    [[nodiscard]] static constexpr std::size_t index(int i) noexcept { return static_cast<std::size_t>(i); }
    /// Tells the search what the last step did, and asks who takes the next.
    void settle() {
        search_->moved(lines_.back().what, woken_);
        is_settled_ = true;
        choose_next();
    }
    void choose_next() {
        unsigned able = 0;
        bool all_over = true;
        for (int t = 0; t < threads_; ++t) {
            if (fibers_[index(t)].has_ended()) continue;
            all_over = false;
            if (sleeps_on_[index(t)] == awake) able |= 1U << t;
        }
        next_ = nobody;
        if (all_over) return;
        if (able == 0) fault_ = "nobody can go on: who sleeps is never woken";
        else if (lines_.size() > 2000) fault_ = "no end after 2000 steps";
        else if ((next_ = search_->choose(able)) == nobody) is_whole_ = false;
    }
    void go_on(int t) {
        thread_ = t;
        fibers_[index(t)].resume();
        thread_ = outside;
    }

    std::array<fiber, most_threads> fibers_;
    std::array<int, most_threads> sleeps_on_{};
    std::array<vector_clock, most_threads> knows_{};
    std::vector<line> lines_;
    std::string fault_;
    order_search* search_ = nullptr;
    int threads_          = 0;
    int next_             = nobody;   ///< who takes the next step
    unsigned woken_       = 0;        ///< by the last step
    bool is_settled_      = false;
    bool is_whole_        = true;
    int thread_           = outside;  ///< who runs
    int words_            = 0;
};

}  // namespace espalier_test

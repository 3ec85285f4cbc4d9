// SPDX-License-Identifier: BSL-1.0
/// @file
/// One run of a model: threads that stop before each step on an atomic, so that a search decides who goes on, and what is found wrong.
/// Which orders there are is the search's business, what an atomic does that of interleavings_atomics.hpp.
#pragma once

#include "support/interleavings_fiber.hpp"
#include "support/interleavings_log.hpp"
#include "support/interleavings_search.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace espalier_test {

/// The runs of one model, one after the other. Memory is sequentially consistent.
class model_run {
public:
    /// The one that atomics belong to that are made now.
    [[nodiscard]] static model_run*& now() noexcept {
        static model_run* one = nullptr;
        return one;
    }

    model_run() { now() = this; }
    model_run(model_run const&)            = delete;
    model_run& operator=(model_run const&) = delete;
    ~model_run() { now() = nullptr; }

    /// Forgets the last run. Atomics that are made from now on belong to the next.
    void clear() {
        words_ = 0;
        log_.clear();
        fault_.clear();
        sleeps_on_.fill(awake);
        for (std::size_t t = 0; t < knows_.size(); ++t) {
            knows_[t]    = {};
            knows_[t][t] = 1;
        }
    }
    /// Plays `body(t)` as thread t, each from its start to its end, in the order of `search`.
    /// @return false if the run was cut, because it would have repeated another
    [[nodiscard]] bool play(order_search& search, int threads, std::function<void(int)> const& body) {
        search_   = &search;
        threads_  = threads;
        next_     = nobody;
        is_whole_ = true;
        for (int t = 0; t < threads; ++t) {
            fibers_[index(t)].start([&body, t] { body(t); }, outside_);
            go_on(t);
        }
        for (choose_next(); next_ != nobody && fault_.empty();) {
            go_on(next_);
            if (is_settled_ || !fault_.empty()) continue;
            for (int t = 0; t < threads; ++t)
                if ((woken_ & (1U << t)) != 0) go_on(t);  // to its next step
            settle();
        }
        return is_whole_;
    }
    /// Whether nothing wrong was found.
    [[nodiscard]] bool is_well() const noexcept { return fault_.empty(); }
    /// What was, with the steps that led there.
    [[nodiscard]] std::string fault(std::vector<std::string_view> const& names) const {
        return is_well() ? "" : fault_ + "\n" + to_text(log_, names);
    }
    [[nodiscard]] std::size_t steps() const noexcept { return log_.size(); }

    // What atomics and tests call.

    /// The thread that runs; `outside` before they begin and after they have ended.
    static constexpr int outside = -1;
    [[nodiscard]] int thread() const noexcept { return thread_; }
    [[nodiscard]] int number_word() noexcept { return words_++; }

    /// Before every step: stops until it is this thread's turn.
    void await_turn() {
        int const me = thread_;
        if (me == next_ && woken_ == 0) {  // whom it has woken must come to their next step first
            settle();
            if (next_ == me) return;
        }
        bool const is_others_turn = is_settled_ && next_ != nobody;
        hand_over(fibers_[index(me)], is_others_turn ? next_ : outside);
    }
    void moved(int word, effect what, char const* operation, std::uint64_t before, std::uint64_t after) {
        log_.push_back({{thread_, word, what}, operation, before, after});
        is_settled_ = false;
    }
    /// The last step has seen the value that it changed.
    void has_seen() noexcept { log_.back().done.what = effect::change; }
    void sleep_on(int word) {
        sleeps_on_[index(thread_)] = word;
        hand_over(fibers_[index(thread_)], outside);
    }
    void wake(int word) noexcept {
        for (int t = 0; t < most_threads; ++t) {
            if (sleeps_on_[index(t)] != word) continue;
            sleeps_on_[index(t)] = awake;
            woken_ |= 1U << t;
        }
    }
    /// Ends the run with a complaint. Inside a thread it does not return.
    void found(char const* complaint) {
        if (is_well()) fault_ = thread_ == outside ? complaint : "thread " + std::to_string(thread_) + ": " + complaint;
        if (thread_ != outside) hand_over(fibers_[index(thread_)], outside);
    }
    /// The same, for who touches what another has touched.
    void found_race(char const* complaint, char const* name, std::size_t other) {
        fault_ = "thread " + std::to_string(thread_) + ": " + complaint + name + " in a race with thread " + std::to_string(other);
        hand_over(fibers_[index(thread_)], outside);
    }

    /// What the thread knows of the others' plain memory: how far each had come when it let this one know by an atomic.
    [[nodiscard]] vector_clock& knowledge() noexcept { return knows_[index(thread_)]; }
    /// Lets those who will join `of` know what this thread knows now.
    void release(vector_clock& of) noexcept {
        join(of, knowledge());
        ++knowledge()[index(thread_)];
    }

private:
    static constexpr int awake  = -1;
    static constexpr int nobody = order_search::nobody;

    [[nodiscard]] static constexpr std::size_t index(int i) noexcept { return static_cast<std::size_t>(i); }

    /// Tells the search what the last step did, and asks who takes the next.
    void settle() {
        search_->moved(log_.back().done, woken_);
        woken_      = 0;
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
        else if (log_.size() > most_steps) fault_ = "no end after " + std::to_string(most_steps) + " steps";
        else if ((next_ = search_->choose(able)) == nobody) is_whole_ = false;
    }
    void hand_over(fiber& from, int to) {
        thread_ = to;
        from.hand_over_to(to == outside ? outside_ : fibers_[index(to)]);
    }
    void go_on(int t) {
        hand_over(outside_, t);
        thread_ = outside;  // also where its end has handed over
    }

    static constexpr std::size_t most_steps = 500;

    fiber outside_;
    std::array<fiber, most_threads> fibers_;
    std::array<int, most_threads> sleeps_on_{};
    std::array<vector_clock, most_threads> knows_{};
    std::vector<log_line> log_;
    std::string fault_;
    order_search* search_ = nullptr;
    int threads_          = 0;
    int next_             = nobody;   ///< who takes the next step
    unsigned woken_       = 0;        ///< by the last step
    bool is_settled_      = false;    ///< whether the search knows the last step
    bool is_whole_        = true;
    int thread_           = outside;  ///< who runs
    int words_            = 0;
};

}  // namespace espalier_test

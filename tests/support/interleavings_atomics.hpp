// SPDX-License-Identifier: BSL-1.0
/// @file
/// Atomics whose every operation is a step of a model, and plain memory that notices who touches it without being allowed to.
/// Operations take no memory order: what compiles with these asks for sequential consistency, and the model gives nothing else.
#pragma once

#include "support/interleavings_run.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

namespace espalier_test {

/// Stands in for std::atomic<T> inside `every_order`.
template <class T>
class model_atomic {
public:
    /// What was there before an addition. An addition whose result nobody reads can be exchanged with another.
    class previous {
    public:
        previous(T value, model_atomic* from) noexcept : value_{value}, from_{from} {}
        operator T() const noexcept {
            if (from_->is_model()) {
                from_->run_->has_seen();
                from_->acquire();
            }
            return value_;
        }

    private:
        T value_;
        model_atomic* from_;
    };

    model_atomic(T value) : run_{model_run::now()}, word_{run_->number_word()}, value_{value} {}
    model_atomic(model_atomic const&)            = delete;
    model_atomic& operator=(model_atomic const&) = delete;

    [[nodiscard]] T load() const noexcept {
        step_begins();
        step_ends(effect::look, "load", value_);
        acquire();
        return value_;
    }
    void store(T to) noexcept {
        step_begins();
        if (is_model()) knows_ = {};  // who reads this learns nothing from those who wrote before
        release();
        step_ends(effect::change, "store", std::exchange(value_, to));
    }
    previous fetch_add(T by) noexcept { return add("fetch_add", by); }
    previous fetch_sub(T by) noexcept { return add("fetch_sub", static_cast<T>(T{0} - by)); }
    bool compare_exchange_strong(T& expected, T to) noexcept {
        step_begins();
        acquire();
        if (value_ != expected) {
            step_ends(effect::look, "exchange, failed,", value_);
            expected = value_;
            return false;
        }
        release();
        step_ends(effect::change, "exchange", std::exchange(value_, to));
        return true;
    }
    bool compare_exchange_weak(T& expected, T to) noexcept { return compare_exchange_strong(expected, to); }

    /// Falls asleep if the value is `seen` in this very step, as a futex does, until `wake_all`. No time passes in a model.
    void sleep_while(T seen) noexcept {
        step_begins();
        bool const sleeps = value_ == seen;
        step_ends(sleeps ? effect::wait : effect::look, sleeps ? "sleep" : "sleep, has changed,", value_);
        if (sleeps) run_->sleep_on(word_);
    }
    /// As above, without the look.
    void sleep() noexcept {
        step_begins();
        step_ends(effect::wait, "sleep", value_);
        run_->sleep_on(word_);
    }
    void wake_all() noexcept {
        step_begins();
        run_->wake(word_);
        step_ends(effect::wake, "wake_all", value_);
    }

private:
    [[nodiscard]] bool is_model() const noexcept { return run_->thread() != model_run::outside; }
    void step_begins() const noexcept {
        if (is_model()) run_->await_turn();
    }
    void step_ends(effect what, char const* operation, T before) const noexcept {
        if (is_model()) run_->moved(word_, what, operation, before, value_);
    }
    void acquire() const noexcept {
        if (is_model()) join(run_->knowledge(), knows_);
    }
    void release() noexcept {
        if (is_model()) run_->release(knows_);
    }
    previous add(char const* operation, T by) noexcept {
        step_begins();
        T const before = value_;
        value_         = static_cast<T>(value_ + by);
        release();
        step_ends(effect::add, operation, before);
        return {before, this};
    }

    model_run* run_;
    int word_;
    T value_;
    vector_clock knows_{};  ///< what who reads the value learns of plain memory
};

/// Stands in for `machine_atomics`.
struct model_atomics {
    template <class T>
    using atomic = model_atomic<T>;

    static void sleep_while(model_atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds) noexcept {
        word.sleep_while(seen);
    }
    static void wake_all(model_atomic<std::uint32_t>& word) noexcept { word.wake_all(); }
};

/// Ends the run with a complaint unless `condition` holds.
inline void must(bool condition, char const* complaint) {
    if (!condition) model_run::now()->found(complaint);
}

/// Plain memory that threads share: two touch it, one of them writing, only if atomics put one before the other.
template <class T>
class plain {
public:
    explicit plain(char const* name, T value = T{}) : name_{name}, value_{std::move(value)} {}

    [[nodiscard]] T const& read() {
        touched(false);
        return value_;
    }
    [[nodiscard]] T& write() {
        touched(true);
        return value_;
    }

private:
    void touched(bool writes) {
        model_run& run = *model_run::now();
        if (run.thread() == model_run::outside) return;
        auto const me = static_cast<std::size_t>(run.thread());
        auto const& k = run.knowledge();
        for (std::size_t t = 0; t < most_threads; ++t)
            if (t != me && (k[t] < written_[t] || (writes && k[t] < read_[t])))
                run.found_race(writes ? "writes " : "reads ", name_, t);
        (writes ? written_ : read_)[me] = k[me];
    }

    char const* name_;
    T value_;
    vector_clock written_{};  ///< how far each thread had come when it last wrote
    vector_clock read_{};
};

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Atomics of a model that are wrong, each in one way, to show that a check by all orders notices; and two that are right but awkward.
/// What is checked stays the same header: only its template argument changes.
#pragma once

#include "support/interleavings_atomics.hpp"

#include <array>
#include <cstddef>

namespace espalier_test {

/// Wakes nobody.
struct deaf_atomics : model_atomics {
    static void wake_all(model_atomic<std::uint32_t>&) noexcept {}
};

/// Falls asleep without a look at the word.
struct blind_atomics : model_atomics {
    static void sleep_while(model_atomic<std::uint32_t>& word, std::uint32_t, std::chrono::nanoseconds) noexcept { word.sleep(); }
};

/// An exchange looks in one step and writes in another.
struct torn_exchange_atomics : model_atomics {
    template <class T>
    struct atomic : model_atomic<T> {
        using model_atomic<T>::model_atomic;
        bool compare_exchange_strong(T& expected, T to) noexcept {
            T const seen = this->load();
            if (seen != expected) return expected = seen, false;
            this->store(to);
            return true;
        }
        bool compare_exchange_weak(T& expected, T to) noexcept { return compare_exchange_strong(expected, to); }
    };
};

/// An addition looks in one step and writes in another.
struct torn_addition_atomics : model_atomics {
    template <class T>
    struct atomic : model_atomic<T> {
        using model_atomic<T>::model_atomic;
        T fetch_add(T by) noexcept {
            T const seen = this->load();
            this->store(static_cast<T>(seen + by));
            return seen;
        }
        T fetch_sub(T by) noexcept { return fetch_add(static_cast<T>(T{0} - by)); }
    };
};

/// Right: the first weak exchange of each thread on a word fails for no reason, as it may.
struct stubborn_atomics : model_atomics {
    template <class T>
    struct atomic : model_atomic<T> {
        using model_atomic<T>::model_atomic;
        bool compare_exchange_weak(T& expected, T to) noexcept {
            bool& has_failed = has_failed_[static_cast<std::size_t>(model_run::now()->thread())];
            if (has_failed) return this->compare_exchange_strong(expected, to);
            has_failed = true;
            expected   = this->load();
            return false;
        }

    private:
        std::array<bool, most_threads> has_failed_{};
    };
};

/// Right: the first sleep of each thread on a word ends at once, as a signal or the time would end it.
struct restless_atomics : model_atomics {
    template <class T>
    struct atomic : model_atomic<T> {
        using model_atomic<T>::model_atomic;
        std::array<bool, most_threads> has_slept{};
    };
    static void sleep_while(atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds) noexcept {
        bool& has_slept = word.has_slept[static_cast<std::size_t>(model_run::now()->thread())];
        if (has_slept) word.sleep_while(seen);
        has_slept = true;
    }
};

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which order of steps to try next, until one of each kind has been tried: two orders are of a kind if they differ only in neighbours
/// that do not touch each other. It is told what each step did, and knows neither threads nor atomics.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <vector>

namespace espalier_test {

inline constexpr int most_threads = 4;

/// What a step did to its word. `add`: changed it by an amount, the value before unseen. `wait`: looked at it and fell asleep on it.
enum class effect { look, add, change, wait, wake };

/// One atomic operation of a thread, as it turned out: an exchange that failed is a look.
struct step {
    int thread  = 0;
    int word    = 0;
    effect what = effect::look;
};

/// Whether the order of two neighbours matters: both on one word, and not two looks, two additions, or two that fall asleep.
/// Those who sleep wait for a wake-up; looks and additions are nothing to it.
[[nodiscard]] constexpr bool touch(step a, step b) noexcept {
    if (a.word != b.word) return false;
    if (a.what == effect::wake || b.what == effect::wake)
        return (a.what == effect::wake || a.what == effect::wait) && (b.what == effect::wake || b.what == effect::wait);
    auto const only_looks = [](step s) { return s.what == effect::look || s.what == effect::wait; };
    if (only_looks(a) && only_looks(b)) return false;
    return !(a.what == effect::add && b.what == effect::add);
}

/// How many steps of each thread lie before something.
using vector_clock = std::array<int, most_threads>;

inline void join(vector_clock& into, vector_clock const& other) noexcept {
    for (std::size_t t = 0; t < into.size(); ++t)
        if (into[t] < other[t]) into[t] = other[t];
}

/// Depth first through all orders, one of each kind: where two steps of a run could have come the other way round, that is tried too.
/// Partial-order reduction with source sets and sleep sets: a run that would only repeat what has been tried is cut short.
/// With a bound on preemptions it is plain instead: every order that takes a thread that could go on off its turn that often at most.
/// @par Source  Abdulla, Aronis, Jonsson, Sagonas: Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction, JACM 64 (2017),
///              algorithm 1
class order_search {
public:
    static constexpr int nobody = -1;

    order_search() = default;
    /// @param preemptions   most in one run; with many, every order without any reduction
    explicit order_search(int preemptions) : preemptions_left_{preemptions}, is_reduced_{false} {}

    /// Who moves now, of those who can (a bit each); `nobody` if all that follows has been tried.
    [[nodiscard]] int choose(unsigned able) {
        if (depth_ < path_.size()) return path_[depth_].chosen;
        place p;
        p.able = able;
        if (depth_ > 0 && is_reduced_) p.inherit(path_[depth_ - 1]);
        unsigned const awake = able & ~p.asleep;
        if (awake == 0) return nobody;
        p.last   = depth_ > 0 ? path_[depth_ - 1].chosen : nobody;
        p.chosen = p.could_go_on(awake) ? p.last : std::countr_zero(awake);
        p.to_try = bit(p.chosen);
        if (!is_reduced_) {
            p.preemptions_left = depth_ > 0 ? path_[depth_ - 1].left_after() : preemptions_left_;
            if (p.preemptions_left > 0 || !p.could_go_on(able)) p.to_try = able;
        }
        path_.push_back(p);
        return p.chosen;
    }

    /// What who was chosen did, and whom it woke.
    void moved(step s, unsigned woken) {
        vector_clock& mine = now_[index(s.thread)];
        place& p           = path_[depth_];
        if (depth_ + 1 == path_.size()) {
            p.taken = s;
            p.at    = mine;
            if (is_reduced_) look_back(p);
        }
        mine = p.at;
        for (int t = 0; t < most_threads; ++t)
            if ((woken & bit(t)) != 0) join(now_[index(t)], p.at);
        ++depth_;
    }

    /// Begins the next run. @return false if every order has been tried
    [[nodiscard]] bool next() {
        depth_ = 0;
        now_   = {};
        while (!path_.empty()) {
            place& p = path_.back();
            p.asleep |= bit(p.chosen);
            p.sleeper[index(p.chosen)] = p.taken;
            if (unsigned const rest = p.to_try & ~p.asleep; rest != 0) {
                p.chosen = std::countr_zero(rest);
                return true;
            }
            path_.pop_back();
        }
        return false;
    }

private:
    /// Before a step of the run at hand.
    struct place {
        unsigned able   = 0;
        unsigned to_try = 0;  ///< who has moved or must move from here
        unsigned asleep = 0;  ///< whose move from here leads to nothing new, until somebody touches it
        std::array<step, most_threads> sleeper{};  ///< that move
        int last             = nobody;  ///< who moved before
        int chosen           = nobody;
        int preemptions_left = 0;
        step taken{};
        vector_clock at{};  ///< the steps that `taken` cannot be exchanged with, itself included

        [[nodiscard]] bool could_go_on(unsigned among) const noexcept { return last != nobody && (among & bit(last)) != 0; }
        [[nodiscard]] int left_after() const noexcept {
            return preemptions_left - (could_go_on(able) && chosen != last ? 1 : 0);
        }
        void inherit(place const& before) {
            for (int t = 0; t < most_threads; ++t) {
                if ((before.asleep & bit(t)) == 0 || t == before.taken.thread) continue;
                sleeper[index(t)] = before.sleeper[index(t)];
                if (!touch(sleeper[index(t)], before.taken)) asleep |= bit(t);
            }
        }
    };

    [[nodiscard]] static constexpr unsigned bit(int thread) noexcept { return 1U << thread; }
    [[nodiscard]] static constexpr std::size_t index(int thread) noexcept { return static_cast<std::size_t>(thread); }
    /// Whether what was taken at `a` comes before `at` in every order of this kind.
    [[nodiscard]] static bool precedes(place const& a, vector_clock const& at) noexcept {
        return a.at[index(a.taken.thread)] <= at[index(a.taken.thread)];
    }

    /// Completes the clock of the last step, and notes the earlier steps that it could have come before.
    void look_back(place& last) {
        std::vector<std::size_t> races;
        for (std::size_t i = depth_; i-- > 0;) {
            place const& p = path_[i];
            if (p.taken.thread == last.taken.thread || !touch(p.taken, last.taken) || precedes(p, last.at)) continue;
            races.push_back(i);
            join(last.at, p.at);
        }
        ++last.at[index(last.taken.thread)];
        for (std::size_t i : races) reverse(i);
    }

    /// Makes sure that from place i a run begins in which the last step comes before the one taken there.
    void reverse(std::size_t i) {
        std::array<place const*, most_threads> first{};  // of each thread, among what does not follow from the step taken at i
        for (std::size_t k = i + 1; k <= depth_; ++k) {
            place const*& f = first[index(path_[k].taken.thread)];
            if (f == nullptr && (k == depth_ || !precedes(path_[i], path_[k].at))) f = &path_[k];
        }
        unsigned able = 0;  // to begin that run
        for (place const* f : first) {
            bool is_first = f != nullptr;
            for (place const* other : first) is_first = is_first && (other == nullptr || other == f || !precedes(*other, f->at));
            if (is_first) able |= bit(f->taken.thread);
        }
        place& p = path_[i];
        if ((able & (p.to_try | p.asleep)) == 0) p.to_try |= able & (~able + 1);
    }

    std::vector<place> path_;
    std::size_t depth_    = 0;
    int preemptions_left_ = 0;
    bool is_reduced_      = true;
    std::array<vector_clock, most_threads> now_{};
};

}  // namespace espalier_test

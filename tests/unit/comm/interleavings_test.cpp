// SPDX-License-Identifier: BSL-1.0
/// @file
/// The search through the orders of steps: against counting by hand, against all orders of small random programs, and on textbook faults.
/// It judges the gate and the queue in gate_test.cpp and post_queue_test.cpp, so it is judged here.
#include "support/catch.hpp"
#include "support/interleavings.hpp"
#include "support/interleavings_programs.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace espalier_test;

namespace {

constexpr int any_number = 1000;

/// Three threads that each do `f(word, t)` so many times to one word, or each to its own.
template <class F, bool Shared>
class repeat {
public:
    static constexpr int threads = 3;
    static std::vector<std::string_view> words() { return {}; }

    explicit repeat(std::vector<int> times) : times_{std::move(times)} {}
    void play(int me) {
        auto const t = static_cast<std::size_t>(me);
        for (int i = 0; i < times_[t]; ++i) F{}(word_[Shared ? 0 : t], static_cast<std::uint32_t>(me));
    }
    void at_end() {}

private:
    std::vector<int> times_;
    model_atomic<std::uint32_t> word_[threads] = {0, 0, 0};
};

struct store {
    void operator()(model_atomic<std::uint32_t>& w, std::uint32_t me) const { w.store(me); }
};
struct look {
    void operator()(model_atomic<std::uint32_t>& w, std::uint32_t) const { static_cast<void>(w.load()); }
};
struct add {
    void operator()(model_atomic<std::uint32_t>& w, std::uint32_t) const { w.fetch_add(1); }
};
struct add_and_see {
    void operator()(model_atomic<std::uint32_t>& w, std::uint32_t) const { static_cast<void>(std::uint32_t{w.fetch_add(1)}); }
};
struct look_or_store {  // thread 0 looks
    void operator()(model_atomic<std::uint32_t>& w, std::uint32_t me) const { me == 0 ? look{}(w, me) : store{}(w, me); }
};

template <class F, bool Shared = true>
long orders_of(std::vector<int> times) {
    return every_order<repeat<F, Shared>>(times).orders;
}

}  // namespace

TEST_CASE("as many orders are played as there are ways to shuffle steps that touch each other", "[comm]") {
    CHECK(orders_of<store>({3, 3, 0}) == 20);    // 6! / (3! 3!)
    CHECK(orders_of<store>({2, 2, 2}) == 90);    // 6! / (2! 2! 2!)
    CHECK(orders_of<store>({4, 3, 1}) == 280);   // 8! / (4! 3! 1!)
    CHECK(orders_of<add_and_see>({2, 2, 2}) == 90);
    CHECK(orders_of<look_or_store>({1, 3, 0}) == 4);   // the look has four places
    CHECK(orders_of<look_or_store>({2, 3, 0}) == 10);  // two looks among three stores
}

TEST_CASE("orders that differ only in steps that do not touch each other are played once", "[comm]") {
    CHECK(orders_of<store, false>({3, 3, 3}) == 1);
    CHECK(orders_of<look>({3, 3, 3}) == 1);
    CHECK(orders_of<add>({3, 3, 3}) == 1);
    CHECK(orders_with_preemptions<repeat<store, false>>(any_number, std::vector{3, 3, 0}).orders == 20);  // not so without reduction
    CHECK(orders_with_preemptions<repeat<store, true>>(0, std::vector{3, 3, 3}).orders == 6);             // one thread after the other
}

TEST_CASE("the reduced search plays each kind of order of a random program once, and misses no outcome", "[comm]") {
    std::mt19937 random{1};
    for (int i = 0; i < 100; ++i) {
        program const p = random_program(random, {deed::load, deed::store, deed::add, deed::add_and_see, deed::exchange});
        played all;
        played reduced;
        INFO(p.to_string());
        REQUIRE(orders_with_preemptions<play_program>(any_number, &p, &all).orders == 1680);  // 9! / (3! 3! 3!)
        verdict const v = every_order<play_program>(&p, &reduced);
        REQUIRE(reduced.outcomes == all.outcomes);
        REQUIRE(reduced.kinds == all.kinds);
        REQUIRE(v.orders == static_cast<long>(all.kinds.size()));
    }
}

TEST_CASE("the reduced search finds who sleeps for ever whenever the full one does", "[comm]") {
    std::mt19937 random{2};
    int stuck = 0;
    for (int i = 0; i < 200; ++i) {
        program const p = random_program(random, {deed::load, deed::store, deed::add, deed::wake, deed::wake, deed::sleep});
        played all;
        played reduced;
        INFO(p.to_string());
        bool const holds = orders_with_preemptions<play_program>(any_number, &p, &all).holds();
        REQUIRE(every_order<play_program>(&p, &reduced).holds() == holds);
        if (holds) REQUIRE(reduced.outcomes == all.outcomes);
        stuck += holds ? 0 : 1;
    }
    INFO(stuck << " programs of 200 can get stuck");
    CHECK(stuck > 20);
    CHECK(stuck < 180);
}

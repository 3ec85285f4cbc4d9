// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/train/detail/loader.hpp>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using espalier::detail::loader;

namespace {
/// Waits until `count` has been told that it is `n`; ctest ends a wait that never does.
void wait_for(std::atomic<std::int64_t> const& count, std::int64_t n) {
    for (std::int64_t now = count; now < n; now = count) count.wait(now);
}
}  // namespace

TEST_CASE("every micro-batch lies in its slot when it is taken, and until it is released, for any number of slots") {
    for (int slots : {1, 2, 3, 16})
        for (std::int64_t count : {0, 1, 2, 3, 7, 400}) {
            std::vector<std::int64_t> slot(static_cast<std::size_t>(slots), -1);
            loader ahead;
            ahead.start(slots, count, [&](std::int64_t n) { slot[static_cast<std::size_t>(n % slots)] = n; });
            bool right = true;
            for (std::int64_t n = 0; n < count; ++n) {
                ahead.next();
                right = right && slot[static_cast<std::size_t>(n % slots)] == n;
                std::this_thread::yield();
                right = right && slot[static_cast<std::size_t>(n % slots)] == n;
                ahead.release();
            }
            CHECK(right);
        }
}

TEST_CASE("it fills as many as there are slots without being asked, and then one for each that is released") {
    std::atomic<std::int64_t> filled{0};
    loader ahead;
    ahead.start(3, 100, [&](std::int64_t) {
        ++filled;
        filled.notify_all();
    });
    wait_for(filled, 3);
    ahead.next();
    ahead.next();
    ahead.release();
    wait_for(filled, 4);
    ahead.next();
    ahead.next();  // the fourth: three are taken and not released, so that none is filled
    CHECK(filled == 4);
    ahead.stop();
    CHECK(filled == 4);
}

TEST_CASE("it fills on another thread than its user's, and that thread has ended when stop returns") {
    std::atomic<int> alive{0};
    struct counts {
        std::atomic<int>* alive;
        explicit counts(std::atomic<int>& a) : alive{&a} { ++*alive; }
        counts(counts const& o) : alive{o.alive} { ++*alive; }
        ~counts() { --*alive; }
    };
    std::thread::id filler;
    loader ahead;
    CHECK(!ahead.is_running());
    ahead.start(2, 1000, [&filler, c = counts{alive}](std::int64_t) { filler = std::this_thread::get_id(); });
    CHECK(ahead.is_running());
    ahead.next();
    ahead.stop();
    CHECK(!ahead.is_running());
    CHECK(alive == 0);  // the thread's function is gone
    CHECK(filler != std::this_thread::get_id());
    ahead.stop();
}

TEST_CASE("what a fill throws is thrown where that micro-batch is taken, after those before it") {
    loader ahead;
    ahead.start(4, 10, [](std::int64_t n) {
        if (n == 2) throw std::runtime_error{"no third"};
    });
    ahead.next();
    ahead.next();
    CHECK_THROWS_WITH(ahead.next(), "no third");
    CHECK_THROWS_WITH(ahead.next(), "no third");  // again, and without waiting
    ahead.start(4, 1, [](std::int64_t) {});       // it starts anew
    CHECK_NOTHROW(ahead.next());
}

TEST_CASE("it can be ended in the middle and started elsewhere") {
    std::int64_t seen = -1;
    loader ahead;
    for (std::int64_t first : {0, 50, 7}) {
        ahead.start(1, 1000, [&seen, first](std::int64_t n) { seen = first + n; });
        for (std::int64_t n = 0; n < 20; ++n) {
            ahead.next();
            CHECK(seen == first + n);
            ahead.release();
        }
    }
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a check by all orders complains of, on textbook examples: each beside a twin that is right.
/// How many orders there are, and that none is missed, is tested in interleavings_test.cpp.
#include "support/catch.hpp"
#include "support/interleavings.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace espalier_test;

namespace {

using word = model_atomic<std::uint32_t>;

/// Peterson's lock, tried once by each of two threads; both may give up. Wrong: to let the other go first, and then to say that one is
/// there.
template <bool Right>
struct peterson {
    static constexpr int threads = 2;
    static std::vector<std::string_view> words() { return {"wants 0", "wants 1", "first"}; }

    void play(int me) {
        auto const other = static_cast<std::uint32_t>(1 - me);
        if (!Right) first.store(other);
        wants[me].store(1);
        if (Right) first.store(other);
        if (wants[1 - me].load() == 0 || first.load() != other) ++inside.write();
        wants[me].store(0);
    }
    void at_end() {}

    word wants[2] = {0, 0};
    word first{0};
    plain<int> inside{"the inside"};
};

/// Thread 0 leaves something for thread 2, and says so by a word that thread 1 changes on the way: by an addition, which passes on what
/// the word said, or by a store without having read it, which does not.
template <bool Right>
struct relay {
    static constexpr int threads = 3;
    static std::vector<std::string_view> words() { return {"word"}; }

    void play(int me) {
        if (me == 0) {
            thing.write() = 5;
            w.store(1);
        } else if (me == 1) {
            if (Right) w.fetch_add(1);
            else w.store(2);
        } else if (w.load() == 2) must(thing.read() == 5, "reads something else");
    }
    void at_end() {}

    word w{0};
    plain<int> thing{"the thing"};
};

/// Thread 1 sleeps until thread 0 has changed the word. Right: it sleeps while the word is what it saw.
template <bool Right>
struct nap {
    static constexpr int threads = 2;
    static std::vector<std::string_view> words() { return {"word"}; }

    void play(int me) {
        if (me == 0) {
            w.store(7);
            w.wake_all();
        } else if (w.load() == 0) Right ? w.sleep_while(0) : w.sleep();
    }
    void at_end() {}

    word w{0};
};

/// Counts to two. Wrong: looks and writes in two steps.
template <bool Right>
struct count_up {
    static constexpr int threads = 2;
    static std::vector<std::string_view> words() { return {"count"}; }

    void play(int) {
        if (Right) count.fetch_add(1);
        else count.store(count.load() + 1);
    }
    void at_end() { must(count.load() == 2, "has lost count"); }

    word count{0};
};

/// Waits without sleeping, so that some order goes on for ever.
struct spin {
    static constexpr int threads = 2;
    static std::vector<std::string_view> words() { return {"word"}; }

    void play(int me) {
        if (me == 0)
            while (w.load() == 0) {}
        else w.store(1);
    }
    void at_end() {}

    word w{0};
};

template <template <bool> class Example>
std::string fault_of_wrong() {
    CHECK(every_order<Example<true>>().fault == "");
    return every_order<Example<false>>().fault;
}

bool begins_with(std::string const& text, std::string_view begin) {
    INFO(text);
    return text.substr(0, begin.size()) == begin;
}

}  // namespace

TEST_CASE("two inside Peterson's lock are found by the race that they make", "[comm]") {
    CHECK(fault_of_wrong<peterson>().find("the inside in a race with thread") != std::string::npos);
}

TEST_CASE("an addition passes on what a word says of plain memory, a store does not", "[comm]") {
    std::string const fault = fault_of_wrong<relay>();
    CHECK(fault.find("the thing in a race with thread") != std::string::npos);
}

TEST_CASE("a wake-up that comes before the sleep is found, with the steps that led there", "[comm]") {
    CHECK(fault_of_wrong<nap>() == "nobody can go on: who sleeps is never woken\n"
                                   "  thread 1  word.load 0\n"
                                   "  thread 0  word.store 0 -> 7\n"
                                   "  thread 0  word.wake_all 7\n"
                                   "  thread 1  word.sleep 7\n");
}

TEST_CASE("what does not hold at the end is found", "[comm]") {
    CHECK(fault_of_wrong<count_up>() == "has lost count\n"
                                        "  thread 0  count.load 0\n"
                                        "  thread 1  count.load 0\n"
                                        "  thread 1  count.store 0 -> 1\n"
                                        "  thread 0  count.store 1\n");
}

TEST_CASE("an order without end is found", "[comm]") {
    CHECK(begins_with(every_order<spin>().fault, "no end after 500 steps\n"));
}

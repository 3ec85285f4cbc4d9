// SPDX-License-Identifier: BSL-1.0
/// @file
/// Every way in which a rank thread can fail, fifty times each: on any of 2 to 4 ranks, in any step, in operations small and large, blocking and posted.
/// Each survivor's error, the rank in it and its bound are asserted; failure_test.cpp says what the texts are.
#include "conformance/communicator/laws.hpp"
#include "conformance/communicator/step.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

using namespace laws;

namespace {

using moment = std::chrono::steady_clock::time_point;

/// How a step reduces; a step takes the next one.
struct manner {
    std::int64_t n;
    bool is_posted;
};
constexpr manner manners[]     = {{4, false}, {5'000, false}, {4, true}, {5'000, true}};
constexpr std::int64_t longest = 5'001;
constexpr auto bound           = std::chrono::seconds{2};
constexpr double deadline      = 0.1;

/// A sum that throws once it is armed.
struct trap {
    std::atomic<bool> const* armed = nullptr;
    float operator()(float a, float b) const {
        if (armed != nullptr && armed->load()) throw std::runtime_error{"the operator fell over"};
        return a + b;
    }
};

using step = step_of<threads>;

/// What the rank that fails knows.
struct mishap {
    int others = 0;
    std::atomic<int> ended{0};  ///< so many others have their error
};
struct kind {
    char const* name;
    void (*victim)(step, mishap&);
    void (*others)(step);
    bool (*is_right)(std::exception_ptr const&, int victim);
    char const* text;
};

template <class E>
bool is_a(std::exception_ptr const& e) {
    return espalier_test::per_rank<int>::is<E>(e);
}
bool names(std::exception_ptr const& e, int victim) {
    try {
        std::rethrow_exception(e);
    } catch (rank_failed const& f) {
        return f.rank() == victim;
    } catch (...) {
        return false;
    }
}
bool disagrees(std::exception_ptr const& e, int) { return is_a<mismatched_collective>(e); }
/// Who waits with the one that is late first ends with what that one says.
bool is_late(std::exception_ptr const& e, int) { return is_a<deadline_passed>(e) || is_a<rank_failed>(e); }

void reduces(step s) { s.reduce(s.n); }
void reduces_with_trap(step s) { s.reduce(s.n, trap{}); }
constexpr char const* same = "requires every rank of a group to join the same operation; got ";

kind const kinds[] = {
    {"throws", [](step, mishap&) { throw std::runtime_error{"the model fell over"}; }, reduces, names, "the model fell over"},
    {"throws with an operation under way",
     [](step s, mishap&) {
         int x        = 0;
         auto const r = s.is_posted ? s.world.post_recv(s.world.rank(), 0, &x, 1) : s.world.post_all_reduce(&x, &x, 1, sum{});
         throw std::runtime_error{"the model fell over"};
     },
     reduces, names, "the model fell over"},
    {"throws in an operator",
     [](step s, mishap&) {
         std::atomic<bool> const armed{true};
         s.reduce(s.n, trap{&armed});
     },
     reduces_with_trap, names, "the operator fell over"},
    {"returns", [](step, mishap&) {}, reduces, names, "it returned from its function while others wait for it"},
    {"sleeps",
     [](step, mishap& m) {
         for (int seen = 0; seen < m.others; seen = m.ended.load()) m.ended.wait(seen);
     },
     reduces, is_late, " within 0.1 seconds; got rank "},
    {"calls another operation", [](step s, mishap&) { s.broadcast(); }, reduces, disagrees, same},
    {"brings another count", [](step s, mishap&) { s.reduce(s.n + 1); }, reduces, disagrees, same},
    {"brings another type", [](step s, mishap&) { s.reduce<double>(s.n); }, reduces, disagrees, same},
    {"calls in another order", [](step s, mishap&) { s.two(true); }, [](step s) { s.two(false); }, disagrees, same},
};

/// One run; the moments at which ranks had their errors, and at which one of them failed.
struct run {
    run(kind const& k, int ranks, int victim, int at_step)
        : learnt(static_cast<std::size_t>(ranks)), result{on_ranks<threads>(ranks, [&](threads& world) { play(world, k, victim, at_step); },
                                                                           threads_settings{.deadline_seconds = is_sleep(k) ? deadline : 60.0,
                                                                                            .flight_folder    = ""})} {}
    void play(threads& world, kind const& k, int victim, int at_step) {
        field<double> memory(longest);
        threads part = world.split(world.rank() % 2, 0);
        try {
            for (int number = 0;; ++number) {
                auto const [n, is_posted] = manners[number % 4];
                step const here{world, n, is_posted, memory.data()};
                if (number == at_step && world.rank() == victim) {
                    what.others = world.size() - 1;
                    failed      = std::chrono::steady_clock::now();
                    return k.victim(here, what);
                }
                if (number == at_step) k.others(here);
                else reduces(here);
                part.barrier();
            }
        } catch (...) {
            learnt[static_cast<std::size_t>(world.rank())] = std::chrono::steady_clock::now();
            what.ended.fetch_add(1);
            what.ended.notify_all();
            throw;
        }
    }
    static bool is_sleep(kind const& k) { return k.is_right == is_late; }

    moment failed{};
    std::vector<moment> learnt;
    mishap what{};
    espalier_test::per_rank<std::monostate> result;
};

}  // namespace

TEST_CASE("each way to fail ends every other thread with the right error, fifty times", "[comm]") {
    std::mt19937 draw{7};
    for (kind const& k : kinds)
        for (int time = 0; time < 50; ++time) {
            int const ranks = 2 + static_cast<int>(draw() % 3), victim = static_cast<int>(draw() % static_cast<unsigned>(ranks));
            int const at_step = static_cast<int>(draw() % 12);
            run const r{k, ranks, victim, at_step};
            INFO("rank " << victim << " of " << ranks << " " << k.name << " in step " << at_step);
            CHECK(r.result.launched);
            if (run::is_sleep(k)) CHECK(is_a<deadline_passed>(r.result.launched));
            for (int i = 0; i < ranks; ++i) {
                if (i == victim && k.is_right != disagrees) continue;
                auto const& error = r.result.error[static_cast<std::size_t>(i)];
                INFO("rank " << i << " says: " << r.result.text(i));
                REQUIRE(error);
                CHECK(k.is_right(error, victim));
                CHECK(r.result.text(i).find(k.text) != std::string::npos);
                if (run::is_sleep(k)) CHECK(r.result.text(i).find(joined("rank ", victim, " is in no operation, its last was ")) != std::string::npos);
                CHECK(r.learnt[static_cast<std::size_t>(i)] - r.failed < bound);
            }
        }
}

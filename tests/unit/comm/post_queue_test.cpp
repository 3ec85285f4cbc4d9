// SPDX-License-Identifier: BSL-1.0
/// @file
/// The queue of posted operations under every order of the steps of its two threads, and that atomics which are wrong are noticed.
/// What the operations of a communicator do in it is tested with the communicators.
#include "support/catch.hpp"
#include "support/interleavings.hpp"
#include "support/interleavings_mutants.hpp"

#include <espalier/comm/detail/post_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace espalier_test;
using espalier::detail::post_queue;
using espalier::detail::runner;

namespace {

/// The caller of a queue does what its script says: `+` posts an operation, `!` posts one that throws, a digit finishes the operation of
/// that number, `w` sleeps until all have run without it, `.` closes. The other thread, if there is one, is the worker.
/// An operation reads what the caller has written for it, runs once, after the one before and never beside another; `finish` gives what
/// it gave or threw. All that is plain memory: a queue that does not put one after the other makes a race of it. What the queue itself
/// keeps in plain memory, its slots, is written and read between the same steps.
template <class Atomics, std::size_t Slots = 4, int Threads = 2>
class line_up {
public:
    static constexpr int threads = Threads;
    static std::vector<std::string_view> words() { return {"posted", "bell", "closed", "begun", "over", "turn", "rests", "waits", "ran"}; }

    explicit line_up(std::string_view script) : script_{script} {}
    void play(int me) {
        if (me == 1) return queue_.work();
        for (char const c : script_) {
            if (c == '.') queue_.close();
            else if (c == '+' || c == '!') post(c == '!');
            else if (c == 'w') wait();
            else finish(c - '0');
        }
    }
    void at_end() { must(ended_.read() == posted_, "not all that was posted has run"); }

private:
    struct errand {
        plain<int> given{"what is given to an operation"};
        plain<int> result{"what an operation gives"};
        std::uint32_t ticket = 0;
        bool throws          = false;
        std::exception_ptr thrown;
    };

    void post(bool throws) {
        int const k = posted_++;
        errand& e   = errand_[k];
        must(queue_.has_room(), "no room for an operation");
        e.given.write() = 10 + k;
        e.throws        = throws;
        e.ticket        = queue_.push([this, k](runner by) { run(k, by); });
    }
    void run(int k, runner by) {
        must(model_run::now()->thread() == (by == runner::worker ? 1 : 0), "an operation is told that somebody else runs it");
        must(ended_.read() == k, "operations run out of order, or twice");
        errand_[k].result.write() = errand_[k].given.read() + 100;
        ++ended_.write();
        if (script_.find('w') != script_.npos) {
            ran_.fetch_add(1);
            ran_.wake_all();
        }
        if (errand_[k].throws) throw k;
    }
    void wait() {
        for (;;) {
            int const ran = static_cast<int>(ran_.load());
            if (ran == posted_) return;
            ran_.sleep_while(static_cast<std::uint32_t>(ran));
        }
    }
    void finish(int k) {
        errand& e = errand_[k];
        e.thrown  = queue_.finish(e.ticket);
        must(e.result.read() == 110 + k, "an operation is finished before it has run");
        e.given.write() = 0;
        must(thrown_by(k) == (e.throws ? k : -1), "an operation is finished with another error than its own");
    }
    int thrown_by(int k) {
        try {
            if (errand_[k].thrown) std::rethrow_exception(errand_[k].thrown);
        } catch (int thrown) {
            return thrown;
        }
        return -1;
    }

    post_queue<Atomics, Slots, 16> queue_;
    model_atomic<std::uint32_t> ran_{0};
    errand errand_[4];
    plain<int> ended_{"how many operations have ended"};
    int posted_ = 0;  // the caller's own
    std::string_view script_;
};

void holds(verdict const& v, std::string_view script) {
    INFO(script << " " << v.fault << v.orders << " orders");
    CHECK(v.holds());
}

template <class Line = line_up<model_atomics>>
void holds_in_every_order(std::string_view script) {
    holds(every_order<Line>(script), script);
}

template <class Line = line_up<model_atomics>>
void holds_with_preemptions(int preemptions, std::string_view script) {
    holds(orders_with_preemptions<Line>(preemptions, script), script);
}

template <class Atomics>
void goes_wrong(std::string_view script, std::string_view with) {
    verdict const v = every_order<line_up<Atomics>>(script);
    INFO(script << " " << v.fault << v.orders << " orders until the first that goes wrong");
    CHECK(v.fault.find(with) != std::string::npos);
}

}  // namespace

TEST_CASE("a queue without a worker runs everything in finish", "[comm]") {
    for (auto const script : {"+0", "!0", "++10", "+!01", "++0+12"}) holds_in_every_order<line_up<model_atomics, 4, 1>>(script);
}

TEST_CASE("in every order one posted operation runs once, and is finished with what it gave or threw", "[comm]") {
    for (auto const script : {".", "+.", "+0.", "!0.", "+.0"}) holds_in_every_order(script);
}

TEST_CASE("in every order a worker runs what is posted while the caller does something else", "[comm]") {
    for (auto const script : {"+w0.", "!w.", "+w+w."}) holds_in_every_order(script);
}

TEST_CASE("in every order a queue runs operations one after the other", "[comm]") { holds_in_every_order("!+01."); }

TEST_CASE("in every order operations of a queue may be finished the other way round", "[comm]") { holds_in_every_order("!+10."); }

TEST_CASE("in every order a finished operation's slot can be used again", "[comm]") {
    holds_in_every_order<line_up<model_atomics, 1>>("!0+1.");
}

TEST_CASE("in every order the worker of a queue that is closed with work under way runs it and ends", "[comm]") {
    holds_in_every_order("+!.");
    holds_in_every_order("+!.1");
}

TEST_CASE("longer lines of operations, in every order with three preemptions", "[comm]") {
    holds_with_preemptions(3, "++!.");
    holds_with_preemptions(3, "+!+210.");
    holds_with_preemptions<line_up<model_atomics, 2>>(3, "+!0+12.");
}

TEST_CASE("a queue bears sleeps that end for no reason", "[comm]") {
    holds_in_every_order<line_up<restless_atomics>>("+0.");
    holds_in_every_order<line_up<restless_atomics>>("!.0");
    holds_with_preemptions<line_up<restless_atomics>>(2, "+!01.");
}

TEST_CASE("a queue on atomics that are wrong goes wrong in some order", "[comm]") {
    std::string_view const lost = "who sleeps is never woken";
    goes_wrong<deaf_atomics>("+0.", lost);
    goes_wrong<blind_atomics>("+0.", lost);
    goes_wrong<torn_exchange_atomics>("+0.", "no end");  // both have the turn, or nobody
}

TEST_CASE("a thread finds what its worker did in plain memory", "[comm]") {
    // The machine's atomics: what the model cannot say is said by the thread sanitizer.
    post_queue<> queue;
    std::thread worker{[&] { queue.work(); }};
    int sum    = 0;
    int thrown = 0;
    for (int round = 0; round < 300; ++round) {
        int part[3] = {};
        std::uint32_t ticket[3];
        for (int k = 0; k < 3; ++k)
            ticket[k] = queue.push([&part, k](runner) {
                part[k] = k + 1;
                if (k == 1) throw k;
            });
        for (int k : {1, 0, 2}) thrown += queue.finish(ticket[k]) ? 1 : 0;
        sum += part[0] + part[1] + part[2];
    }
    queue.close();
    worker.join();
    CHECK(sum == 300 * (1 + 2 + 3));
    CHECK(thrown == 300);
}

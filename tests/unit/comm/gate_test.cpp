// SPDX-License-Identifier: BSL-1.0
/// @file
/// The gate under every order of the steps of those who meet at it, and that atomics which are wrong are noticed.
/// How it behaves in time, and with more parties than processors, is seen where communicators run.
#include "support/catch.hpp"
#include "support/interleavings.hpp"
#include "support/interleavings_mutants.hpp"

#include <espalier/comm/detail/gate.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace espalier_test;
using espalier::detail::gate;

namespace {

constexpr std::chrono::seconds for_ever{1'000'000};

/// Parties meet `Rounds` times, each leaving a note before it arrives. The last `Leavers` of them give up in the last round instead of
/// waiting. Who passes must find everybody's note of that round; in each round all pass, or nobody.
template <class Atomics, int Parties, int Rounds, int Leavers = 0>
class meeting {
public:
    static constexpr int threads = Parties;
    static std::vector<std::string_view> words() { return {"word", "sleepers"}; }

    meeting() {
        for (int i = 0; i < Parties * Rounds; ++i) note_.emplace_back("a note");
    }
    void play(int me) {
        for (int round = 0; round < Rounds; ++round) {
            note(round, me).write() = true;
            auto const a            = gate_.arrive();
            bool const gives_up     = round + 1 == Rounds && me >= Parties - Leavers;
            if (gives_up ? gate_.leave(a) : !waits(a)) return;
            for (int other = 0; other < Parties; ++other) must(note(round, other).read(), "passes before all have arrived");
            ++passed_[round];
        }
    }
    void at_end() {
        for (int passed : passed_) must(passed == 0 || passed == Parties, "some have passed, and some have not");
        must(Leavers > 0 || passed_[Rounds - 1] == Parties, "nobody has passed");
        must(passed_[Rounds - 1] == Parties || gate_.is_broken(), "nobody has passed a gate that is whole");
    }

private:
    plain<bool>& note(int round, int party) { return note_[static_cast<std::size_t>(round * Parties + party)]; }
    bool waits(std::uint32_t a) {
        while (!gate_.is_open(a)) {
            if (Leavers > 0 && gate_.is_broken()) return gate_.is_open(a);
            gate_.sleep(a, for_ever);
        }
        return true;
    }

    gate<Atomics> gate_{Parties};
    std::vector<plain<bool>> note_;
    int passed_[Rounds] = {};  // looked at when all is over
};

template <class Scenario>
void holds_in_every_order() {
    verdict const v = every_order<Scenario>();
    INFO(v.fault << v.orders << " orders");
    CHECK(v.holds());
}

template <class Scenario>
void goes_wrong(std::string_view with) {
    verdict const v = every_order<Scenario>();
    INFO(v.fault << v.orders << " orders until the first that goes wrong");
    CHECK(v.fault.find(with) != std::string::npos);
}

}  // namespace

TEST_CASE("in every order nobody passes a gate before all have arrived, and then all do", "[comm]") {
    holds_in_every_order<meeting<model_atomics, 1, 2>>();
    holds_in_every_order<meeting<model_atomics, 2, 1>>();
    holds_in_every_order<meeting<model_atomics, 2, 2>>();
    holds_in_every_order<meeting<model_atomics, 2, 3>>();
    holds_in_every_order<meeting<model_atomics, 3, 1>>();
}

TEST_CASE("three meet twice at a gate, in every order with three preemptions", "[comm]") {
    verdict const v = orders_with_preemptions<meeting<model_atomics, 3, 2>>(3);
    INFO(v.fault << v.orders << " orders");
    CHECK(v.holds());
}

TEST_CASE("in every order all pass a gate that somebody leaves, or nobody does, and nobody sleeps for ever", "[comm]") {
    holds_in_every_order<meeting<model_atomics, 2, 1, 1>>();
    holds_in_every_order<meeting<model_atomics, 2, 2, 1>>();
    holds_in_every_order<meeting<model_atomics, 2, 2, 2>>();
    holds_in_every_order<meeting<model_atomics, 3, 1, 1>>();
    holds_in_every_order<meeting<model_atomics, 3, 1, 2>>();
    holds_in_every_order<meeting<model_atomics, 3, 1, 3>>();
}

TEST_CASE("a gate bears exchanges that fail and sleeps that end for no reason", "[comm]") {
    holds_in_every_order<meeting<stubborn_atomics, 2, 2>>();
    holds_in_every_order<meeting<stubborn_atomics, 2, 2, 1>>();
    holds_in_every_order<meeting<restless_atomics, 2, 2>>();
    holds_in_every_order<meeting<restless_atomics, 2, 2, 1>>();
}

TEST_CASE("a gate on atomics that are wrong goes wrong in some order", "[comm]") {
    std::string_view const lost = "who sleeps is never woken";
    goes_wrong<meeting<deaf_atomics, 2, 1>>(lost);
    goes_wrong<meeting<deaf_atomics, 2, 1, 1>>(lost);
    goes_wrong<meeting<blind_atomics, 2, 1>>(lost);
    goes_wrong<meeting<torn_exchange_atomics, 2, 1>>(lost);
    goes_wrong<meeting<torn_exchange_atomics, 2, 1, 1>>(lost);
    goes_wrong<meeting<torn_addition_atomics, 2, 2>>(lost);
}

TEST_CASE("threads that meet at a gate see what the others wrote before", "[comm]") {
    // Plain memory, the machine's atomics: what the model cannot say is said by the thread sanitizer.
    constexpr int parties = 4;
    constexpr int rounds  = 200;
    gate<> g{parties};
    std::vector<int> note(parties * rounds);
    std::vector<int> sum(parties);
    std::vector<std::thread> threads;
    for (int me = 0; me < parties; ++me)
        threads.emplace_back([&, me] {
            for (int round = 0; round < rounds; ++round) {
                note[static_cast<std::size_t>(round * parties + me)] = me + 1;
                auto const a = g.arrive();
                while (!g.is_open(a)) g.sleep(a, std::chrono::seconds{1});
                for (int other = 0; other < parties; ++other)
                    sum[static_cast<std::size_t>(me)] += note[static_cast<std::size_t>(round * parties + other)];
            }
        });
    for (auto& t : threads) t.join();
    CHECK(sum == std::vector<int>(parties, rounds * (1 + 2 + 3 + 4)));
}

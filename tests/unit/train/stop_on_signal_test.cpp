// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/small_problem.hpp"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using namespace espalier;
using espalier_test::error_of;

TEST_CASE("SIGTERM and SIGUSR1 raise the flag and end nothing, and what they did before comes back") {
    for (int const signal : {SIGTERM, SIGUSR1}) {
        struct sigaction before {}, after {};
        sigaction(signal, nullptr, &before);
        {
            stop_on_signal const signals;
            CHECK_FALSE(signals.requested());
            CHECK_FALSE(signals.flag()->load());
            std::raise(signal);
            CHECK(signals.requested());
            CHECK(signals.flag()->load());
        }
        sigaction(signal, nullptr, &after);
        CHECK(before.sa_handler == after.sa_handler);
    }
    CHECK_FALSE(stop_on_signal{}.requested());  // a new object begins anew
}

TEST_CASE("a second signal of the same kind ends the process") {
    pid_t const child = ::fork();
    if (child == 0) {
        stop_on_signal const signals;
        std::raise(SIGTERM);
        if (!signals.requested()) ::_exit(1);
        std::raise(SIGTERM);
        ::_exit(2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTERM);
}

TEST_CASE("two objects at a time are refused") {
    stop_on_signal const first;
    CHECK_THAT(error_of([] { stop_on_signal const second; }),
               Catch::Matchers::ContainsSubstring("espalier: stop_on_signal: requires one object at a time; got a second one."));
}

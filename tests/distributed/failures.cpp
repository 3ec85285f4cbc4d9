// SPDX-License-Identifier: BSL-1.0
// Ranks under mpirun that reduce for ever, blocking and posted, in shared memory and outside, until one of them does something wrong:
// failures.py starts it, and reads what the others say. How training ends is not asked here.
//
//     mpirun -n 3 failures <what goes wrong> <on which rank> <in which step> <folder>
#include "conformance/communicator/step.hpp"

#include <espalier/comm/mpi.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

using namespace espalier;

namespace {

/// How a step reduces. In this order, so that step % 5 says it.
struct manner {
    std::int64_t n;
    bool is_outside, is_posted;
};
constexpr manner manners[] = {{4, true, false}, {5'000, false, false}, {100'000, true, false}, {5'000, false, true}, {100'000, true, true}};
constexpr std::int64_t longest = 100'001;

struct mishap {
    std::string kind;
    int rank, step;
    std::filesystem::path folder;

    /// Leaves the moment of the failure, and who fails, for failures.py: under a name of its own first, so that nobody reads half of it.
    void happens_now() const {
        auto const now = std::chrono::system_clock::now().time_since_epoch();
        std::ofstream{folder / "failing.part"} << std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() << ' ' << ::getpid() << '\n';
        std::filesystem::rename(folder / "failing.part", folder / "failing");
    }
};

/// A sum that goes wrong in the middle of an operation, once it is armed.
struct trap {
    inline static mishap const* armed = nullptr;
    float operator()(float a, float b) const {
        if (armed == nullptr) return a + b;
        armed->happens_now();
        if (armed->kind == "is killed in an operator") std::raise(SIGKILL);
        throw std::runtime_error{"the operator fell over"};
    }
};

class rank_of_many {
public:
    explicit rank_of_many(mpi& world) : world_{world}, window_{world.allocate(longest * sizeof(double))}, outside_(longest) {}

    /// This rank's side of a step.
    [[nodiscard]] laws::step_of<mpi> step(int number) noexcept {
        manner const& m = manners[number % 5];
        return {world_, m.n, m.is_posted, m.is_outside ? static_cast<void*>(outside_.data()) : window_.data()};
    }

private:
    mpi& world_;
    buffer<std::byte, window_space> window_;
    std::vector<double> outside_;
};

/// What the rank that fails does in its step.
void go_wrong(laws::step_of<mpi> const& s, mishap const& what) {
    if (what.kind.find("operator") != std::string::npos) {
        trap::armed = &what;
        return s.reduce(s.n, trap{});
    }
    what.happens_now();
    if (what.kind == "throws") throw std::runtime_error{"the model fell over"};
    if (what.kind == "throws with an operation under way") {
        float x      = 0;
        auto const r = s.world.post_all_reduce(&x, &x, 1, sum{});
        throw std::runtime_error{"the model fell over"};
    }
    if (what.kind == "calls exit") std::exit(3);
    if (what.kind == "calls _exit") ::_exit(3);
    if (what.kind == "is killed") std::raise(SIGKILL);
    if (what.kind == "sleeps")
        for (;;) ::pause();
    if (what.kind == "calls another operation") s.broadcast();
    if (what.kind == "brings another count") s.reduce(s.n + 1);
    if (what.kind == "brings another type") s.reduce<double>(s.n);
    if (what.kind == "calls in another order") s.two(true);
    // "is killed from outside": goes on until it is.
    if (what.kind == "is killed from outside") s.reduce(s.n);
}

void run(mpi& world, mishap const& what) {
    rank_of_many me{world};
    mpi part              = world.split(world.rank() % 2, 0);
    bool const in_operator = what.kind.find("operator") != std::string::npos;
    for (int number = 0;; ++number) {
        auto const s = me.step(number);
        if (number == what.step && world.rank() == what.rank) go_wrong(s, what);
        else if (number == what.step && in_operator) s.reduce(s.n, trap{});
        else if (number == what.step && what.kind == "calls in another order") s.two(false);
        else s.reduce(s.n);
        part.barrier();
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    mishap const what{argv[1], std::atoi(argv[2]), std::atoi(argv[3]), argv[4]};
    mpi::launch({.deadline_seconds = what.kind == "sleeps" ? 0.5 : 60.0, .flight_folder = (what.folder / "flight-record").string()},
                [&](mpi& world) { run(world, what); });
    return 0;
}

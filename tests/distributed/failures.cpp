// SPDX-License-Identifier: BSL-1.0
// Ranks under mpirun that reduce for ever, blocking and posted, in shared memory and outside, until one of them does something wrong:
// failures.py starts it, and reads what the others say. How training ends is not asked here.
//
//     mpirun -n 3 failures <what goes wrong> <on which rank> <in which step> <folder>
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

    template <class T, class Op = sum>
    void reduce(manner const& m, std::int64_t n, call_site at = call_site::here(), Op op = {}) {
        T* const x = memory<T>(m);
        if (!m.is_posted) return world_.all_reduce(x, x, n, op, ordered, at);
        auto r = world_.post_all_reduce(x, x, n, op, ordered, at);
        world_.wait(r, at);
    }
    void broadcast(manner const& m, call_site at = call_site::here()) {
        if (!m.is_posted) return world_.broadcast(memory<float>(m), m.n, 0, at);
        auto r = world_.post_broadcast(memory<float>(m), m.n, 0, at);
        world_.wait(r, at);
    }
    /// Two operations one after the other; where they are posted both are under way at a time.
    void two(manner const& m, bool other_order, call_site at = call_site::here()) {
        auto* const x = memory<float>(m);
        if (!m.is_posted) {
            if (other_order) broadcast(m, at);
            reduce<float>(m, m.n, at);
            return broadcast(m, at);
        }
        auto first  = other_order ? world_.post_broadcast(x, m.n, 0, at) : world_.post_all_reduce(x, x, m.n, sum{}, ordered, at);
        auto second = other_order ? world_.post_all_reduce(x, x, m.n, sum{}, ordered, at) : world_.post_broadcast(x, m.n, 0, at);
        world_.wait(first, at);
        world_.wait(second, at);
    }

private:
    template <class T>
    [[nodiscard]] T* memory(manner const& m) noexcept {
        return m.is_outside ? reinterpret_cast<T*>(outside_.data()) : reinterpret_cast<T*>(window_.data());
    }

    mpi& world_;
    buffer<std::byte, window_space> window_;
    std::vector<double> outside_;
};

/// What the rank that fails does in its step.
void go_wrong(mpi& world, rank_of_many& me, manner const& m, mishap const& what) {
    if (what.kind.find("operator") != std::string::npos) {
        trap::armed = &what;
        return me.reduce<float, trap>(m, m.n);
    }
    what.happens_now();
    if (what.kind == "throws") throw std::runtime_error{"the model fell over"};
    if (what.kind == "throws with an operation under way") {
        float x      = 0;
        auto const r = world.post_all_reduce(&x, &x, 1, sum{});
        throw std::runtime_error{"the model fell over"};
    }
    if (what.kind == "calls exit") std::exit(3);
    if (what.kind == "calls _exit") ::_exit(3);
    if (what.kind == "is killed") std::raise(SIGKILL);
    if (what.kind == "sleeps")
        for (;;) ::pause();
    if (what.kind == "calls another operation") me.broadcast(m);
    if (what.kind == "brings another count") me.reduce<float>(m, m.n + 1);
    if (what.kind == "brings another type") me.reduce<double>(m, m.n);
    if (what.kind == "calls in another order") me.two(m, true);
    // "is killed from outside": goes on until it is.
    if (what.kind == "is killed from outside") me.reduce<float>(m, m.n);
}

void run(mpi& world, mishap const& what) {
    rank_of_many me{world};
    mpi part              = world.split(world.rank() % 2, 0);
    bool const in_operator = what.kind.find("operator") != std::string::npos;
    for (int step = 0;; ++step) {
        manner const& m = manners[step % 5];
        if (step == what.step && world.rank() == what.rank) go_wrong(world, me, m, what);
        else if (step == what.step && in_operator) me.reduce<float, trap>(m, m.n);
        else if (step == what.step && what.kind == "calls in another order") me.two(m, false);
        else me.reduce<float>(m, m.n);
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

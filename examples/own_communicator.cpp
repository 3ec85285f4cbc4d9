// SPDX-License-Identifier: BSL-1.0
// A communicator of one's own: it hands every call to another one and keeps the time that its rank spends there.
//
//     examples/run own_communicator
//
// It prints each rank's reductions and seconds, and returns 1 unless training gives the bits of the plain communicator and makes
// one reduction a step.
//
// test:
#include <espalier/espalier.hpp>

#include <chrono>
#include <iostream>

using namespace espalier;

/// Wraps C. Only what training asks for is here: the core, an ordered and a plain all-reduce, broadcast, launch.
template <Communicator C>
class timed {
public:
    using memory_space = typename C::memory_space;

    explicit timed(C real) : real_{std::move(real)} {}

    [[nodiscard]] int rank() const { return real_.rank(); }
    [[nodiscard]] int size() const { return real_.size(); }
    [[nodiscard]] timed split(int color, int key) { return timed{real_.split(color, key)}; }
    void barrier() { real_.barrier(); }
    [[nodiscard]] auto allocate(std::size_t bytes) { return real_.allocate(bytes); }

    /// The sum over all lanes along the lane tree: the only call that a step makes.
    template <class T>
    void all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n) {
        auto const begin = std::chrono::steady_clock::now();
        real_.all_reduce(s, out, n);
        seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        ++reductions_;
    }
    template <class T, class Op>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op) {
        real_.all_reduce(in, out, n, op);
    }
    template <class T>
    void broadcast(T* data, std::int64_t n, int root) {
        real_.broadcast(data, n, root);
    }

    [[nodiscard]] int reductions() const noexcept { return reductions_; }
    [[nodiscard]] double seconds() const noexcept { return seconds_; }

    /// Starts the ranks of C and hands each its own wrapper.
    template <class F>
    static void launch(int ranks, F&& f) {
        C::launch(ranks, [&](C& real) {
            timed world{std::move(real)};
            f(world);
        });
    }

private:
    C real_;
    int reductions_ = 0;
    double seconds_ = 0;
};
static_assert(Communicator<timed<threads>> && Launchable<timed<threads>> && SupportsOrderedAllReduce<timed<threads>, float>);

using learned = model<sequence<linear<4, 16>, relu, linear<16, 1>>, mean_squared_error, adamw>;
template <class C>
using trainer_on = trainer<learned, data_parallel<lanes<4>, samples<8>>, C, checkpoint::none>;

template <class C, class Look>
std::string weights_after_30_steps(int ranks, Look look) {
    std::vector<float> x, y;
    random_key const key{1, "data"};
    for (std::uint64_t i = 0; i < 320; ++i) {
        for (std::uint32_t word : key.at(i).word) x.push_back(to_unit(word));
        y.push_back(to_unit(key.at(i).word[0]) * to_unit(key.at(i).word[1]));
    }
    in_memory<float> const data{dims(4), dims(1), std::move(x), std::move(y)};
    std::string hash;
    launch<trainer_on<C>>(ranks, [&](C& world) {
        trainer_on<C> t{world, {.seed = 7}};
        t.fit(data, {.epochs = 3}); // 10 steps an epoch
        look(world);
        if (world.rank() == 0) hash = checkpoint::weights_hash(t.weights());
    });
    return hash;
}

int main() {
    std::string const plain    = weights_after_30_steps<threads>(3, [](auto&) {});
    int reductions[3]          = {};
    double seconds[3]          = {};
    std::string const measured = weights_after_30_steps<timed<threads>>(3, [&](auto& world) {
        reductions[world.rank()] = world.reductions();
        seconds[world.rank()]    = world.seconds();
    });
    bool right                 = plain == measured && plain.size() == 32;
    for (int r = 0; r < 3; ++r) {
        std::cout << "rank " << r << ": " << reductions[r] << " reductions, " << seconds[r] << " s\n";
        right = right && reductions[r] == 30 && seconds[r] > 0;
    }
    std::cout << "weights xxh128 " << measured << '\n';
    return right ? 0 : 1;
}

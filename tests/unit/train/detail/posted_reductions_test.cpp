// SPDX-License-Identifier: BSL-1.0
/// @file
/// Training over communicators that do the work of a posted reduction at different times: the weights must not know. What plans post is
/// unit/partition/plan/posted_reductions_test.cpp.
#include "support/catch.hpp"

#include "support/mesh_problem.hpp"

#include <functional>
#include <limits>

using namespace espalier;
using espalier_test::mesh_model;
using espalier_test::mesh_problem;

namespace {

enum class works {
    at_post,  ///< and the wait is nothing
    at_wait,  ///< and in between the gradients hold no numbers: who read them, or wrote to them, would end with other weights
    blocking  ///< cannot post
};

/// Threads whose ranks reduce when `When` says.
template <works When>
class reducing {
public:
    using memory_space = host;
    struct request {
        std::function<void()> end;
    };

    explicit reducing(threads real) : real_{std::move(real)} {}
    [[nodiscard]] int rank() const { return real_.rank(); }
    [[nodiscard]] int size() const { return real_.size(); }
    [[nodiscard]] reducing split(int color, int key) { return reducing{real_.split(color, key)}; }
    void barrier() { real_.barrier(); }
    [[nodiscard]] auto allocate(std::size_t bytes) { return real_.allocate(bytes); }
    template <class T>
    void all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n) {
        calls_ += "b";
        real_.all_reduce(s, out, n);
    }
    template <class T>
    void reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders) {
        calls_ += "b";
        real_.reduce_scatter(s, out, borders);
    }
    template <class T, class Op>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op) {
        real_.all_reduce(in, out, n, op);
    }
    template <class T>
    void all_gather(T* data, std::span<std::int64_t const> borders) {
        real_.all_gather(data, borders);
    }
    template <class T>
    void broadcast(T* data, std::int64_t n, int root) {
        real_.broadcast(data, n, root);
    }

    template <class T>
        requires(When != works::blocking)
    [[nodiscard]] request post_all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n) {
        return post(s, n, [this, s, out, n] { real_.all_reduce(s, out, n); });
    }
    template <class T>
        requires(When != works::blocking)
    [[nodiscard]] request post_reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders) {
        return post(s, borders.back(), [this, s, out, borders] { real_.reduce_scatter(s, out, borders); });
    }
    void wait(request& r) {
        calls_ += "w";
        r.end();
    }
    /// A letter a call: b blocking reduction, p post, w wait.
    [[nodiscard]] std::string const& calls() const { return calls_; }

    template <class F>
    static void launch(int ranks, F&& f) {
        threads::launch(ranks, [&](threads& real) {
            reducing world{std::move(real)};
            f(world);
        });
    }

private:
    template <class T, class Reduce>
    [[nodiscard]] request post(ordered_sum<T> const& s, std::int64_t n, Reduce reduce) {
        calls_ += "p";
        if (When == works::at_post) {
            reduce();
            return {[] {}};
        }
        std::vector<std::vector<T>> kept;
        for (auto const& part : s.mine) {
            kept.emplace_back(part.data, part.data + n);
            std::fill_n(const_cast<T*>(part.data), n, std::numeric_limits<T>::quiet_NaN());
        }
        return {[s, reduce, kept] {
            for (std::size_t i = 0; i < kept.size(); ++i) std::copy(kept[i].begin(), kept[i].end(), const_cast<T*>(s.mine[i].data));
            reduce();
        }};
    }

    threads real_;
    std::string calls_;
};

struct ending {
    std::string weights, calls;
};
/// Two steps on `ranks` ranks; what the last rank called.
template <class P, class C>
ending train(int ranks) {
    auto const data = mesh_problem(40);
    ending end;
    launch<trainer<mesh_model, P, C, checkpoint::none>>(ranks, [&](C& world) {
        trainer<mesh_model, P, C, checkpoint::none> t{world, {.seed = 3, .learning_rate = 2e-2, .clip_norm = 2}};
        for (int i = 0; i < 2; ++i) t.train_step(data);
        auto const hash = checkpoint::weights_hash(t.weights());
        if (world.rank() != world.size() - 1) return;
        end.weights = hash;
        if constexpr (requires { world.calls(); }) end.calls = world.calls();
    });
    return end;
}
template <class P>
void weights_do_not_know(int ranks, std::string const& calls_of_a_step) {
    auto const expected = train<data_parallel<lanes<4>, samples<5>>, self>(1).weights;
    CHECK(train<P, threads>(ranks).weights == expected);
    auto const at_post = train<P, reducing<works::at_post>>(ranks), at_wait = train<P, reducing<works::at_wait>>(ranks), blocking = train<P, reducing<works::blocking>>(ranks);
    CHECK(at_post.weights == expected);
    CHECK(at_wait.weights == expected);
    CHECK(blocking.weights == expected);
    CHECK(at_post.calls == calls_of_a_step + calls_of_a_step);
    CHECK(at_wait.calls == calls_of_a_step + calls_of_a_step);
    CHECK(blocking.calls == "bbbbbb");
}

}  // namespace

TEST_CASE("whenever a reduction that is posted takes place, up to its wait, the weights are those of one rank") {
    weights_do_not_know<data_parallel<lanes<4>, samples<5>, buckets<3>>>(3, "pppwww");
}

TEST_CASE("the same with shards, where two buckets share one room in turn") {
    weights_do_not_know<data_parallel<lanes<4>, samples<5>, zero<3>, buckets<3>>>(4, "ppwpww");
}

TEST_CASE("one bucket, and stages of a pipeline, post nothing") {
    CHECK(train<data_parallel<lanes<4>, samples<5>>, reducing<works::at_wait>>(2).calls == "bb");
    STATIC_REQUIRE(!posts_reductions<data_parallel<lanes<4>, samples<5>, zero<1>>>);
    STATIC_REQUIRE(!posts_reductions<mesh<data_parallel<lanes<4>, samples<5>>, pipeline<2, interleaved<2>>>>);
    STATIC_REQUIRE(!posts_reductions<int>);  // a type that does not say
}

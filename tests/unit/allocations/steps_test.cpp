// SPDX-License-Identifier: BSL-1.0
/// @file
/// Allocations counted from outside: this executable has a malloc of its own, which counts and hands on, so that new, libraries
/// and other threads are counted too. That is why it is an executable apart. It says nothing about sizes.
#include "support/catch.hpp"
#include "support/data.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/mesh.hpp>
#include <espalier/train/trainer.hpp>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#if defined(__has_feature)
#    define ESPALIER_TEST_HAS_FEATURE(name) __has_feature(name)
#else
#    define ESPALIER_TEST_HAS_FEATURE(name) 0
#endif
#if !defined(__GLIBC__)
#    define ESPALIER_TEST_CANNOT_COUNT "needs glibc, whose allocator can be stood in for"
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || ESPALIER_TEST_HAS_FEATURE(address_sanitizer) || \
    ESPALIER_TEST_HAS_FEATURE(thread_sanitizer)
#    define ESPALIER_TEST_CANNOT_COUNT "needs the allocator that a sanitizer has taken"
#endif

using namespace espalier;

namespace {

std::atomic<std::int64_t> allocations{0};

template <int Units>
using net = sequence<lstm<lstm_shape{.steps = 6, .inputs = 2, .units = Units, .layers = 2}>, dropout<probability{0.2f}>,
                     last_step, residual<linear<Units, Units>, tanh_activation>, linear<Units, 1>>;
template <int Units>
using net_model = model<net<Units>, mean_squared_error, adamw>;

in_memory<float> const& data() {
    static in_memory<float> const noise = [] {
        random_key const key{2, "allocations"};
        std::vector<float> x(200 * 12), y(200);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = to_unit(key.at(i).word[0]);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[12 * i];
        return in_memory<float>{dims(6, 2), dims(1), std::move(x), std::move(y)};
    }();
    return noise;
}

/// Allocations of all ranks in each of 20 steps that follow 5 others; each step is counted between two barriers.
template <class C, class P, int Units = 16>
std::vector<std::int64_t> counted(int ranks) {
    constexpr int steps = 20;
    std::vector<std::int64_t> before(steps), after(steps);
    (void)data();
    C::launch(ranks, [&](C& world) {
        trainer<net_model<Units>, P, C, checkpoint::none> t{world, {.seed = 1, .clip_norm = 1}};
        for (int i = 0; i < 5; ++i) t.train_step(data());
        for (std::size_t i = 0; i < steps; ++i) {
            world.barrier();
            if (world.rank() == 0) before[i] = allocations;
            world.barrier();
            t.train_step(data());
            world.barrier();
            if (world.rank() == 0) after[i] = allocations;
        }
    });
    for (std::size_t i = 0; i < steps; ++i) after[i] -= before[i];
    return after;
}

void skip_where_nothing_counts() {
#if defined(ESPALIER_TEST_CANNOT_COUNT)
    espalier_test::skip(ESPALIER_TEST_CANNOT_COUNT);
#endif
}

/// A step allocates as often as any other; and with the built-in product, where there is no library inside, never.
void is_constant(std::vector<std::int64_t> const& counts) {
    constexpr bool is_all_ours = !ESPALIER_HAS_ONEDNN() && !ESPALIER_HAS_CBLAS();
    INFO("allocations in the first step counted: " << counts[0]);
    CHECK(counts == std::vector<std::int64_t>(counts.size(), is_all_ours ? 0 : counts[0]));
}

}  // namespace

#if !defined(ESPALIER_TEST_CANNOT_COUNT)
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t bytes) noexcept {
    ++allocations;
    return __libc_malloc(bytes);
}
void* calloc(std::size_t n, std::size_t bytes) noexcept {
    ++allocations;
    return __libc_calloc(n, bytes);
}
void* realloc(void* p, std::size_t bytes) noexcept {
    ++allocations;
    return __libc_realloc(p, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
    ++allocations;
    return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept { return memalign(alignment, bytes); }
int posix_memalign(void** p, std::size_t alignment, std::size_t bytes) noexcept {
    *p = memalign(alignment, bytes);
    return *p == nullptr ? ENOMEM : 0;
}
void free(void* p) noexcept { __libc_free(p); }
}
#endif

TEST_CASE("the counter sees what new, aligned new and the C library allocate") {
    skip_where_nothing_counts();
    std::int64_t const before = allocations;
    std::vector<int>* volatile plain = new std::vector<int>(5);
    buffer<double>* volatile aligned = new buffer<double>{5};
    void* volatile raw               = std::calloc(3, 5);
    std::int64_t const seen          = allocations - before;
    delete plain;
    delete aligned;
    std::free(raw);
    CHECK(seen == 5);
}

TEST_CASE("a step on one rank makes no allocation of its own, and no more than the step before") {
    skip_where_nothing_counts();
    is_constant(counted<self, data_parallel<lanes<1>, samples<4>>>(1));
    is_constant(counted<self, data_parallel<lanes<5>, micro_batches<2>, samples<4>>>(1));
}

TEST_CASE("a step on two thread ranks makes no allocation of its own, and no more than the step before") {
    skip_where_nothing_counts();
    is_constant(counted<threads, data_parallel<lanes<2>, samples<4>>>(2));
    is_constant(counted<threads, data_parallel<lanes<5>, micro_batches<2>, samples<4>>>(2));
}

TEST_CASE("a step on three ranks, of which one has several partial sums, makes no allocation of its own") {
    skip_where_nothing_counts();
    is_constant(counted<threads, data_parallel<lanes<5>, samples<4>>>(3));
}

TEST_CASE("what a library allocates inside its products does not grow from step to step") {
    skip_where_nothing_counts();
    is_constant(counted<self, data_parallel<lanes<2>, samples<32>>, 128>(1));  // products that are large enough for a library
    is_constant(counted<threads, data_parallel<lanes<2>, samples<32>>, 128>(2));
}

TEST_CASE("steps of meshes, with shards, in every schedule and with cut layers, allocate as often each") {
    skip_where_nothing_counts();
    using replicas = data_parallel<lanes<4>, samples<4>, zero<1>>;
    is_constant(counted<threads, data_parallel<lanes<4>, samples<4>, zero<3>, buckets<3>>>(3));
    is_constant(counted<threads, mesh<replicas, pipeline<2, gpipe>>>(4));
    is_constant(counted<threads, mesh<replicas, pipeline<2, one_f_one_b>>>(4));
    is_constant(counted<threads, mesh<replicas, pipeline<2, interleaved<2>>>>(4));
    is_constant(counted<threads, mesh<replicas, pipeline<2, zb_h1>>>(4));
    is_constant(counted<threads, mesh<replicas, tensor_parallel<2>>>(4));
}

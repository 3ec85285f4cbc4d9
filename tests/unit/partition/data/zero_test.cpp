// SPDX-License-Identifier: BSL-1.0
/// @file
/// The published memory of ZeRO, from plans: bytes a parameter of parameters, gradients and optimizer state. That plans are what a run
/// touches is unit/train/mesh_memory_zero_test.cpp.
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/mesh.hpp>

using namespace espalier;

namespace {
/// Every tensor is a multiple of 4 · 4,096 elements, so that 2 and 4 replicas have equal shards, cut where blocks of 4,096 begin.
using divisible = model<sequence<linear<4, 16384>, relu, linear<16384, 16384>>, mean_squared_error, adamw>;
constexpr std::int64_t parameters = 4 * 16384 + 16384 + 16384 * 16384 + 16384;
static_assert(network<divisible::network_type>::tensors.elements == parameters);

std::int64_t bytes(auto const& plan, region_kind kind) { return plan.memory.bytes_of(kind); }

/// The bytes that the formulas count, less those of the tails behind gradients.
std::int64_t state_bytes(auto const& plan, std::int64_t tails) {
    return bytes(plan, region_kind::parameters) + bytes(plan, region_kind::optimizer_state) + bytes(plan, region_kind::gradients) -
           tails * gradient_tail_elements * 4;
}
template <class P, int N>
auto plan_of(int rank) {
    return P::template plan<divisible>(N, rank);
}

/// With as many ranks as lanes and one micro-batch.
template <int N>
void holds_the_formulas() {
    for (int rank = 0; rank < N; ++rank) {
        INFO("rank " << rank << " of " << N);
        bool const last = rank == N - 1;
        CHECK(state_bytes(plan_of<data_parallel<lanes<N>, samples<2>>, N>(rank), 1) == 16 * parameters);
        CHECK(state_bytes(plan_of<data_parallel<lanes<N>, samples<2>, buckets<2>>, N>(rank), 1) == 16 * parameters);
        CHECK(state_bytes(plan_of<data_parallel<lanes<N>, samples<2>, zero<1>>, N>(rank), 1) == (8 * N + 8) * parameters / N);
        CHECK(state_bytes(plan_of<data_parallel<lanes<N>, samples<2>, zero<2>, buckets<2>>, N>(rank), last ? 1 : 0) == (4 * N + 12) * parameters / N);
        CHECK(state_bytes(plan_of<data_parallel<lanes<N>, samples<2>, zero<3>, buckets<2>>, N>(rank), last ? 1 : 0) == 16 * parameters / N);
    }
}
constexpr std::int64_t largest_bucket = 16384 * 16384 + 16384, other_bucket = 5 * 16384;
static_assert(largest_bucket + other_bucket == parameters);
}  // namespace

TEST_CASE("with a rank a lane and one micro-batch, ZeRO's formulas hold exactly: 16, 8 + 8/N, 4 + 12/N and 16/N bytes a parameter") {
    holds_the_formulas<1>();
    holds_the_formulas<2>();
    holds_the_formulas<4>();
}

TEST_CASE("what ZeRO needs beyond the formulas stands in lines of its own: two buckets of gradients, and one of parameters that were gathered") {
    auto const two = plan_of<data_parallel<lanes<4>, samples<2>, zero<2>, buckets<2>>, 4>(1);
    CHECK(bytes(two, region_kind::bucket) == 4 * (other_bucket + largest_bucket + gradient_tail_elements));  // one is reduced, one filled
    CHECK(bytes(two, region_kind::gathered) == 0);
    auto const three = plan_of<data_parallel<lanes<4>, samples<2>, zero<3>, buckets<2>>, 4>(1);
    CHECK(bytes(three, region_kind::bucket) == 4 * (other_bucket + largest_bucket + gradient_tail_elements));
    CHECK(bytes(three, region_kind::gathered) == 4 * largest_bucket);
    for (auto k : {region_kind::bucket, region_kind::gathered, region_kind::received})
        CHECK(bytes(plan_of<data_parallel<lanes<4>, samples<2>, zero<1>>, 4>(1), k) == 0);
}

TEST_CASE("with several micro-batches, or one bucket, a rank keeps the whole gradient of a lane under ZeRO-2 and 3") {
    auto const gradients = [](auto const& plan) { return bytes(plan, region_kind::gradients); };
    std::int64_t const whole = 4 * (parameters + gradient_tail_elements);
    CHECK(gradients(plan_of<data_parallel<lanes<4>, micro_batches<2>, samples<2>, zero<2>, buckets<2>>, 4>(0)) == whole);
    CHECK(gradients(plan_of<data_parallel<lanes<4>, samples<2>, zero<2>>, 4>(0)) == whole);
    CHECK(gradients(plan_of<data_parallel<lanes<4>, micro_batches<2>, samples<2>, zero<3>, buckets<2>>, 4>(0)) == whole);
    CHECK(gradients(plan_of<data_parallel<lanes<8>, samples<2>, zero<2>, buckets<2>>, 4>(0)) == 2 * whole);  // two lanes: 1 + log2 2 buffers
}

TEST_CASE("in a pipeline the formulas hold for the parameters of a stage") {
    using P = mesh<data_parallel<lanes<2>, samples<2>, zero<3>>, pipeline<2, one_f_one_b, cut_at<2>>>;
    for (int rank = 0; rank < 4; ++rank) {
        auto const plan              = P::plan<divisible>(4, rank);
        std::int64_t const of_stage = rank % 2 == 0 ? 5 * 16384 : largest_bucket;
        CHECK(bytes(plan, region_kind::parameters) == 4 * of_stage / 2);
        CHECK(bytes(plan, region_kind::optimizer_state) == 8 * of_stage / 2);
        CHECK(bytes(plan, region_kind::gathered) == 4 * of_stage);
        CHECK(bytes(plan, region_kind::gradients) == 4 * (of_stage + (rank % 2 == 0 ? 0 : gradient_tail_elements)));
    }
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Gloo's all-reduces between threads of one process, over TCP on the loopback interface: the only way that Gloo has on a CPU
/// without InfiniBand. Where ESPALIER_USE_GLOO is not defined it offers no way, and says so.
#pragma once

#include "comm/rounds.hpp"

#include <memory>
#include <vector>

#if defined(ESPALIER_USE_GLOO)

#    include <gloo/allreduce.h>
#    include <gloo/allreduce_halving_doubling.h>
#    include <gloo/allreduce_ring_chunked.h>
#    include <gloo/rendezvous/context.h>
#    include <gloo/rendezvous/hash_store.h>
#    include <gloo/transport/tcp/device.h>

namespace bench {

inline constexpr bool has_gloo = true;

/// What the ranks of one process find each other by.
using gloo_store = gloo::rendezvous::HashStore;

/// One rank's connections to all others.
class gloo_rank {
public:
    /// @par Ranks     collective over the ranks that use `store`
    gloo_rank(gloo_store& store, int rank, int ranks) : ranks_{std::make_shared<gloo::rendezvous::Context>(rank, ranks)} {
        gloo::transport::tcp::attr loopback;
        loopback.iface = "lo";
        auto device    = gloo::transport::tcp::CreateDevice(loopback);
        ranks_->connectFullMesh(store, device);
    }

    /// The sum of all ranks' `n` elements at `data`, in place, in each way that Gloo has; valid while this object lives. Without
    /// the ring of `AllreduceOptions` above two ranks, where it was seen to stall for seconds, and without busy polling, which
    /// needs a core for each rank and one for each rank's own thread of Gloo's.
    /// @par Ranks     collective: all ranks ask for the same sizes in the same order
    [[nodiscard]] std::vector<way> sums(float* data, std::int64_t n) const {
        std::vector<way> ways;
        auto const by_options = [&](char const* name, gloo::AllreduceOptions::Algorithm algorithm) {
            auto const options = std::make_shared<gloo::AllreduceOptions>(ranks_);
            options->setAlgorithm(algorithm);
            options->setOutput(data, static_cast<std::size_t>(n));
            options->setReduceFunction(static_cast<void (*)(void*, void const*, void const*, std::size_t)>(&gloo::sum<float>));
            ways.push_back({name, [options] { gloo::allreduce(*options); }});
        };
        auto const by_class = [&](char const* name, auto algorithm) {
            ways.push_back({name, [algorithm] { algorithm->run(); }});
        };
        std::vector<float*> const arrays{data};
        int const count = static_cast<int>(n);
        if (ranks_->size == 2) by_options("ring", gloo::AllreduceOptions::Algorithm::RING);
        by_options("bcube", gloo::AllreduceOptions::Algorithm::BCUBE);
        by_class("halving-doubling", std::make_shared<gloo::AllreduceHalvingDoubling<float>>(ranks_, arrays, count));
        by_class("chunked ring", std::make_shared<gloo::AllreduceRingChunked<float>>(ranks_, arrays, count));
        return ways;
    }

private:
    std::shared_ptr<gloo::rendezvous::Context> ranks_;
};

} // namespace bench

#else

namespace bench {

inline constexpr bool has_gloo = false;

struct gloo_store {};

class gloo_rank {
public:
    gloo_rank(gloo_store&, int, int) {}
    [[nodiscard]] std::vector<way> sums(float*, std::int64_t) const { return {}; }
};

} // namespace bench

#endif

// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --microseconds 1 --most-bytes 65536
// The all-reduce of `mpi` from 4 bytes to 64 MB, in memory of the communicator's own and in any memory, in turns with
// MPI_Allreduce.
#include "comm/sums.hpp"

#include <espalier/comm/mpi.hpp>

#include <cstring>
#include <optional>
#include <string>

using namespace espalier;

/// What a rank sums in: memory that the communicator gave, and memory that it did not.
struct memory {
    float* own;
    float* other;
    float* result; ///< of MPI_Allreduce where it is not in place
};

/// MPI_Allreduce itself, in place and not.
static std::vector<bench::way> raw_ways(memory const& m, std::int64_t n) {
    int const count = static_cast<int>(n);
    return {{"in place", [=] { MPI_Allreduce(MPI_IN_PLACE, m.other, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD); }},
            {"out of place", [=] { MPI_Allreduce(m.other, m.result, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD); }}};
}

/// One size: each way once for its sum, then all in turns.
static bool measure(mpi& world, memory const& m, std::int64_t bytes, std::optional<bench::report>& out,
                    bench::sum_options const& o) {
    std::int64_t const n = bytes / 4;
    lane_range const lane{world.rank(), world.rank() + 1};
    summand<float> const inside{lane, m.own}, outside{lane, m.other};
    auto ways             = bench::own_ways(world, inside, n);
    auto const copied     = bench::own_ways(world, outside, n);
    std::size_t const own = ways.size();
    ways.insert(ways.end(), copied.begin(), copied.end());
    std::size_t const raw = ways.size();
    for (auto& w : raw_ways(m, n)) ways.push_back(std::move(w));

    bool right = true;
    for (std::size_t i = 0; i < ways.size(); ++i)
        right = bench::gives_the_sum(world, ways[i], i < own ? m.own : m.other,
                                     i < own        ? m.own
                                     : i == raw + 1 ? m.result
                                                    : m.other,
                                     n) &&
                right;
    bench::make_zero(world, m.own, n);
    bench::make_zero(world, m.other, n);
    bench::rounds const times{world, ways, o.turns, o.budget_seconds};
    if (!out) return right;

    std::size_t const best = times.seconds(raw) <= times.seconds(raw + 1) ? raw : raw + 1;
    bench::report::row row{{"ranks", world.size()}, {"bytes", bytes}};
    for (std::size_t i = 0; i < own; ++i) bench::add_figures(row, ways[i].name, times.seconds(i), bytes, world.size());
    row["MPI us"] = times.seconds(best) * 1e6;
    row["MPI's"]  = ways[best].name;
    for (std::size_t i = 0; i < own; ++i) row["MPI / " + ways[i].name] = times.speed(i, best);
    for (std::size_t i = own; i < raw; ++i) {
        row["outside: " + ways[i].name + " us"] = times.seconds(i) * 1e6;
        row["MPI / outside: " + ways[i].name]   = times.speed(i, best);
    }
    row["sum"] = right ? "right" : "WRONG";
    out->add(row);
    return right;
}

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "All-reduce of `mpi`, floats, in place, beside MPI_Allreduce, in place or not, whichever is faster. "
                          "Run it under mpirun -n N.\n"
                          "The operands lie in memory of the communicator's allocate(); \"outside\" in other memory, so that the "
                          "time includes a copy.\n"
                          "Times are the slowest rank's; algbw and busbw in GB/s as in nccl-tests, for two ranks the same. `a / "
                          "b` is the time of a over\n"
                          "the time of b.\n" +
                              std::string{bench::sum_options::usage}};
    bool const json = args.flag("--json");
    bench::sum_options const o{args};
    args.finish();
    bool right = true;
    mpi::launch([&](mpi& world) {
        std::optional<bench::report> out;
        if (world.rank() == 0) out.emplace(args.command(), json);
        if (out) bench::tell_if_cores_are_shared(world.size());
        std::int64_t const most = bench::bytes_of_sums.back();
        auto own                = world.allocate(static_cast<std::size_t>(most));
        buffer<float> other{most / 4}, result{most / 4};
        memory const m{reinterpret_cast<float*>(own.data()), other.data(), result.data()};
        for (auto const bytes : bench::bytes_of_sums)
            if (o.wants(bytes) && !measure(world, m, bytes, out, o)) right = false;
    });
    return right ? 0 : 1;
}

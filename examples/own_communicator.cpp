// SPDX-License-Identifier: BSL-1.0
// A communicator of one's own, from nothing: ranks are threads around a table that show each other pointers.
//
//     examples/run own_communicator
//
// It trains over it on one, two and three ranks, prints the hash of the weights of each, and returns 1 unless all are those of `threads`.
//
// test:
#include "support/round_table.hpp"

#include <espalier/espalier.hpp>

#include <iostream>
#include <string>
#include <vector>

using namespace espalier;

using learned = model<sequence<linear<4, 16>, relu, linear<16, 1>>, mean_squared_error, adamw>;
template <class C>
using trainer_on = trainer<learned, data_parallel<lanes<4>, samples<8>>, C, checkpoint::none>;

/// What training asks for is here: the core, an ordered and a plain all-reduce, broadcast, launch.
static_assert(Communicator<round_table> && Launchable<round_table> && SupportsOrderedAllReduce<round_table, float>);
static_assert(SupportsAllReduce<round_table, double, sum> && SupportsBroadcast<round_table, std::int64_t>);

template <class C>
std::string weights_after_30_steps(int ranks) {
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
        if (world.rank() == 0) hash = checkpoint::weights_hash(t.weights());
    });
    return hash;
}

int main() {
    std::string const expected = weights_after_30_steps<threads>(2);
    std::cout << "threads, 2 ranks:     weights xxh128 " << expected << '\n';
    bool right = expected.size() == 32;
    for (int ranks = 1; ranks <= 3; ++ranks) {
        std::string const hash = weights_after_30_steps<round_table>(ranks);
        std::cout << "round_table, " << ranks << " ranks: weights xxh128 " << hash << '\n';
        right = right && hash == expected;
    }
    return right ? 0 : 1;
}

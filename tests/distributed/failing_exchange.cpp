// SPDX-License-Identifier: BSL-1.0
// Ranks that share layers over processes, of which one throws in the middle of exchanges.
#include "distributed/failing_exchange.hpp"
#include "support/exchanging_layer.hpp"

#include <espalier/espalier.hpp>

#include <optional>
#include <stdexcept>
#include <vector>

using namespace espalier;
using espalier_test::exchange_place;

namespace {

/// At the third time at its place, on the rank that has one.
struct falls_over {
    inline static std::optional<exchange_place> place;
    inline static int times = 0;
    static void at(exchange_place here) {
        if (here == place && ++times == 3) throw std::runtime_error{"the layer fell over"};
    }
};
using network_type = sequence<linear<4, 8>, relu, linear<8, 8>, espalier_test::exchanging_layer<falls_over>, linear<8, 1>>;

}  // namespace

bool throws_in_an_exchange(mpi& world, std::string const& how) {
    std::optional<exchange_place> place;
    if (how == "throws between two exchanges") place = exchange_place::between_two;
    else if (how == "throws with an exchange under way") place = exchange_place::with_one_posted;
    else if (how == "throws with an exchange under way on the way back") place = exchange_place::with_one_posted_on_the_way_back;
    else return false;
    if (world.rank() == 1) falls_over::place = place;
    using partition = mesh<data_parallel<lanes<4>, samples<2>>, tensor_parallel<2>>;
    in_memory<float> const data{dims(4), dims(1), std::vector<float>(4 * 48, 0.5f), std::vector<float>(48, 1.0f)};
    trainer<model<network_type, mean_squared_error, adamw>, partition, mpi, checkpoint::none> t{world, {.seed = 1}};
    t.fit(data, {.epochs = 100});
    return true;
}

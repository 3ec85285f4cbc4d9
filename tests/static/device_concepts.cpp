// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concept of devices: types that satisfy it, and for each requirement one that misses only that; and what `within` makes of them.
#include <espalier/nn/linear.hpp>
#include <espalier/optim/sgd.hpp>
#include <espalier/partition/concepts.hpp>
#include <espalier/partition/device.hpp>
#include <espalier/partition/mesh.hpp>

#include <string>

namespace {

using namespace espalier;
using small = model<linear<3, 2>, mean_squared_error, sgd>;

static_assert(MemoryDevice<devices::a100_40gb> && MemoryDevice<devices::a100_80gb> && MemoryDevice<devices::h100_80gb> &&
              MemoryDevice<devices::h200_141gb> && MemoryDevice<devices::l4_24gb>);
static_assert(!MemoryDevice<int> && !MemoryDevice<void> && !MemoryDevice<data_parallel<samples<4>>>);

/// Everything that the concept asks for, and nothing else. Near misses hide one member by one of another form.
struct card {
    static constexpr char const* name = "a card";
    static constexpr int bytes        = 1'000;
};
static_assert(MemoryDevice<card>);

struct has_no_name : card {
private:
    using card::name;
};
static_assert(!MemoryDevice<has_no_name>);

struct is_named_by_a_number : card {
    static constexpr int name = 80;
};
static_assert(!MemoryDevice<is_named_by_a_number>);

struct has_no_bytes : card {
private:
    using card::bytes;
};
static_assert(!MemoryDevice<has_no_bytes>);

struct counts_in_fractions : card {
    static constexpr double bytes = 24e9;
};
static_assert(!MemoryDevice<counts_in_fractions>);

struct has_nothing : card {
    static constexpr int bytes = 0;
};
static_assert(!MemoryDevice<has_nothing>);

struct owes_memory : card {
    static constexpr int bytes = -1;
};
static_assert(!MemoryDevice<owes_memory>);

struct knows_its_bytes_later : card {
    inline static std::int64_t bytes = 1'000;
};
static_assert(!MemoryDevice<knows_its_bytes_later>);

struct differs_from_object_to_object : card {
    std::int64_t bytes = 1'000;
};
static_assert(!MemoryDevice<differs_from_object_to_object>);

static_assert(Partition<within<card, data_parallel<lanes<2>, samples<4>>>, small> &&
              Partition<within<card, mesh<data_parallel<lanes<2>, samples<4>>, pipeline<2>>, at_least_ranks<4>>, small>);
static_assert(!Partition<within<card, data_parallel<samples<4>>>, int>);

// What names its device wrongly is still a partition, so that the trainer's one line is the only one.
template <class P>
concept IsRefused = !std::is_void_v<typename P::refusal> && std::is_void_v<typename device_of<P>::type> && Partition<P, small>;
static_assert(!IsRefused<within<card, data_parallel<lanes<2>, samples<4>>, at_least_ranks<2>>>);
static_assert(IsRefused<within<has_nothing, data_parallel<lanes<2>, samples<4>>>> && IsRefused<within<data_parallel<samples<4>>, card>>);
static_assert(IsRefused<within<card, int>> && IsRefused<within<card, pipeline<2>>> && IsRefused<within<card, within<card, data_parallel<samples<4>>>>>);
static_assert(IsRefused<within<card, data_parallel<lanes<2>, samples<4>>, at_least_ranks<0>>> && IsRefused<within<card, data_parallel<lanes<2>, samples<4>>, at_least_ranks<3>>> &&
              IsRefused<within<card, data_parallel<lanes<2>, samples<4>>, lanes<2>>>);

}  // namespace

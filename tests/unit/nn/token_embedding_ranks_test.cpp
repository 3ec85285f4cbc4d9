// SPDX-License-Identifier: BSL-1.0
// The embedding of tokens cut by vocabulary over ranks that are threads, with the sum over slices between them.
#include "support/catch.hpp"
#include "support/tensor_ranks.hpp"

#include "unit/nn/forward.hpp"
#include "unit/nn/passes.hpp"

#include <espalier/nn/cut_layer.hpp>
#include <espalier/nn/token_embedding_slice.hpp>

#include <algorithm>
#include <vector>

using namespace espalier;
using espalier_test::both_passes;
using espalier_test::drawn;
using espalier_test::on_tensor_ranks;

namespace {

constexpr int vocabulary = 29, steps = 8, hidden = 4, segments = 2, slices = 4;  // 8 words a slice, of which the last has 5
constexpr std::int64_t batch = 3, rows = steps * batch, words = 8;
using whole                  = token_embedding<vocabulary, steps, hidden, segments>;

/// The three tables one after the other, and where each begins; the words' has rows for all slices.
constexpr std::int64_t table_at[] = {0, slices * words * hidden, (slices * words + segments) * hidden};
constexpr std::int64_t in_all     = table_at[2] + steps * hidden;

std::vector<float> tokens() {
    std::vector<float> x;
    for (int r = 0; r < rows; ++r)
        for (int const n : {r * 17 % vocabulary, r * r % segments, 1}) x.push_back(static_cast<float>(n));
    return x;
}

/// What a run leaves, put together from all ranks.
struct outcome {
    std::vector<float> y, gradients;
    bool operator==(outcome const&) const = default;
};

/// One rank's forward and backward. Parameter i is copied from the tables at `in_tables_at(i)`, and its gradient to the same place.
template <class Layer, class Place>
outcome both(std::vector<float> const& tables, std::vector<float> const& dy, tensor_exchange<float>* exchange, Place in_tables_at) {
    shape const in    = whole::input();
    auto const list   = Layer::parameters(in);
    auto const places = chain<type_list<Layer>>::places(in, batch);
    auto const each   = [&](auto copy) {
        for (int i = 0; i < list.count; ++i) copy(list.item[i].extents.elements(), in_tables_at(i), places.item[0].offset[i]);
    };
    std::vector<float> weights(static_cast<std::size_t>(places.parameter_elements));
    each([&](std::int64_t n, std::int64_t from, std::int64_t to) { std::copy_n(tables.begin() + from, n, weights.begin() + to); });
    auto const made = both_passes<type_list<Layer>>(in, batch, weights, tokens(), dy, exchange, false);
    outcome o{made.y, std::vector<float>(tables.size(), 0.0f)};
    each([&](std::int64_t n, std::int64_t to, std::int64_t from) { std::copy_n(made.gradients.begin() + from, n, o.gradients.begin() + to); });
    return o;
}
outcome uncut(std::vector<float> const& tables, std::vector<float> const& dy) {
    return both<whole>(tables, dy, nullptr, [](int i) { return table_at[i]; });
}

template <int Ranks, bool CutsSteps>
outcome on_all_ranks(std::vector<float> const& tables, std::vector<float> const& dy) {
    using cut   = cut_over<Ranks, slices, CutsSteps>;
    using layer = cut_layer<whole::sharded<slices>, cut, entry::whole, CutsSteps ? exit_of_slices::sum_to_steps : exit_of_slices::sum>;
    constexpr int own              = cut::value.own_slices();
    constexpr std::int64_t of_rank = own * words * hidden;
    auto const ranks               = on_tensor_ranks<float>(cut::value, [&](auto& exchange) {
        std::int64_t const n = rows * hidden / (CutsSteps ? Ranks : 1), first = CutsSteps ? exchange.rank() * n : 0;
        return both<layer>(tables, {dy.begin() + first, dy.begin() + first + n}, &exchange,
                           [&](int i) { return i < own ? exchange.rank() * of_rank + i * words * hidden : table_at[i - own + 1]; });
    });
    outcome together = ranks[0];
    for (int r = 1; r < Ranks; ++r) {
        auto const& [y, gradients] = ranks[static_cast<std::size_t>(r)];
        if (CutsSteps) together.y.insert(together.y.end(), y.begin(), y.end());
        else CHECK(y == together.y);
        std::copy_n(gradients.begin() + r * of_rank, of_rank, together.gradients.begin() + r * of_rank);
        CHECK(std::equal(gradients.begin() + table_at[1], gradients.end(), together.gradients.begin() + table_at[1]));  // every rank has all of these
    }
    return together;
}

template <bool CutsSteps>
void same_on_ranks() {
    auto const tables = drawn<float>(in_all, 1), dy = drawn<float>(rows * hidden, 2);
    auto const expected = uncut(tables, dy), one = on_all_ranks<1, CutsSteps>(tables, dy);
    CHECK(one.y == expected.y);
    CHECK(std::equal(one.gradients.begin(), one.gradients.begin() + table_at[1], expected.gradients.begin()));
    for (std::size_t i = 0; i < one.gradients.size(); ++i) CHECK(one.gradients[i] == Approx(expected.gradients[i]).margin(1e-5));
    CHECK(on_all_ranks<2, CutsSteps>(tables, dy) == one);
    CHECK(on_all_ranks<4, CutsSteps>(tables, dy) == one);
}

}  // namespace

TEST_CASE("an embedding cut by vocabulary is the same on 1, 2 and 4 ranks to the bit, and gives what the whole one gives") { same_on_ranks<false>(); }

TEST_CASE("and so it is where each rank has its steps of what it gives") { same_on_ranks<true>(); }

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/partition/small_lstm_model.hpp"

#include <espalier/optim/sgd.hpp>
#include <espalier/partition/plan/memory.hpp>


using namespace espalier;
using espalier_test::tiny_model;
using espalier_test::tiny_network;

TEST_CASE("the regions of a rank have the bytes that a count by hand gives") {
    constexpr auto plan = memory_of<tiny_model<>>(5, 2);
    STATIC_REQUIRE(plan.element_bytes == 4);
    CHECK(plan.bytes_of(region_kind::parameters) == 640);       // 160 elements
    CHECK(plan.bytes_of(region_kind::optimizer_state) == 1280);  // two moments
    CHECK(plan.bytes_of(region_kind::gradients) == 1408);       // two buffers of 160 + 16 for loss and weight
    CHECK(plan.bytes_of(region_kind::input) == 128);            // 3 · 5 · 2 = 30
    CHECK(plan.bytes_of(region_kind::target) == 64);            // 5
    // lstm: hidden 3 · 5 · 4 = 60 → 64, gates and cells 5 · 60 = 300 → 304; last_step: 5 · 4 = 20 → 32; linear: 5 → 16
    CHECK(plan.bytes_of(region_kind::activations) == 4 * (64 + 304 + 32 + 16));
    CHECK(plan.bytes_of(region_kind::signals) == 4 * (64 + 32));  // in turn: linear's 16, last_step's 32, lstm's 64
    CHECK(plan.bytes_of(region_kind::scratch) == 4 * 64);         // two states of 20 and a bias gradient of 16: 56
    CHECK(plan.bytes() == 5824);
}

TEST_CASE("regions follow one another without holes, each at a multiple of 64 bytes") {
    for (std::int64_t batch : {1, 3, 5, 32})
        for (int buffers : {1, 2, 4}) {
            auto const plan   = memory_of<tiny_model<>>(batch, buffers);
            std::int64_t next = 0;
            for (int i = 0; i < memory_plan::regions; ++i) {
                auto const& region = plan.item[i];
                CHECK(static_cast<int>(region.kind) == i);
                CHECK(region.first == next);
                CHECK(region.first * plan.element_bytes % 64 == 0);
                next += region.elements;
            }
            CHECK(plan.elements == next);
        }
}

TEST_CASE("in double precision everything takes twice the bytes") {
    CHECK(memory_of<tiny_model<fp64>>(5, 2).bytes() == 2 * memory_of<tiny_model<>>(5, 2).bytes());
}

TEST_CASE("another gradient buffer costs a gradient a parameter and its tail, another batch only what belongs to samples") {
    auto const one = memory_of<tiny_model<>>(5, 1), two = memory_of<tiny_model<>>(5, 2), wide = memory_of<tiny_model<>>(50, 1);
    CHECK(two.bytes() - one.bytes() == 4 * 176);
    CHECK(gradient_elements<tiny_model<>> == 176);
    for (int i = 0; i <= static_cast<int>(region_kind::gradients); ++i) CHECK(two.item[i].first == one.item[i].first);  // what lies behind them is empty here
    for (auto kind : {region_kind::parameters, region_kind::optimizer_state, region_kind::gradients})
        CHECK(wide.bytes_of(kind) == one.bytes_of(kind));
    CHECK(wide.bytes_of(region_kind::input) == 4 * 304);  // 300 elements
}

TEST_CASE("each slot costs an input and a target, and nothing else") {
    auto const one = memory_of<tiny_model<>>(5, 2, 1), three = memory_of<tiny_model<>>(5, 2, 3);
    for (int i = 0; i < memory_plan::regions; ++i) {
        auto const kind   = static_cast<region_kind>(i);
        bool const slotted = kind == region_kind::input || kind == region_kind::target;
        CHECK(three.bytes_of(kind) == (slotted ? 3 : 1) * one.bytes_of(kind));
    }
    CHECK(three.bytes() == one.bytes() + 2 * (128 + 64));
}

TEST_CASE("an optimizer with one array of state takes one") {
    using with_sgd = model<tiny_network, mean_squared_error, sgd>;
    CHECK(memory_of<with_sgd>(5, 1).bytes_of(region_kind::optimizer_state) == 640);
}

TEST_CASE("every kind of memory has a name of its own") {
    for (int i = 0; i < memory_plan::regions; ++i)
        for (int k = 0; k < i; ++k) CHECK(name_of(static_cast<region_kind>(i)) != name_of(static_cast<region_kind>(k)));
    CHECK(name_of(region_kind::optimizer_state) == "optimizer state");
    CHECK(name_of(region_kind::scratch) == "scratch");
}

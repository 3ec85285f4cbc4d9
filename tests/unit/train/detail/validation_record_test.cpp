// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/train/detail/validation_record.hpp>

#include <limits>
#include <map>
#include <string>
#include <vector>

using namespace espalier;
using detail::validation_record;
using facts = std::map<std::string, std::string>;

namespace {
/// The record after these losses, one an epoch of ten steps.
constexpr validation_record after(std::initializer_list<double> losses, double min_delta = 0) {
    validation_record r{.samples = 5};
    std::int64_t step = 0;
    for (double const loss : losses) r.note(step += 10, loss, min_delta);
    return r;
}
}  // namespace

TEST_CASE("the best loss is the lowest, the first of equal ones, and epochs since are counted") {
    STATIC_REQUIRE(after({}) == validation_record{5, 0, 0, 0});
    STATIC_REQUIRE(after({3}) == validation_record{5, 10, 3, 0});
    STATIC_REQUIRE(after({3, 2, 2, 4}) == validation_record{5, 20, 2, 2});
    STATIC_REQUIRE(after({3, 2, 4, 1}) == validation_record{5, 40, 1, 0});
    STATIC_REQUIRE(after({-1, -2}) == validation_record{5, 20, -2, 0});
}

TEST_CASE("with a min_delta a loss must be lower by more than that; many small steps together are enough") {
    STATIC_REQUIRE(after({3, 2.5}, 0.5) == validation_record{5, 10, 3, 1});
    STATIC_REQUIRE(after({3, 2.75, 2.25}, 0.5) == validation_record{5, 30, 2.25, 0});
}

TEST_CASE("it is over after as many epochs without improvement as patience says, and never with none") {
    STATIC_REQUIRE(!after({1, 2}).is_over(2));
    STATIC_REQUIRE(after({1, 2, 2}).is_over(2));
    STATIC_REQUIRE(after({1, 2, 2}).is_over(1));
    STATIC_REQUIRE(!after({1, 2, 2, 2, 2, 2}).is_over(0));
    STATIC_REQUIRE(!after({}).is_over(1));
}

TEST_CASE("facts carry a record there and back with every bit of the loss") {
    for (double const loss : {0.1, -0.1, 1.0 / 3, 0.0, -0.0, 5e-324, std::numeric_limits<double>::max(), 123456789.125}) {
        validation_record const r{37, 18, loss, 2};
        facts run{{"seed", "7"}};
        detail::add_facts(r, run);
        CHECK(run.size() == 5);
        auto const back = detail::validations_in(run);
        CHECK(back == r);
        CHECK(std::signbit(back.best_loss) == std::signbit(loss));
    }
}

TEST_CASE("the loss is written as C's %a, Python's float.hex and C++'s hexfloat read it") {
    CHECK(detail::to_hex(0.1) == "0x1.999999999999ap-4");  // Python: (0.1).hex()
    CHECK(detail::to_hex(-0.75) == "-0x1.8p-1");
}

TEST_CASE("a run without validation adds no facts, and none are found") {
    facts run{{"seed", "7"}};
    detail::add_facts({}, run);
    CHECK(run == facts{{"seed", "7"}});
    CHECK(detail::validations_in(run) == validation_record{});
}

TEST_CASE("facts that are no numbers are refused by name, and shown on one line") {
    facts const good{{"validation_samples", "5"}, {"best_step", "10"}, {"best_validation_loss", "0x1p-1"}, {"epochs_waited", "0"}};
    CHECK(detail::validations_in(good) == validation_record{5, 10, 0.5, 0});
    auto const with = [&](char const* key, char const* text) {
        facts run = good;
        run[key]  = text;
        return detail::validations_in(run);
    };
    CHECK_THROWS_WITH(with("best_step", "1\n0"), "espalier: trainer: requires a number as the checkpoint's best_step; got \"1\\x0a0\". Resume from "
                                                 "another checkpoint, or start over (start_over(), --fresh). See docs/policies/checkpoint.md.");
    for (char const* text : {"", "-", "0x", "-0x", "0xg", "0x1p-1 ", "half"})
        CHECK_THROWS_AS(with("best_validation_loss", text), checkpoint::bad_checkpoint);
    facts lost = good;
    lost.erase("epochs_waited");
    CHECK_THROWS_WITH(detail::validations_in(lost), Catch::Matchers::ContainsSubstring("the checkpoint's epochs_waited; got \"nothing\"."));
}

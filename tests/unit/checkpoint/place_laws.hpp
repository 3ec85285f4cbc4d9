// SPDX-License-Identifier: BSL-1.0
/// @file
/// What every checkpoint place that keeps something must do, as functions that a test of the place calls.
/// Whether steps outlive the process, and what survives a failure, is for the place's own tests.
#pragma once

#include "support/catch.hpp"
#include "unit/checkpoint/raw_bytes.hpp"

#include <espalier/checkpoint/concepts.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace espalier_test {

/// Runs every law on places that `make` gives, each empty and with room for at least two steps.
template <class Make>
void check_place_laws(Make make) {
    using place = decltype(make());
    using steps = std::vector<std::int64_t>;
    static_assert(espalier::checkpoint::CheckpointPlace<place> && place::keeps);
    auto const text = [](std::string_view t) { return bytes_of_text(t); };

    SECTION("a step is invisible until it is committed") {
        place p = make();
        p.put(5, "a", text("one"));
        CHECK(p.list().empty());
        CHECK_THROWS_AS(p.get(5, "a"), espalier::checkpoint::bad_checkpoint);
        p.commit(5);
        CHECK(p.list() == steps{5});
        CHECK(p.get(5, "a") == text("one"));
    }
    SECTION("copies are the same place") {
        place a = make();
        place b = a;
        a.put(1, "from a", text("A"));
        b.put(1, "from b", text("B"));
        a.commit(1);
        CHECK(b.list() == steps{1});
        CHECK(b.get(1, "from a") == text("A"));
        CHECK(a.get(1, "from b") == text("B"));
        b.remove(1);
        CHECK(a.list().empty());
    }
    SECTION("what was put is a copy") {
        place p    = make();
        auto bytes = text("before");
        p.put(1, "a", bytes);
        bytes = text("after!");
        p.commit(1);
        CHECK(p.get(1, "a") == text("before"));
    }
    SECTION("of a part that is put twice the later bytes are held") {
        place p = make();
        p.put(1, "a", text("first, and longer"));
        p.put(1, "a", text("second"));
        p.commit(1);
        CHECK(p.get(1, "a") == text("second"));
    }
    SECTION("a range is the bytes of the part, at either end and of any length") {
        place p          = make();
        auto const whole = text("0123456789");
        p.put(1, "a", whole);
        p.put(1, "empty", {});
        p.commit(1);
        for (std::size_t first = 0; first <= whole.size(); ++first)
            for (std::size_t count = 0; count <= whole.size() - first; ++count)
                CHECK(p.get(1, "a", first, count) == text(std::string{"0123456789"}.substr(first, count)));
        CHECK(p.get(1, "empty").empty());
        CHECK(p.get(1, "empty", 0, 0).empty());
        CHECK_THROWS_AS(p.get(1, "a", 0, 11), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.get(1, "a", 11, 0), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.get(1, "a", 5, SIZE_MAX), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.get(1, "a", SIZE_MAX, 5), espalier::checkpoint::bad_checkpoint);
    }
    if constexpr (espalier::checkpoint::AcceptsPieces<place>) {
        SECTION("a part that is put in pieces is the pieces one after the other") {
            place p          = make();
            auto const whole = text("0123456789");
            std::span<std::byte const> const all{whole}, pieces[] = {all.first(3), all.first(0), all.subspan(3)};
            p.put_pieces(1, "a", pieces);
            p.put_pieces(1, "empty", {});
            p.commit(1);
            CHECK(p.get(1, "a") == whole);
            CHECK(p.get(1, "empty").empty());
        }
    }
    if constexpr (espalier::checkpoint::FillsMemory<place>) {
        SECTION("memory is filled with the range that a get gives") {
            place p = make();
            p.put(1, "a", text("0123456789"));
            p.commit(1);
            for (std::size_t first = 0; first <= 10; ++first)
                for (std::size_t count = 0; count <= 10 - first; ++count) {
                    std::vector<std::byte> into(count);
                    p.get_into(1, "a", first, into);
                    CHECK(into == p.get(1, "a", first, count));
                }
            std::vector<std::byte> into(11);
            CHECK_THROWS_AS(p.get_into(1, "a", 0, into), espalier::checkpoint::bad_checkpoint);
            CHECK_THROWS_AS(p.get_into(2, "a", 0, into), espalier::checkpoint::bad_checkpoint);
            CHECK_THROWS_AS(p.get_into(1, "b", 0, into), espalier::checkpoint::bad_checkpoint);
        }
    }
    SECTION("steps are listed rising, in whatever order they were committed") {
        place p = make();
        for (std::int64_t const step : {200, 30}) {
            p.put(step, "a", text("x"));
            p.commit(step);
        }
        CHECK(p.list() == steps{30, 200});
    }
    SECTION("a step committed again holds only what was put since") {
        place p = make();
        p.put(1, "old", text("old"));
        p.put(1, "both", text("old"));
        p.commit(1);
        p.put(1, "both", text("new"));
        CHECK(p.get(1, "both") == text("old"));
        p.commit(1);
        CHECK(p.list() == steps{1});
        CHECK(p.get(1, "both") == text("new"));
        CHECK_THROWS_AS(p.get(1, "old"), espalier::checkpoint::bad_checkpoint);
    }
    SECTION("parts that were discarded are forgotten, and the step can be put anew") {
        place p = make();
        p.put(5, "a", text("of a run that was killed"));
        p.put(5, "b", text("of a run that was killed"));
        p.discard(5);
        CHECK(p.list().empty());
        CHECK_THROWS_AS(p.commit(5), espalier::checkpoint::bad_checkpoint);
        p.put(5, "a", text("of the run after"));
        p.commit(5);
        CHECK(p.get(5, "a") == text("of the run after"));
        CHECK_THROWS_AS(p.get(5, "b"), espalier::checkpoint::bad_checkpoint);
    }
    SECTION("a committed step and the parts of other steps outlive a discard") {
        place p = make();
        p.put(5, "a", text("committed"));
        p.commit(5);
        p.put(5, "a", text("put again"));
        p.put(6, "a", text("of another step"));
        p.discard(5);
        CHECK(p.list() == steps{5});
        CHECK(p.get(5, "a") == text("committed"));
        p.commit(6);
        CHECK(p.list() == steps{5, 6});
        CHECK(p.get(6, "a") == text("of another step"));
    }
    SECTION("discarding nothing changes nothing") {
        place p = make();
        p.discard(5);
        CHECK(p.list().empty());
        p.put(5, "a", text("x"));
        p.commit(5);
        p.discard(5);
        p.discard(7);
        CHECK(p.list() == steps{5});
        CHECK(p.get(5, "a") == text("x"));
    }
    SECTION("a commit removes no step, however many the place is to keep") {
        place p        = make();
        int const many = [&p] {
            if constexpr (espalier::checkpoint::LimitsSteps<place>) {
                CHECK(p.keep() >= 1);
                CHECK(place{p}.keep() == p.keep());
                return p.keep() + 2;
            } else {
                return 5;
            }
        }();
        steps all;
        for (int step = 10; step < 10 + many; ++step) {
            p.put(step, "a", text("x"));
            p.commit(step);
            all.push_back(step);
            CHECK(p.list() == all);
        }
    }
    SECTION("unknown steps and names are errors") {
        place p = make();
        p.put(1, "a", text("x"));
        p.commit(1);
        CHECK_THROWS_AS(p.get(2, "a"), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.get(2, "a", 0, 0), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.get(1, "b"), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.get(1, ""), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.remove(2), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.commit(2), espalier::checkpoint::bad_checkpoint);
        CHECK(p.list() == steps{1});
    }
    SECTION("a step that was removed is gone, the others stay") {
        place p = make();
        for (std::int64_t const step : {1, 2}) {
            p.put(step, "a", text(step == 1 ? "one" : "two"));
            p.commit(step);
        }
        p.remove(1);
        CHECK(p.list() == steps{2});
        CHECK_THROWS_AS(p.get(1, "a"), espalier::checkpoint::bad_checkpoint);
        CHECK_THROWS_AS(p.remove(1), espalier::checkpoint::bad_checkpoint);
        CHECK(p.get(2, "a") == text("two"));
    }
    SECTION("ranks that are threads put their parts at the same time") {
        place p = make();
        for (int ranks : {1, 2, 3, 4}) {
            std::vector<std::thread> threads;
            for (int rank = 0; rank < ranks; ++rank)
                threads.emplace_back([mine = p, rank]() mutable {
                    for (int part = 0; part < 50; ++part)
                        mine.put(7, std::to_string(rank) + "-" + std::to_string(part), bytes_of_text(std::string(100, 'a')));
                });
            for (auto& t : threads) t.join();
            p.commit(7);
            for (int rank = 0; rank < ranks; ++rank)
                for (int part = 0; part < 50; ++part)
                    CHECK(p.get(7, std::to_string(rank) + "-" + std::to_string(part)).size() == 100);
        }
    }
    SECTION("reading goes on while another rank commits") {
        place p = make();
        p.put(1, "a", text("the first step"));
        p.commit(1);
        bool equal = true;
        std::thread reader{[mine = p, &equal] {
            for (int i = 0; i < 200; ++i) equal = equal && mine.get(1, "a") == bytes_of_text("the first step");
        }};
        for (int i = 0; i < 200; ++i) {
            p.put(2, "a", text("the second step"));
            p.commit(2);
        }
        reader.join();
        CHECK(equal);
        CHECK(p.list() == steps{1, 2});
    }
}

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of gather, scatter, all-gather from other memory and all-to-all: which element ends where, and what undoes what.
/// Broadcast and the all-gather in place are in move_test.cpp.
#include "conformance/communicator/findings.hpp"

using namespace laws;

namespace {

/// Runs law(T{}, memory, n) for types of 1, 8 and 12 bytes, memory of the communicator and other memory, and all sizes.
template <class C, class Law>
void for_types_places_and_sizes(C& world, Law const& law) {
    auto const of = [&](auto type) {
        for (bool are_allocated : {false, true}) {
            places<C> memory{world, are_allocated};
            for (auto n : few_sizes<decltype(type)>()) {
                memory.clear();
                law(type, memory, n);
            }
        }
    };
    of(std::byte{});
    of(double{});
    of(triple{});
}

struct part {
    part(std::vector<std::int64_t> const& borders, int r) : first{borders[static_cast<std::size_t>(r)]}, last{borders[static_cast<std::size_t>(r) + 1]} {}
    std::int64_t first, last;
};

/// What all ranks bring in parts: elements of each part are those of its rank.
template <class T>
field<T> by_parts(std::vector<std::int64_t> const& borders, int ranks) {
    field<T> all;
    for (int r = 0; r < ranks; ++r) {
        auto const p    = part{borders, r};
        auto const mine = drawn<T>(r, p.first, p.last);
        all.insert(all.end(), mine.begin(), mine.end());
    }
    return all;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("an all-gather from other memory gives every rank the parts of all", "[comm]", communicators) {
    if constexpr (SupportsAllGatherElsewhere<TestType, double>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for_types_places_and_sizes(world, [&](auto type, auto& memory, std::int64_t n) {
                using T            = decltype(type);
                auto const borders = uneven_borders(n, world.size());
                auto const mine    = part{borders, world.rank()};
                T* const in        = memory.template take<T>(drawn<T>(world.rank(), mine.first, mine.last));
                T* const out       = memory.template take<T>(n);
                world.all_gather(in, out, borders);
                wrong.same(out, by_parts<T>(borders, world.size()), "all_gather");
            });
        });
    }
}

TEMPLATE_LIST_TEST_CASE("a gather brings all parts to the root, and nothing to others", "[comm]", communicators) {
    if constexpr (SupportsGather<TestType, double>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for_types_places_and_sizes(world, [&](auto type, auto& memory, std::int64_t n) {
                using T            = decltype(type);
                int const root     = static_cast<int>(n % world.size());
                auto const borders = uneven_borders(n, world.size());
                auto const mine    = part{borders, world.rank()};
                auto const before  = drawn<T>(99, 0, n);
                T* const out       = memory.template take<T>(before);
                T* const in        = memory.template take<T>(drawn<T>(world.rank(), mine.first, mine.last));
                world.gather(in, out, borders, root);
                wrong.same(out, world.rank() == root ? by_parts<T>(borders, world.size()) : before, "gather to ", root);

                // In place: every rank's part lies where it belongs, and so does the root's.
                T* const whole = memory.template take<T>(drawn<T>(world.rank(), 0, n));
                world.gather(whole + mine.first, whole, borders, root);
                wrong.same(whole, world.rank() == root ? by_parts<T>(borders, world.size()) : drawn<T>(world.rank(), 0, n), "gather in place to ", root);
            });
        });
    }
}

TEMPLATE_LIST_TEST_CASE("a scatter gives each rank its part of what the root has, and a gather brings it back", "[comm]", communicators) {
    if constexpr (SupportsScatter<TestType, double>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for_types_places_and_sizes(world, [&](auto type, auto& memory, std::int64_t n) {
                using T            = decltype(type);
                int const root     = static_cast<int>((n + 1) % world.size());
                auto const borders = uneven_borders(n, world.size());
                auto const mine    = part{borders, world.rank()};
                bool const is_root = world.rank() == root;
                T* const in        = is_root ? memory.template take<T>(drawn<T>(root, 0, n)) : nullptr;
                T* const out       = memory.template take<T>(mine.last - mine.first);
                world.scatter(in, out, borders, root);
                wrong.same(out, drawn<T>(root, mine.first, mine.last), "scatter from ", root);
                if constexpr (SupportsGather<TestType, T>) {
                    T* const back = memory.template take<T>(n);
                    world.gather(out, is_root ? back : nullptr, borders, root);
                    if (is_root) wrong.same(back, drawn<T>(root, 0, n), "gather of what was scattered from ", root);
                }
                if (is_root) world.scatter(in, in + mine.first, borders, root);  // its own part may stay where it is
                else world.scatter(in, out, borders, root);
                wrong.same(is_root ? in + mine.first : out, drawn<T>(root, mine.first, mine.last), "scatter in place from ", root);
            });
        });
    }
}

TEMPLATE_LIST_TEST_CASE("an all-to-all transposes, in place or not, and twice gives back what was there", "[comm]", communicators) {
    if constexpr (SupportsAllToAll<TestType, double>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            for_types_places_and_sizes(world, [&](auto type, auto& memory, std::int64_t n) {
                using T = decltype(type);
                n       = n > 1531 ? 1531 : n;
                field<T> expected;
                for (int q = 0; q < world.size(); ++q) {
                    auto const block = drawn<T>(q, world.rank() * n, (world.rank() + 1) * n);
                    expected.insert(expected.end(), block.begin(), block.end());
                }
                auto const brought = drawn<T>(world.rank(), 0, world.size() * n);
                T* const in        = memory.template take<T>(brought);
                T* const out       = memory.template take<T>(world.size() * n);
                world.all_to_all(in, out, n);
                wrong.same(out, expected, "all_to_all of ", n);
                wrong.same(in, brought, "operand of all_to_all of ", n);
                world.all_to_all(in, in, n);
                wrong.same(in, expected, "all_to_all in place of ", n);
                world.all_to_all(in, in, n);
                wrong.same(in, brought, "all_to_all twice of ", n);
            });
        });
    }
}

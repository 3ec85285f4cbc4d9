// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/memory/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

using namespace espalier;

namespace {
/// Host memory that notes what is asked of it and given back.
struct noting_space {
    inline static std::vector<std::size_t> taken, returned;

    static void* allocate(std::size_t bytes) {
        taken.push_back(bytes);
        return host::allocate(bytes);
    }
    static void deallocate(void* p, std::size_t bytes) noexcept {
        returned.push_back(bytes);
        host::deallocate(p, bytes);
    }
    static constexpr auto policy() noexcept { return host::policy(); }
    static void reset() { taken.clear(), returned.clear(); }
};
}  // namespace

TEST_CASE("a buffer begins at a multiple of 64 bytes, whatever its type and size") {
    std::vector<buffer<char>> kept;  // odd sizes in between, so that the next one does not begin aligned by chance
    for (std::int64_t n : {1, 3, 63, 64, 65, 1000, 100001}) {
        kept.emplace_back(n);
        buffer<double> const numbers{n};
        CHECK(reinterpret_cast<std::uintptr_t>(kept.back().data()) % 64 == 0);
        CHECK(reinterpret_cast<std::uintptr_t>(numbers.data()) % 64 == 0);
        CHECK(numbers.size() == n);
    }
}

TEST_CASE("a buffer takes its elements' bytes from its space and gives the same number back") {
    noting_space::reset();
    { buffer<double, noting_space> const b{7}; }
    CHECK(noting_space::taken == std::vector<std::size_t>{56});
    CHECK(noting_space::returned == std::vector<std::size_t>{56});
}

TEST_CASE("a buffer without elements asks for no memory") {
    noting_space::reset();
    {
        buffer<float, noting_space> const none;
        buffer<float, noting_space> const empty{0};
        CHECK(none.data() == nullptr);
        CHECK(empty.data() == nullptr);
        CHECK(empty.size() == 0);
    }
    CHECK(noting_space::taken.empty());
    CHECK(noting_space::returned.empty());
}

TEST_CASE("a moved buffer keeps its memory and leaves an empty one") {
    STATIC_REQUIRE(!std::is_copy_constructible_v<buffer<int>>);
    STATIC_REQUIRE(!std::is_copy_assignable_v<buffer<int>>);
    noting_space::reset();
    {
        buffer<int, noting_space> from{5};
        from.data()[4]        = 42;
        int const* const data = from.data();
        buffer<int, noting_space> to{std::move(from)};
        CHECK(to.data() == data);
        CHECK(to.data()[4] == 42);
        CHECK(from.data() == nullptr);  // NOLINT(bugprone-use-after-move): the state that is promised
        CHECK(from.size() == 0);
        buffer<int, noting_space> other{2};
        other = std::move(to);
        CHECK(other.data() == data);
        CHECK(other.size() == 5);
    }
    CHECK(noting_space::taken == std::vector<std::size_t>{20, 8});
    CHECK(noting_space::returned.size() == 2);
}

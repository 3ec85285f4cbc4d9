// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/memory/space.hpp>

#include <cstdint>

using namespace espalier;

namespace {
struct gives_bytes_of_another_type {
    static char* allocate(std::size_t);
    static void deallocate(void*, std::size_t) noexcept;
    static int policy();
};
struct may_throw_when_it_takes_back {
    static void* allocate(std::size_t);
    static void deallocate(void*, std::size_t);
    static int policy();
};
struct names_no_policy {
    static void* allocate(std::size_t);
    static void deallocate(void*, std::size_t) noexcept;
};
}  // namespace

TEST_CASE("bytes are rounded up to 64") {
    STATIC_REQUIRE(alignment_bytes == 64);
    STATIC_REQUIRE(aligned_bytes(0) == 0);
    STATIC_REQUIRE(aligned_bytes(1) == 64);
    STATIC_REQUIRE(aligned_bytes(64) == 64);
    STATIC_REQUIRE(aligned_bytes(65) == 128);
}

TEST_CASE("the host's memory is aligned and can be written to its last byte") {
    auto* const p = static_cast<unsigned char*>(host::allocate(130));
    CHECK(reinterpret_cast<std::uintptr_t>(p) % alignment_bytes == 0);
    p[0] = p[129] = 7;
    CHECK(p[0] + p[129] == 14);
    host::deallocate(p, 130);
}

TEST_CASE("a memory space gives untyped bytes, takes them back without throwing, and names a policy") {
    STATIC_REQUIRE(MemorySpace<host>);
    STATIC_REQUIRE(!MemorySpace<gives_bytes_of_another_type>);
    STATIC_REQUIRE(!MemorySpace<may_throw_when_it_takes_back>);
    STATIC_REQUIRE(!MemorySpace<names_no_policy>);
}

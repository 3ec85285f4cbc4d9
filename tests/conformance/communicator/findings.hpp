// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a law is tried on the ranks of a communicator: what each rank finds wrong comes to the main thread as text and is asserted there.
/// It also holds operands that a law can work out for any rank, and where they lie; what the laws are is in the tests.
#pragma once

#include "conformance/communicator/laws.hpp"

#include <string>
#include <type_traits>

namespace laws {

/// What one rank found wrong.
class findings {
public:
    template <class... What>
    void holds(bool is_right, What const&... what) {
        if (!is_right && text_.size() < 2000) text_ += joined(what..., "\n");
    }
    template <class T, class... What>
    ESPALIER_NOINLINE() void same(T const* got, field<T> const& expected, What const&... what) {
        for (std::size_t i = 0; i < expected.size(); ++i)
            if (std::memcmp(got + i, &expected[i], sizeof(T)) != 0) return holds(false, what..., ": element ", i, " of ", expected.size(), " differs");
    }
    [[nodiscard]] std::vector<char> text() const { return {text_.begin(), text_.end()}; }

private:
    std::string text_;
};

/// Runs law(world, wrong) on each number of ranks.
template <class C, class Law>
void obeyed(Law const& law) {
    for (int ranks : group_sizes<C>()) {
        auto const result = on_ranks<C>(ranks, [&](C& world) {
            findings wrong;
            law(world, wrong);
            return wrong.text();
        });
        for (int r = 0; r < ranks; ++r) {
            auto const& found = result.value[static_cast<std::size_t>(r)];
            INFO("rank " << r << " of " << ranks);
            CHECK(result.text(r) == "");
            CHECK(std::string(found.begin(), found.end()) == "");
        }
        REQUIRE(result.all_returned());
    }
}

/// Twelve bytes that are no number: a type of one's own.
struct triple {
    std::uint32_t scale, shift, count;
};

/// Element i of what rank `which` brings, as any rank can work it out. Sums of them depend on the order.
template <class T>
T drawn(int which, std::int64_t i) {
    auto h = static_cast<std::uint32_t>(i) * 2654435761u + static_cast<std::uint32_t>(which) * 40503u + 12345u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    float const x = (static_cast<float>(h >> 8) / 0x1p23f - 1.f) * static_cast<float>(1u << (h & 15u));
    if constexpr (std::is_same_v<T, triple>) return {h | 1u, h >> 3, 1};
    else if constexpr (std::is_same_v<T, std::byte>) return static_cast<std::byte>(h & 255u);
    else return static_cast<T>(x);
}
/// Elements first … last − 1 of it.
template <class T>
ESPALIER_NOINLINE() field<T> drawn(int which, std::int64_t first, std::int64_t last) {
    field<T> x;
    for (auto i = first; i < last; ++i) x.push_back(drawn<T>(which, i));
    return x;
}

/// Element i of operands first … last − 1, combined along the lane tree by a serial loop.
template <class T, class Op>
ESPALIER_NOINLINE() T along_tree(int first, int last, std::int64_t i, Op op) {
    if (last - first == 1) return drawn<T>(first, i);
    int const middle = first + static_cast<int>(std::bit_floor(static_cast<unsigned>(last - first - 1)));
    return op(along_tree<T>(first, middle, i, op), along_tree<T>(middle, last, i, op));
}
template <class T, class Op>
ESPALIER_NOINLINE() field<T> combined(int ranks, std::int64_t first, std::int64_t last, Op op) {
    field<T> x;
    for (auto i = first; i < last; ++i) x.push_back(along_tree<T>(0, ranks, i, op));
    return x;
}

/// Memory for operands, from the communicator or from elsewhere. A piece starts at an element of its type, but at no line of the cache.
template <class C>
class places {
public:
    places(C& world, bool are_allocated) : own_{world.allocate(are_allocated ? room : 64)}, elsewhere_(are_allocated ? 0 : room) {
        at_ = first_ = are_allocated ? own_.data() : elsewhere_.data();
    }
    void clear() { at_ = first_; }
    template <class T>
    T* take(std::int64_t n) {
        auto const address = reinterpret_cast<std::uintptr_t>(at_);
        T* const piece     = reinterpret_cast<T*>((address + 63) / 64 * 64 + alignof(T));
        at_                = reinterpret_cast<std::byte*>(piece + n);
        if (at_ > first_ + room) throw std::length_error{"the law takes more memory than it has"};
        return piece;
    }
    template <class T>
    ESPALIER_NOINLINE() T* take(field<T> const& values) {
        T* const piece = take<T>(static_cast<std::int64_t>(values.size()));
        std::copy(values.begin(), values.end(), piece);
        return piece;
    }

private:
    static constexpr std::size_t room = std::size_t{3} << 19;
    decltype(std::declval<C&>().allocate(std::size_t{})) own_;
    std::vector<std::byte> elsewhere_;
    std::byte* first_;
    std::byte* at_;
};

}  // namespace laws

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A communicator whose memory is painted and guarded: a test sees which words of an arena were written, and whether anything beyond
/// was. Everything else is the real communicator's.
#pragma once

#include <espalier/comm/concepts.hpp>

#include <atomic>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace espalier_test {

/// Host memory between two guards, all of it painted.
struct painted_space {
    static constexpr std::size_t guard_bytes = 4096;
    static constexpr unsigned char paint     = 0xA5;

    [[nodiscard]] static void* allocate(std::size_t bytes) {
        auto* const p = static_cast<unsigned char*>(espalier::host::allocate(bytes + 2 * guard_bytes));
        std::memset(p, paint, bytes + 2 * guard_bytes);
        return p + guard_bytes;
    }
    static void deallocate(void* p, std::size_t bytes) noexcept {
        auto* const begin = static_cast<unsigned char*>(p) - guard_bytes;
        bool whole        = true;
        for (std::size_t i = 0; i < guard_bytes; ++i) whole = whole && begin[i] == paint && begin[guard_bytes + bytes + i] == paint;
        if (!whole) ++broken_;
        ++freed_;
        espalier::host::deallocate(begin, bytes + 2 * guard_bytes);
    }
    [[nodiscard]] static constexpr auto policy() noexcept { return espalier::host::policy(); }

    static void reset() { broken_ = freed_ = 0; }
    [[nodiscard]] static int broken_guards() { return broken_; }
    [[nodiscard]] static int freed() { return freed_; }

private:
    inline static std::atomic<int> broken_{0}, freed_{0};
};

/// `C` with painted memory.
template <class C>
class painted : public C {
public:
    using memory_space = painted_space;

    painted() = default;
    explicit painted(C real) : C{std::move(real)} {}

    [[nodiscard]] painted split(int color, int key) { return painted{C::split(color, key)}; }
    [[nodiscard]] espalier::buffer<std::byte, painted_space> allocate(std::size_t bytes) {
        espalier::buffer<std::byte, painted_space> memory{static_cast<std::int64_t>(bytes)};
        last_       = memory.data();
        last_bytes_ = bytes;
        return memory;
    }
    /// Which 4-byte words of the last allocation no longer show the paint.
    [[nodiscard]] std::vector<bool> touched_words() const {
        std::vector<bool> out(last_bytes_ / 4);
        for (std::size_t i = 0; i < out.size(); ++i) {
            unsigned char word[4];
            std::memcpy(word, last_ + 4 * i, 4);
            out[i] = word[0] != painted_space::paint || word[1] != painted_space::paint || word[2] != painted_space::paint ||
                     word[3] != painted_space::paint;
        }
        return out;
    }

    template <class F>
    static void launch(int ranks, F&& f) {
        C::launch(ranks, [&](C& world) {
            painted mine{std::move(world)};
            f(mine);
        });
    }

private:
    std::byte const* last_  = nullptr;
    std::size_t last_bytes_ = 0;
};

}  // namespace espalier_test

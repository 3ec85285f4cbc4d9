// SPDX-License-Identifier: BSL-1.0
/// @file
/// How an operation says in a note what it brings: counts that all must share, operands, and a result that others write.
/// Where memory lies as others see it is the station's knowledge.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/note.hpp>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace espalier::detail {

/// The same memory as its own rank finds it, for what has to be copied into the room and out of it.
struct own_memory {
    std::byte const* in = nullptr;
    std::byte const* summand[max_subtrees];  ///< of an ordered sum
    std::byte* out = nullptr;
    std::int64_t out_first = 0, out_last = 0;  ///< which elements lie at `out`
};

/// Fills one note. Elements are numbered in the operation's index space: 0 … n − 1 of a reduction, of what is gathered, of a block.
template <class Station>
class note_writer {
public:
    note_writer(note& n, own_memory& m, Station const& s, operation_record const& what) noexcept
        : note_{n}, mine_{m}, station_{s}, digest_{what.digest} {
        m.out_first = m.out_last = 0;
        n.in             = {};
        n.out            = {};
        n.first          = 0;
        n.last           = 0;
        n.stride         = 0;
        n.blocks         = 0;
        n.lanes          = 0;
        n.is_outside     = false;
        n.has_payload    = true;
        n.count          = 0;
        n.parameter      = 0;
        n.parameter_name = {};
    }
    ~note_writer() { note_.digest = digest_; }
    note_writer(note_writer const&)            = delete;
    note_writer& operator=(note_writer const&) = delete;

    /// All ranks must say the same.
    void count(std::int64_t n) noexcept {
        note_.count = n;
        digest_     = digest(n, digest_);
    }
    void parameter(std::string_view name, std::int64_t value) noexcept {
        note_.parameter_name = {name};
        note_.parameter      = value;
        digest_              = digest(value, digest_);
    }

    /// `blocks` blocks of elements first … last − 1, element `first` of block k at data + k · stride.
    template <class T>
    void operand(T const* data, std::int64_t first, std::int64_t last, int blocks = 1, std::int64_t stride = 0) noexcept {
        std::int64_t const n = last - first;
        note_.first          = first;
        note_.last           = last;
        note_.blocks         = n > 0 ? blocks : 0;
        note_.stride         = stride;
        if (n <= 0) return;
        mine_.in = reinterpret_cast<std::byte const*>(data);
        note_.in = referred(data, first, (blocks - 1) * stride + n);
        copy_to_payload(blocks, n, [&](int k) { return data + k * stride; });
    }
    /// The operands of an ordered sum, elements 0 … n − 1 of each.
    template <class T>
    void operands(ordered_sum<T> const& s, std::int64_t n) noexcept {
        note_.lanes  = s.lanes;
        note_.blocks = static_cast<std::int32_t>(s.mine.size());
        note_.last   = n;
        if (note_.blocks > 0) note_.lanes_of_first = s.mine.front().lanes;
        for (int k = 0; k < note_.blocks; ++k) {
            mine_.summand[k] = reinterpret_cast<std::byte const*>(part(s, k).data);
            note_.parts[k]   = {part(s, k).lanes, referred(part(s, k).data, 0, n)};
        }
        copy_to_payload(note_.blocks, n, [&](int k) { return part(s, k).data; });
    }
    /// Elements first … last − 1 are written to `data` on, by other ranks too.
    template <class T>
    void result(T* data, std::int64_t first, std::int64_t last) noexcept {
        if (last <= first) return;
        mine_.out       = reinterpret_cast<std::byte*>(data);
        mine_.out_first = first;
        mine_.out_last  = last;
        note_.out       = referred(data, first, last - first);
    }
    /// Others must not read the operand where it lies, because this rank overwrites it.
    void stage() noexcept { note_.is_outside = true; }

private:
    template <class T>
    [[nodiscard]] static summand<T> const& part(ordered_sum<T> const& s, int k) noexcept { return s.mine[static_cast<std::size_t>(k)]; }

    /// Where element 0 would lie, of elements from `first` on that lie at `data`.
    template <class T>
    [[nodiscard]] memory_ref referred(T const* data, std::int64_t first, std::int64_t n) noexcept {
        auto ref = station_.refer(data, static_cast<std::size_t>(n) * sizeof(T));
        if (ref.segment == memory_ref::outside) note_.is_outside = true;
        ref.offset -= static_cast<std::uint64_t>(first) * sizeof(T);
        return ref;
    }
    template <class Block>
    void copy_to_payload(int blocks, std::int64_t n, Block const& block) noexcept {
        auto const bytes = n * static_cast<std::int64_t>(sizeof(*block(0)));
        note_.has_payload = blocks * bytes <= note::payload_bytes;
        if (!note_.has_payload || bytes == 0) return;
        for (int k = 0; k < blocks; ++k) std::memcpy(note_.payload + k * bytes, block(k), static_cast<std::size_t>(bytes));
    }

    note& note_;
    own_memory& mine_;
    Station const& station_;
    std::uint64_t digest_;
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What each rank leaves for the others when it joins a collective operation: enough to see that all mean the same, and where
/// its operands lie. It is plain memory, so that threads and processes read it where it is; who waits for whom is not its business.
#pragma once

#include <espalier/comm/detail/type_record.hpp>
#include <espalier/core/call_site.hpp>
#include <espalier/core/error.hpp>
#include <espalier/core/lane_tree.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace espalier::detail {

/// Text of bounded length in plain memory; of a longer one the end is kept.
template <std::size_t N>
struct short_text {
    char value[N] = {};

    constexpr short_text() = default;
    constexpr short_text(std::string_view text) noexcept {  // NOLINT(google-explicit-constructor): it is the text
        if (text.size() >= N) text.remove_prefix(text.size() - (N - 1));
        for (std::size_t i = 0; i < text.size(); ++i) value[i] = text[i];
    }
    [[nodiscard]] std::string_view view() const noexcept { return {value, ::strnlen(value, N)}; }
};

/// What is known of an operation when it is compiled: its name, the elements, how they are combined.
struct operation_record {
    short_text<32> operation;
    short_text<24> element;         ///< empty: no elements
    short_text<32> reduction;       ///< empty: nothing is combined
    std::int64_t element_bytes = 0;
    std::uint64_t digest       = 0;
    std::string_view type, by;      ///< the same texts, for the process itself

    constexpr explicit operation_record(std::string_view name) noexcept : operation{name}, digest{detail::digest(name)} {}
    constexpr operation_record(std::string_view name, type_record const& t) noexcept
        : operation{name}, element{t.name}, element_bytes{static_cast<std::int64_t>(t.bytes)},
          digest{detail::digest(element_bytes, detail::digest(t.name, detail::digest(name)))}, type{t.name} {}
    constexpr operation_record(std::string_view name, type_record const& t, std::string_view reduction_name) noexcept
        : operation_record{name, t} {
        reduction = {reduction_name};
        by        = reduction_name;
        digest    = detail::digest(reduction_name, digest);
    }
};

/// Memory of a rank as other ranks find it: a segment that they know, and the byte in it. Addresses are kept as numbers, since
/// the first element of an index space may lie before the memory that is there.
struct memory_ref {
    static constexpr std::uint64_t outside = ~std::uint64_t{0};
    std::uint64_t segment = outside;
    std::uint64_t offset  = 0;
};

/// A rank's side of one operation.
struct alignas(128) note {
    static constexpr std::int64_t payload_bytes = 256;  ///< operands up to this size lie in the note itself

    /// One operand of several: the sum over some lanes.
    struct part {
        lane_range lanes;
        memory_ref data;
    };

    // What the others always look at, and small operands: two cache lines that come together.
    std::uint64_t digest = 0;          ///< of all that ranks must agree on
    std::int64_t first = 0, last = 0;  ///< which elements of the index space lie at `in`
    std::int64_t stride = 0;           ///< elements from one block of `in` to the next
    std::int32_t blocks = 0;           ///< operands: parts of a sum, blocks of `in`, or none
    std::int32_t lanes  = 0;           ///< of an ordered sum; the operands are then in `parts`
    lane_range lanes_of_first;         ///< of the first of them: mostly there is no other
    bool is_outside     = false;       ///< others cannot read `in` or write `out`
    bool has_payload    = false;       ///< all operands lie in `payload` too, one behind the other
    alignas(64) std::byte payload[payload_bytes];

    // Where larger operands lie.
    memory_ref in, out;

    // What is read where something is wrong.
    std::uint64_t group    = 0;
    std::uint64_t sequence = 0;        ///< counts the operations of the group, from 1
    std::int64_t count     = 0;
    std::int64_t parameter = 0;
    short_text<32> parameter_name;     ///< "root", "lanes"; empty where there is none
    operation_record what{""};
    short_text<64> file;
    std::int32_t line = 0;

    part parts[max_subtrees];

    /// "all_reduce of 12 float by sum, lanes 8 (train.cpp:40)"
    [[nodiscard]] std::string to_string() const {
        std::string text{what.operation.view()};
        if (what.element_bytes > 0) text += joined(" of ", count, " ", what.element.view());
        if (!what.reduction.view().empty()) text += joined(" by ", what.reduction.view());
        if (!parameter_name.view().empty()) text += joined(", ", parameter_name.view(), " ", parameter);
        return joined(text, " (", file.view(), ":", line, ")");
    }
};
static_assert(std::is_trivially_copyable_v<note>);

}  // namespace espalier::detail

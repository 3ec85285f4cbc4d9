// SPDX-License-Identifier: BSL-1.0
/// @file
/// A tensor as checkpoints see it: a name, extents of any rank, an element type and bytes that somebody else owns.
/// It computes nothing; the shapes of a network are core/shape.hpp.
#pragma once

#include <espalier/checkpoint/errors.hpp>
#include <espalier/core/shape.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace espalier::checkpoint {

static_assert(std::endian::native == std::endian::little,
              "espalier: checkpoint: requires a little-endian machine; got another. Files hold little-endian values that are "
              "read as they lie. See docs/policies/checkpoint.md.");

/// The type of a tensor's elements.
enum class dtype { f64, f32, f16, bf16, i64, u64, i32, u32, i16, u16, i8, u8, boolean };

namespace detail {
struct dtype_row {
    dtype type;
    std::string_view name;
    std::size_t bytes;
};
/// Names as safetensors files spell them; the types that are not here (8-bit floats and below) are refused by name.
inline constexpr dtype_row dtype_table[] = {
    {dtype::f64, "F64", 8}, {dtype::f32, "F32", 4}, {dtype::f16, "F16", 2}, {dtype::bf16, "BF16", 2}, {dtype::i64, "I64", 8},
    {dtype::u64, "U64", 8}, {dtype::i32, "I32", 4}, {dtype::u32, "U32", 4}, {dtype::i16, "I16", 2},   {dtype::u16, "U16", 2},
    {dtype::i8, "I8", 1},   {dtype::u8, "U8", 1},   {dtype::boolean, "BOOL", 1}};
}  // namespace detail

/// Bytes of one element.
[[nodiscard]] constexpr std::size_t bytes_of(dtype type) noexcept {
    return detail::dtype_table[static_cast<std::size_t>(type)].bytes;
}

/// The type's name in a safetensors file: "F32".
[[nodiscard]] constexpr std::string_view to_string(dtype type) noexcept {
    return detail::dtype_table[static_cast<std::size_t>(type)].name;
}

/// The type with this name, if there is one.
[[nodiscard]] constexpr std::optional<dtype> dtype_from(std::string_view name) noexcept {
    for (detail::dtype_row const& row : detail::dtype_table)
        if (row.name == name) return row.type;
    return std::nullopt;
}

/// The element type that holds a C++ arithmetic type. F16 and BF16 have no such type here: read their bytes.
template <class T>
    requires std::is_arithmetic_v<T> && (sizeof(T) <= 8)
[[nodiscard]] constexpr dtype dtype_of() noexcept {
    if constexpr (std::is_same_v<T, bool>) return dtype::boolean;
    else if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 8 ? dtype::f64 : dtype::f32;
    else if constexpr (std::is_signed_v<T>) {
        return sizeof(T) == 8 ? dtype::i64 : sizeof(T) == 4 ? dtype::i32 : sizeof(T) == 2 ? dtype::i16 : dtype::i8;
    } else {
        return sizeof(T) == 8 ? dtype::u64 : sizeof(T) == 4 ? dtype::u32 : sizeof(T) == 2 ? dtype::u16 : dtype::u8;
    }
}

/// Bytes that extents and a type take, or nothing where an extent is negative or the product leaves 63 bits.
/// A tensor without extents is one value; one with a zero extent is empty.
[[nodiscard]] constexpr std::optional<std::size_t> bytes_of(std::span<std::int64_t const> extents, dtype type) noexcept {
    auto product = static_cast<std::int64_t>(bytes_of(type));
    for (std::int64_t const extent : extents) {
        if (extent < 0 || (extent > 0 && product > std::numeric_limits<std::int64_t>::max() / extent)) return std::nullopt;
        product *= extent;
    }
    return static_cast<std::size_t>(product);
}

/// "(128,32)": extents as a message shows them.
[[nodiscard]] inline std::string to_string(std::span<std::int64_t const> extents) {
    std::string out = "(";
    for (std::size_t i = 0; i < extents.size(); ++i) {
        if (i == 8) return out.append(",…)");
        if (i > 0) out += ',';
        out += std::to_string(extents[i]);
    }
    out += ')';
    return out;
}

/// A tensor that is to be written or hashed. It owns its name and extents; the bytes stay with the caller.
struct named_tensor {
    std::string name;
    std::vector<std::int64_t> extents;
    dtype type = dtype::f32;
    std::span<std::byte const> bytes;      ///< row-major, little-endian, without gaps
};

/// The tensor `name` of shape `s` whose values begin at `values`. Keeps the pointer: the values must outlive the result.
template <class T>
[[nodiscard]] named_tensor as_tensor(std::string name, shape const& s, T const* values) {
    return {std::move(name), std::vector<std::int64_t>(s.extent, s.extent + s.rank), dtype_of<T>(),
            std::as_bytes(std::span{values, static_cast<std::size_t>(s.elements())})};
}

namespace detail {

/// The tensors in name order (by bytes), which is the order of files and hashes.
/// @throws bad_checkpoint where two share a name or where a tensor's bytes are not what its extents and type take
[[nodiscard]] inline std::vector<named_tensor const*> in_name_order(std::span<named_tensor const> tensors) {
    std::vector<named_tensor const*> order;
    for (named_tensor const& t : tensors) {
        if (bytes_of(t.extents, t.type) != t.bytes.size())
            throw bad_checkpoint{{.entity   = joined("tensor ", in_quotes(t.name)),
                                  .required = joined("bytes for extents ", to_string(t.extents), " of ", to_string(t.type)),
                                  .got      = joined(t.bytes.size(), " bytes"),
                                  .fix      = "Give the extents of the whole tensor and all of its values",
                                  .page     = page}};
        order.push_back(&t);
    }
    std::sort(order.begin(), order.end(), [](auto const* a, auto const* b) { return a->name < b->name; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (order[i - 1]->name == order[i]->name)
            throw bad_checkpoint{{.entity   = "tensors",
                                  .required = "names that differ",
                                  .got      = joined("two named ", in_quotes(order[i]->name)),
                                  .fix      = "Name each tensor once",
                                  .page     = page}};
    return order;
}

}  // namespace detail
}  // namespace espalier::checkpoint

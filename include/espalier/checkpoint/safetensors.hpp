// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tensors in and out of the safetensors format: 8 bytes of header length, a JSON header, raw little-endian values.
/// It converts between float and double only, and maps no files: bytes come whole, from memory or from a disk.
#pragma once

#include <espalier/checkpoint/detail/safetensors_header.hpp>
#include <espalier/checkpoint/detail/safetensors_write.hpp>
#include <espalier/checkpoint/files.hpp>
#include <espalier/checkpoint/tensor.hpp>
#include <espalier/core/shape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace espalier::checkpoint {

/// A checked safetensors file over bytes that somebody else owns. For a file on a disk use `safetensors_file`.
/// The bytes may come from anywhere: everything is checked before it is used, and what does not fit is a `bad_checkpoint`.
/// @par Source    the safetensors project, README, section "Format", with its limits: header ≤ 100 MB, no holes, no overlaps
class safetensors_view {
public:
    /// Reads the header and checks it against the bytes.
    /// @param source_name what errors call the file
    /// @throws bad_checkpoint that names the file, what is wrong and where
    [[nodiscard]] static safetensors_view parse(std::span<std::byte const> bytes, std::string source_name) {
        return safetensors_view{bytes, std::move(source_name)};
    }

    /// The tensors' names, in name order.
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (auto const& entry : header_.tensors) out.push_back(entry.first);
        return out;
    }
    [[nodiscard]] bool contains(std::string_view name) const { return header_.tensors.find(name) != header_.tensors.end(); }
    [[nodiscard]] std::map<std::string, std::string> const& metadata() const noexcept { return header_.metadata; }

    /// Type, extents and place of a tensor. This and what follows throws `bad_checkpoint` for a name that is not there.
    [[nodiscard]] tensor_info const& info(std::string_view name) const {
        auto const found = header_.tensors.find(name);
        if (found == header_.tensors.end()) reject_name(name);
        return found->second;
    }
    /// The tensor's bytes as they lie in the file, at any address.
    [[nodiscard]] std::span<std::byte const> bytes(std::string_view name) const { return bytes(info(name)); }

    /// The tensor's values in place, without a copy: for the file's own type and a fitting address only.
    /// @throws bad_checkpoint where the file holds another type, or the values lie at an odd address; `read` takes those
    template <class T>
    [[nodiscard]] std::span<T const> view(std::string_view name) const;

    /// Copies a tensor's values to `out`, which has room for `info(name).elements()`.
    /// @par Numerics  F32 and F64 become float or double as asked, rounding to nearest; every other type must be the same
    template <class T>
    void read(std::string_view name, T* out) const;
    /// The same, after a check that the tensor has shape `s`.
    template <class T>
    void read(std::string_view name, shape const& s, T* out) const {
        std::span const wanted{s.extent, static_cast<std::size_t>(s.rank)};
        if (auto const& has = info(name).extents; !std::equal(has.begin(), has.end(), wanted.begin(), wanted.end()))
            detail::reject_file(source_, joined("tensor ", detail::in_quotes(name), " of extents ", to_string(wanted)),
                                to_string(has), "Read weights into the network that they were written from");
        read(name, out);
    }
    /// The same, into a vector.
    template <class T>
    [[nodiscard]] std::vector<T> read(std::string_view name) const {
        std::vector<T> out(info(name).elements());
        read(name, out.data());
        return out;
    }

    /// All tensors in name order, for hashing or for writing another file; they refer to this file's bytes.
    [[nodiscard]] std::vector<named_tensor> tensors() const {
        std::vector<named_tensor> out;
        for (auto const& [name, i] : header_.tensors) out.push_back({name, i.extents, i.type, bytes(i)});
        return out;
    }

protected:
    safetensors_view(std::span<std::byte const> bytes, std::string source_name)
        : header_{detail::parse_safetensors_header(bytes, source_name)}, data_{bytes.subspan(header_.data_begins)},
          source_{std::move(source_name)} {}

private:
    [[nodiscard]] std::span<std::byte const> bytes(tensor_info const& i) const { return data_.subspan(i.first_byte, i.bytes); }
    [[noreturn]] void reject_name(std::string_view name) const {
        std::string got = joined(header_.tensors.size(), " tensors");
        int shown       = 0;
        for (auto const& entry : header_.tensors) {
            if (shown == 8) got += ", …";
            if (shown++ == 8) break;
            got += (shown == 1 ? ": " : ", ") + detail::in_quotes(entry.first);
        }
        detail::reject_file(source_, joined("a tensor ", detail::in_quotes(name)), got, "Ask for a tensor that the file holds");
    }
    [[noreturn]] void reject_type(std::string_view name, std::string_view wanted) const {
        detail::reject_file(source_, joined("tensor ", detail::in_quotes(name), " of type ", wanted),
                            std::string{to_string(info(name).type)}, "Ask for the file's type; only F32 and F64 are converted");
    }

    detail::safetensors_header header_;
    std::span<std::byte const> data_;
    std::string source_;
};

template <class T>
std::span<T const> safetensors_view::view(std::string_view name) const {
    if (info(name).type != dtype_of<T>()) reject_type(name, to_string(dtype_of<T>()));
    auto const raw = bytes(name);
    if (reinterpret_cast<std::uintptr_t>(raw.data()) % alignof(T) != 0)
        detail::reject_file(source_, joined("tensor ", detail::in_quotes(name), " at a multiple of ", alignof(T), " bytes"),
                            joined("byte ", info(name).first_byte, " of the data"), "Use read, which copies");
    return {reinterpret_cast<T const*>(raw.data()), raw.size() / sizeof(T)};
}

template <class T>
void safetensors_view::read(std::string_view name, T* out) const {
    auto const raw     = bytes(name);
    auto const convert = [&]<class From>(From value) {
        for (std::size_t i = 0; i < raw.size() / sizeof(From); ++i) {
            std::memcpy(&value, raw.data() + i * sizeof(From), sizeof(From));
            out[i] = static_cast<T>(value);
        }
    };
    dtype const held = info(name).type;
    if (held == dtype_of<T>()) {
        if (!raw.empty()) std::memcpy(out, raw.data(), raw.size());
        return;
    }
    if constexpr (std::is_same_v<T, double>)
        if (held == dtype::f32) return convert(float{});
    if constexpr (std::is_same_v<T, float>)
        if (held == dtype::f64) return convert(double{});
    reject_type(name, to_string(dtype_of<T>()));
}

/// A safetensors file read from a disk: a `safetensors_view` that owns its bytes, shared between copies.
class safetensors_file : public safetensors_view {
public:
    /// @throws bad_checkpoint where the file cannot be read or is no safetensors file
    explicit safetensors_file(std::filesystem::path const& path)
        : safetensors_file{std::make_shared<std::vector<std::byte> const>(read_file(path)), path.string()} {}

private:
    safetensors_file(std::shared_ptr<std::vector<std::byte> const> bytes, std::string name)
        : safetensors_view{*bytes, std::move(name)}, owner_{std::move(bytes)} {}

    std::shared_ptr<std::vector<std::byte> const> owner_;
};

/// A safetensors file that is not copied together: its head, and the tensors' bytes where they lie.
struct safetensors_pieces {
    std::vector<std::byte> head;                     ///< the header's length and the header
    std::vector<std::span<std::byte const>> values;  ///< of each tensor, in the order of the file

    /// All of the file, one piece after the other; valid while this object and the tensors' values are.
    [[nodiscard]] std::vector<std::span<std::byte const>> all() const {
        std::vector<std::span<std::byte const>> out{head};
        out.insert(out.end(), values.begin(), values.end());
        return out;
    }
};

/// The pieces of a safetensors file of these tensors, as `to_safetensors` would copy them together.
/// @par Cost      copies no values
/// @throws bad_checkpoint as `to_safetensors`
[[nodiscard]] inline safetensors_pieces safetensors_in_pieces(std::span<named_tensor const> tensors,
                                                              std::map<std::string, std::string> const& metadata = {}) {
    auto const order           = detail::in_name_order(tensors);
    std::string const json     = detail::safetensors_json(order, metadata);
    std::uint64_t const length = json.size();
    safetensors_pieces out;
    out.head.resize(sizeof(length) + json.size());
    std::memcpy(out.head.data(), &length, sizeof(length));
    std::memcpy(out.head.data() + sizeof(length), json.data(), json.size());
    for (named_tensor const* t : order) out.values.push_back(t->bytes);
    return out;
}

/// The bytes of a safetensors file of these tensors, in name order and without holes, the data at a multiple of 8 bytes.
/// Write them with `write_file(path, to_safetensors(…))`. Equal content gives equal bytes.
/// @throws bad_checkpoint for names that repeat or are not UTF-8, and where a tensor's bytes and extents disagree
[[nodiscard]] inline std::vector<std::byte> to_safetensors(std::span<named_tensor const> tensors,
                                                           std::map<std::string, std::string> const& metadata = {}) {
    auto const file   = safetensors_in_pieces(tensors, metadata);
    auto const pieces = file.all();
    std::size_t total = 0;
    for (auto const& piece : pieces) total += piece.size();
    std::vector<std::byte> out;
    out.reserve(total);
    for (auto const& piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
    return out;
}

}  // namespace espalier::checkpoint

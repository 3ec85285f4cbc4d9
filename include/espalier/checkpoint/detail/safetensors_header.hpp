// SPDX-License-Identifier: BSL-1.0
/// @file
/// The header of a safetensors file, read from bytes that may be anything: what it states is believed only after a check
/// against the bytes that are there. The JSON goes through a handler that knows the format, so that no document is built.
#pragma once

#include <espalier/checkpoint/tensor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace espalier::checkpoint {

/// What a safetensors file says of one tensor, after it was checked.
struct tensor_info {
    dtype type = dtype::f32;
    std::vector<std::int64_t> extents;
    std::size_t first_byte = 0;      ///< counted from the begin of the data
    std::size_t bytes      = 0;

    [[nodiscard]] std::size_t elements() const noexcept { return bytes / bytes_of(type); }
};

namespace detail {

/// Headers above this are refused, as the format's own reader does.
inline constexpr std::size_t longest_header_bytes = 100'000'000;

struct safetensors_header {
    std::map<std::string, tensor_info, std::less<>> tensors;
    std::map<std::string, std::string> metadata;
    std::size_t data_begins = 0;      ///< counted from the begin of the file
};

[[noreturn]] inline void reject_file(std::string_view source, std::string required, std::string got,
                                     std::string fix = "The file is damaged or was cut short: copy it again or write it anew") {
    throw bad_checkpoint{{.entity   = joined("safetensors file ", source),
                          .required = std::move(required),
                          .got      = std::move(got),
                          .fix      = std::move(fix),
                          .page     = page}};
}

/// Takes the parser's events and accepts exactly
/// ```
///   { "__metadata__": {string: string, …}, name: {"dtype": string, "shape": [n, …], "data_offsets": [first, end]}, … }
/// ```
/// Anything else is refused at its first token, so depth is at most three and memory stays within a few times the header.
class safetensors_events {
public:
    using number_integer_t  = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t    = nlohmann::json::number_float_t;
    using string_t          = nlohmann::json::string_t;
    using binary_t          = nlohmann::json::binary_t;

    safetensors_events(std::string_view source, safetensors_header& out) : source_{source}, out_{out} {}

    bool null() { return unexpected("null"); }
    bool boolean(bool) { return unexpected("a boolean"); }
    bool binary(binary_t&) { return unexpected("binary"); }
    bool number_integer(number_integer_t value) { return unexpected(joined("the number ", value)); }
    bool number_float(number_float_t, string_t const& text) { return unexpected(joined("the number ", in_quotes(text))); }
    bool number_unsigned(number_unsigned_t value) {
        if (in_ == within::shape && value <= static_cast<number_unsigned_t>(INT64_MAX)) {
            current_.extents.push_back(static_cast<std::int64_t>(value));
            return true;
        }
        if (in_ == within::offsets && offsets_ < 2) {
            offset_[offsets_++] = value;
            return true;
        }
        return unexpected(joined("the number ", value));
    }
    bool string(string_t& value) {
        if (in_ == within::metadata) {
            out_.metadata.at(key_) = std::move(value);
            return true;
        }
        if (in_ != within::tensor || key_ != "dtype") return unexpected("a string");
        auto const type = dtype_from(value);
        if (!type) reject_file(source_, "element types that espalier knows", joined(where(), " of type ", in_quotes(value)),
                               "Convert the tensor to F64, F32, F16, BF16, BOOL or an integer type of 8 to 64 bits");
        current_.type = *type;
        return true;
    }
    bool start_object(std::size_t) {
        if (in_ == within::nothing) return enter(within::file);
        if (in_ == within::file) return enter(key_ == "__metadata__" ? within::metadata : within::tensor);
        return unexpected("an object");
    }
    bool start_array(std::size_t) {
        if (in_ == within::tensor && key_ == "shape") return enter(within::shape);
        if (in_ == within::tensor && key_ == "data_offsets") return enter(within::offsets);
        return unexpected("a list");
    }
    bool key(string_t& value) {
        if (in_ == within::file) {
            if (value == "__metadata__" ? std::exchange(has_metadata_, true) : out_.tensors.contains(value))
                refuse("names that differ", joined("two entries named ", in_quotes(value)));
            name_ = value;
        } else if (in_ == within::metadata) {
            if (!out_.metadata.emplace(value, "").second)
                refuse("names that differ", joined("two entries named ", in_quotes(value), " in the metadata"));
        } else {
            int const field = value == "dtype" ? 1 : value == "shape" ? 2 : value == "data_offsets" ? 4 : 0;
            if (field == 0 || (fields_ & field) != 0)
                refuse("dtype, shape and data_offsets once a tensor",
                       joined(where(), " with ", field == 0 ? "a field " : "a second field ", in_quotes(value)));
            fields_ |= field;
        }
        key_ = std::move(value);
        return true;
    }
    bool end_array() {
        if (in_ == within::offsets && offsets_ != 2)
            refuse("two data_offsets a tensor", joined(where(), " with ", offsets_));
        return enter(within::tensor);
    }
    bool end_object() {
        if (in_ == within::file) return enter(within::nothing);
        if (in_ == within::tensor) finish_tensor();
        return enter(within::file);
    }
    bool parse_error(std::size_t position, std::string const& token, nlohmann::json::exception const&) {
        refuse("a header of valid JSON", joined("an error at byte ", position, " of the header, near ", in_quotes(token)));
    }

private:
    enum class within { nothing, file, metadata, tensor, shape, offsets };

    bool enter(within next) {
        if (in_ == within::file && next == within::tensor) {
            current_ = {};
            fields_ = offsets_ = 0;
        }
        in_ = next;
        return true;
    }
    void finish_tensor() {
        for (auto const& [field, name] : {std::pair{1, "dtype"}, std::pair{2, "shape"}, std::pair{4, "data_offsets"}})
            if ((fields_ & field) == 0)
                refuse("dtype, shape and data_offsets once a tensor", joined(where(), " without ", name));
        if (offset_[1] < offset_[0])
            refuse("tensors whose data end after they begin", joined(where(), " at bytes ", offset_[0], " … ", offset_[1]));
        auto const given = static_cast<std::size_t>(offset_[1] - offset_[0]);
        if (auto const taken = bytes_of(current_.extents, current_.type); taken != given)
            refuse("extents that fit the data",
                   joined(where(), " with ", given, " bytes of data for extents ", to_string(current_.extents), " and type ",
                          to_string(current_.type), ", which take ", taken ? std::to_string(*taken) : std::string{"too many"}));
        current_.first_byte = static_cast<std::size_t>(offset_[0]);
        current_.bytes      = given;
        out_.tensors.emplace(name_, std::move(current_));
    }
    [[nodiscard]] std::string where() const { return joined("tensor ", in_quotes(name_)); }
    [[noreturn]] void refuse(std::string required, std::string got) const {
        reject_file(source_, std::move(required), std::move(got));
    }
    [[noreturn]] bool unexpected(std::string what) const {
        std::string place = in_ == within::nothing    ? "as the whole header"
                            : in_ == within::metadata ? joined("in the metadata under ", in_quotes(key_))
                            : in_ == within::file     ? joined("under ", in_quotes(name_))
                                                      : joined("in field ", in_quotes(key_), " of ", where());
        refuse("a header that follows the safetensors format", joined(what, " ", place));
    }

    std::string_view source_;
    safetensors_header& out_;
    within in_ = within::nothing;
    std::string name_, key_;
    tensor_info current_;
    std::uint64_t offset_[2] = {0, 0};
    int offsets_             = 0;
    int fields_              = 0;
    bool has_metadata_       = false;
};

/// Checks that the tensors fill the data from its first byte to its last, without holes and without overlaps.
inline void check_coverage(safetensors_header const& header, std::size_t data_bytes, std::string_view source) {
    std::vector<std::pair<std::string const, tensor_info> const*> order;
    for (auto const& entry : header.tensors) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](auto const* a, auto const* b) {
        return std::pair{a->second.first_byte, a->second.bytes} < std::pair{b->second.first_byte, b->second.bytes};
    });
    std::size_t next = 0;
    for (auto const* entry : order) {
        auto const& [name, info] = *entry;
        if (info.first_byte + info.bytes > data_bytes)      // the end that the file states, so the sum does not wrap
            reject_file(source, "data as long as the header says",
                        joined(data_bytes, " bytes of data, and tensor ", in_quotes(name), " of ", info.bytes, " bytes at byte ",
                               info.first_byte, " of them"));
        if (info.first_byte != next)
            reject_file(source, "tensors that follow each other without gaps and overlaps",
                        joined("tensor ", in_quotes(name), " at byte ", info.first_byte, " of the data instead of ", next));
        next = info.first_byte + info.bytes;
    }
    if (next != data_bytes)
        reject_file(source, "data as long as the header says",
                    joined(data_bytes, " bytes of data for tensors of ", next, " bytes"));
}

/// How many bytes the length and the header take that a file of `file_bytes` begins with; `begin` holds its first 8 bytes.
/// @throws bad_checkpoint for a length that leaves the file, or 100 MB
[[nodiscard]] inline std::size_t safetensors_header_end(std::span<std::byte const> begin, std::size_t file_bytes,
                                                        std::string_view source) {
    std::uint64_t length = 0;
    if (file_bytes < sizeof(length))
        reject_file(source, "8 bytes of header length at the begin", joined("a file of ", file_bytes, " bytes"));
    std::memcpy(&length, begin.data(), sizeof(length));
    std::size_t const after = file_bytes - sizeof(length);
    if (length > after || length > longest_header_bytes)
        reject_file(source, joined("a header within the file and of at most ", longest_header_bytes, " bytes"),
                    joined("a header length of ", length, " bytes with ", after, " bytes behind it"));
    return sizeof(length) + static_cast<std::size_t>(length);
}

/// Reads and checks the header of a file of `file_bytes`, of which `begin` holds the header at least.
/// @throws bad_checkpoint naming `source`, what is wrong and where
[[nodiscard]] inline safetensors_header parse_safetensors_header(std::span<std::byte const> begin, std::size_t file_bytes,
                                                                 std::string_view source) {
    std::size_t const end = safetensors_header_end(begin, file_bytes, source);
    std::string_view const json{reinterpret_cast<char const*>(begin.data()) + sizeof(std::uint64_t), end - sizeof(std::uint64_t)};
    // The JSON parser takes a byte order mark as blank and a zero byte as the end: neither is part of the format.
    if (json.empty() || json.front() != '{' || json.find('\0') != std::string_view::npos)
        reject_file(source, "a header of JSON that begins with '{' and has no zero byte",
                    joined("a header of ", json.size(), " bytes that begins with ", in_quotes(json.substr(0, 8))));
    safetensors_header header;
    safetensors_events events{source, header};
    nlohmann::json::sax_parse(json.begin(), json.end(), &events);
    header.data_begins = end;
    check_coverage(header, file_bytes - end, source);
    return header;
}
[[nodiscard]] inline safetensors_header parse_safetensors_header(std::span<std::byte const> file, std::string_view source) {
    return parse_safetensors_header(file, file.size(), source);
}

}  // namespace detail
}  // namespace espalier::checkpoint

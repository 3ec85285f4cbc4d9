// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reads the text of a manifest: a handler of the JSON parser's events that knows the format, so that no document is built.
/// What boxes and sums mean is checked afterwards, in manifest_check.hpp.
#pragma once

#include <espalier/checkpoint/detail/manifest_check.hpp>
#include <espalier/checkpoint/manifest_entries.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace espalier::checkpoint::detail {

/// The number that 16 lower-case hex digits stand for.
[[nodiscard]] inline std::optional<std::uint64_t> from_hex(std::string_view digits) noexcept {
    std::uint64_t value = 0;
    for (char const c : digits) {
        bool const is_digit = c >= '0' && c <= '9';
        if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
        value = value << 4 | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
    }
    return digits.size() == 16 ? std::optional{value} : std::nullopt;
}

/// Takes the parser's events and accepts exactly
/// ```
///   { "espalier checkpoint": 1, "step": n, "run": {string: string, …},
///     "files":   {file: {"bytes": n, "xxh3_64": ["16 digits", …]}, …},
///     "tensors": {name: {"dtype": string, "shape": [n, …],
///                        "boxes": [{"file": file, "first": [n, …], "shape": [n, …]}, …]}, …},
///     "xxh3_64": "16 digits" }
/// ```
/// with the fields in this order. Anything else is refused at its first token: depth is at most six, and memory stays within a
/// few times the text.
class manifest_events {
public:
    using number_integer_t  = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t    = nlohmann::json::number_float_t;
    using string_t          = nlohmann::json::string_t;
    using binary_t          = nlohmann::json::binary_t;

    manifest_events(std::string_view source, manifest& out) : source_{source}, out_{out} {}

    bool null() { return unexpected("null"); }
    bool boolean(bool) { return unexpected("a boolean"); }
    bool binary(binary_t&) { return unexpected("binary"); }
    bool number_integer(number_integer_t value) { return unexpected(joined("the number ", value)); }
    bool number_float(number_float_t, string_t const& text) { return unexpected(joined("the number ", in_quotes(text))); }
    bool number_unsigned(number_unsigned_t value) {
        if (value > static_cast<number_unsigned_t>(INT64_MAX)) return unexpected(joined("the number ", value));
        auto const n = static_cast<std::int64_t>(value);
        if (in_ == within::shape || in_ == within::box_first || in_ == within::box_shape) {
            auto& list = in_ == within::shape       ? tensor_->extents
                         : in_ == within::box_first ? box_->where.first
                                                    : box_->where.extents;
            if (list.size() == most_dims) refuse(joined("tensors of at most ", most_dims, " dims"), joined("more ", where()));
            list.push_back(n);
        } else if (in_ == within::top && fields_ == 1) {
            if (value != format_version)
                reject_manifest(source_, joined("version ", format_version, " of the format"), joined("version ", value),
                                "Read the checkpoint with the release of espalier that wrote it, or a later one");
        } else if (in_ == within::top && fields_ == 2) {
            out_.step = n;
        } else if (in_ == within::file && fields_ == 1) {
            file_->bytes = value;
        } else {
            return unexpected(joined("the number ", value));
        }
        return true;
    }
    bool string(string_t& value) {
        if (in_ == within::run) {
            *fact_ = std::move(value);
        } else if (in_ == within::sums) {
            auto const sum = from_hex(value);
            if (!sum) refuse("checksums of 16 lower-case hex digits", joined(in_quotes(value), " ", where()));
            file_->sums.push_back(*sum);
        } else if (in_ == within::tensor && fields_ == 1) {
            auto const type = dtype_from(value);
            if (!type) refuse("element types that espalier knows", joined("type ", in_quotes(value), " ", where()));
            tensor_->type = *type;
        } else if (in_ == within::box && fields_ == 1) {
            box_->file = std::move(value);
        } else if (in_ != within::top || fields_ != 6) { // the checksum at the end was compared before
            return unexpected("a string");
        }
        return true;
    }
    bool start_object(std::size_t) {
        if (in_ == within::nothing) return enter(within::top);
        if (in_ == within::top && fields_ >= 3 && fields_ <= 5)
            return enter(fields_ == 3 ? within::run : fields_ == 4 ? within::files : within::tensors);
        if (in_ == within::files) return enter(within::file);
        if (in_ == within::tensors) return enter(within::tensor);
        if (in_ == within::boxes) {
            box_ = &tensor_->boxes.emplace_back();
            return enter(within::box);
        }
        return unexpected("an object");
    }
    bool start_array(std::size_t) {
        if (in_ == within::file && fields_ == 2) return enter(within::sums);
        if (in_ == within::tensor && fields_ == 2) return enter(within::shape);
        if (in_ == within::tensor && fields_ == 3) return enter(within::boxes);
        if (in_ == within::box && fields_ == 2) return enter(within::box_first);
        if (in_ == within::box && fields_ == 3) return enter(within::box_shape);
        return unexpected("a list");
    }
    bool key(string_t& value) {
        bool is_new = true;
        if (in_ == within::run) {
            auto const [fact, inserted] = out_.run.emplace(value, "");
            fact_                       = &fact->second;
            is_new                      = inserted;
        } else if (in_ == within::files) {
            auto const [file, inserted] = out_.files.emplace(value, stored_file{});
            file_                       = &file->second;
            is_new                      = inserted;
        } else if (in_ == within::tensors) {
            auto const [tensor, inserted] = out_.tensors.emplace(value, stored_tensor{});
            tensor_                       = &tensor->second;
            is_new                        = inserted;
        } else {
            take_field(value);
            return true;
        }
        if (!is_new) refuse("names that differ", joined("two entries ", in_quotes(value), " in ", in_quotes(section())));
        name_ = std::move(value);
        return true;
    }
    bool end_array() {
        return leave(in_ == within::sums                                    ? within::file
                     : in_ == within::box_first || in_ == within::box_shape ? within::box
                                                                            : within::tensor);
    }
    bool end_object() {
        if (in_ == within::top || in_ == within::file || in_ == within::tensor || in_ == within::box)
            if (char const* const missing = field(fields_))
                refuse("every field", joined("no ", in_quotes(missing), " ", where()));
        switch (in_) {
        case within::file:
            return leave(within::files);
        case within::tensor:
            return leave(within::tensors);
        case within::box:
            return leave(within::boxes);
        case within::top:
            return leave(within::nothing);
        default:
            return leave(within::top);
        }
    }
    bool parse_error(std::size_t position, std::string const& token, nlohmann::json::exception const&) {
        refuse("valid JSON", joined("an error at byte ", position, ", near ", in_quotes(token)));
    }

private:
    enum class within { nothing, top, run, files, file, sums, tensors, tensor, shape, boxes, box, box_first, box_shape };

    /// The name of the field number `index` of the object at hand, or null behind its last.
    [[nodiscard]] char const* field(int index) const {
        static constexpr char const* top[]    = {"espalier checkpoint", "step", "run", "files", "tensors", "xxh3_64", nullptr};
        static constexpr char const* file[]   = {"bytes", "xxh3_64", nullptr};
        static constexpr char const* tensor[] = {"dtype", "shape", "boxes", nullptr};
        static constexpr char const* box[]    = {"file", "first", "shape", nullptr};
        return (in_ == within::top ? top : in_ == within::file ? file : in_ == within::tensor ? tensor : box)[index];
    }
    void take_field(std::string const& name) {
        char const* const due = field(fields_);
        if (due == nullptr || name != due)
            refuse(due == nullptr ? "no further field" : joined("the field ", in_quotes(due)),
                   joined("a field ", in_quotes(name), " ", where()));
        ++fields_;
    }
    bool enter(within next) {
        in_ = next;
        if (next == within::run || next == within::files || next == within::tensors) name_.clear();
        if (next == within::top || next == within::file || next == within::tensor || next == within::box) fields_ = 0;
        return true;
    }
    /// Back to what encloses; its fields up to the one just left have been seen.
    bool leave(within next) {
        if (next == within::top) fields_ = in_ == within::run ? 3 : in_ == within::files ? 4 : 5;
        if (next == within::file) fields_ = 2;
        if (next == within::tensor) fields_ = in_ == within::shape ? 2 : 3;
        if (next == within::box) fields_ = in_ == within::box_first ? 2 : 3;
        in_ = next;
        return true;
    }
    [[nodiscard]] std::string section() const {
        return in_ == within::run                                                   ? "run"
               : in_ == within::files || in_ == within::file || in_ == within::sums ? "files"
                                                                                    : "tensors";
    }
    [[nodiscard]] std::string where() const {
        if (in_ == within::nothing) return "as the whole";
        if (in_ == within::top) return "at the top";
        return name_.empty() ? joined("in ", in_quotes(section()))
                             : joined("in ", in_quotes(section()), " under ", in_quotes(name_));
    }
    [[noreturn]] void refuse(std::string required, std::string got) const {
        reject_manifest(source_, std::move(required), std::move(got));
    }
    [[noreturn]] bool unexpected(std::string what) const { refuse("the structure of the format", joined(what, " ", where())); }

    std::string_view source_;
    manifest& out_;
    within in_            = within::nothing;
    int fields_           = 0; ///< how many fields of the object at hand have been named
    std::string* fact_    = nullptr;
    stored_file* file_     = nullptr;
    stored_tensor* tensor_ = nullptr;
    stored_box* box_      = nullptr;
    std::string name_;
};

} // namespace espalier::checkpoint::detail

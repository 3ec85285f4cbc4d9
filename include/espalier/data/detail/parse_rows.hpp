// SPDX-License-Identifier: BSL-1.0
/// @file
/// Lines of text to bars: at speed where every field is a usual number, with care where a row is anything else.
/// It parses and does not judge: NaN, prices of 0 and times that go backwards are passed on.
#pragma once

#include <espalier/data/detail/parse_header.hpp>
#include <espalier/data/detail/parse_number.hpp>

#include <algorithm>
#include <optional>

namespace espalier::detail {

/// What is wrong with a row: completes "requires …" and "got …".
struct row_problem {
    std::string required, got;
};

/// One bit for each of the 64 bytes at `at`, the first lowest: whether it is a comma or a line feed.
[[nodiscard]] ESPALIER_INLINE() std::uint64_t ends_among_64(char const* at) noexcept {
    constexpr std::uint64_t low = each_byte * 0x7F;
    std::uint64_t bits[8], marks = 0;
    for (int i = 0; i < 8; ++i) {
        std::uint64_t const word = eight_bytes(at + 8 * i), comma = word ^ (each_byte * ','), feed = word ^ (each_byte * '\n');
        // The top bit of each byte that is neither: both differences are not 0.
        std::uint64_t const others = (((comma & low) + low) | comma) & (((feed & low) + low) | feed);
        bits[i]                    = (~others >> 7) & each_byte;
    }
    for (int i = 0; i < 8; ++i) marks |= (bits[i] * 0x0102040810204080 >> 56) << (8 * i); // gathers eight bits in the top byte
    return marks;
}

/// Where the fields of a text end: at each comma and line feed, in order.
/// Found before the fields are read, so that the processor need not know where one ends to begin the next.
class field_ends {
public:
    /// @param text  64 more bytes are readable after it
    void find(std::string_view text) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < text.size(); i += 64) {
            if (ends_.size() < count + 64) ends_.resize(2 * ends_.size() + 64);
            std::uint64_t marks = ends_among_64(text.data() + i);
            if (text.size() - i < 64) marks &= (std::uint64_t{1} << (text.size() - i)) - 1;
            auto const found = static_cast<std::size_t>(std::popcount(marks));
            // Usually 12 are enough; what is written beyond those found is overwritten.
            for (std::size_t k = 0; k < 12; ++k, marks &= marks - 1) ends_[count + k] = text.data() + i + std::countr_zero(marks);
            for (std::size_t k = 12; k < found; ++k, marks &= marks - 1)
                ends_[count + k] = text.data() + i + std::countr_zero(marks);
            count += found;
        }
    }
    [[nodiscard]] char const* const* data() const noexcept { return ends_.data(); }

private:
    std::vector<char const*> ends_;
};

/// What some lines hold.
struct parsed_rows {
    std::vector<bar> bars;
    std::int64_t lines = 0;             ///< empty ones too; with a problem, its line is the last
    std::optional<row_problem> problem; ///< of the first row that has one; rows after it are not read
    field_ends ends;                    ///< memory to work in

    void clear() {
        bars.clear();
        lines = 0;
        problem.reset();
    }
};

/// Takes the row that begins at `at`; false where a field is not a usual number or their number is not the header's.
/// @param end  of its first field; moves to that of the next row's
[[nodiscard]] ESPALIER_INLINE() bool take_row(char const* at, char const* const*& end, bar_columns const& columns,
                                              bar& b) noexcept {
    for (auto const& column : columns.all) {
        char const* const last = *end++;
        if (*last != column.end) return false;
        char const* const behind = last - (column.end == '\n' && last[-1] == '\r');
        if (column.value != nullptr) {
            if (!read_number(at, behind, b.*column.value)) return false;
        } else if (column.is_time && !read_number(at, behind, b.time_ms))
            return false;
        at = last + 1;
    }
    for (float bar::*const member : columns.as_close) b.*member = b.close;
    return true;
}

/// Reads a row of any form; what is wrong with it, if something is.
[[nodiscard]] inline std::optional<row_problem> read_row(std::string_view line, bar_columns const& columns, bar& b) {
    auto const fields = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
    if (fields != columns.all.size())
        return row_problem{joined(columns.all.size(), " fields, as the header has"), joined(fields)};
    std::optional<row_problem> problem;
    auto column = columns.all.begin();
    for_each_field(line, [&](std::string_view field) {
        auto const& [name, is_time, value, end] = *column++;
        if (problem) return;
        if (is_time && !number_of(field, b.time_ms))
            problem = {joined("a whole number in column ", name), joined("'", field, "'")};
        if (value != nullptr && !number_of(field, b.*value))
            problem = {joined("a finite number in column ", name), joined("'", field, "'")};
    });
    for (float bar::*const member : columns.as_close) b.*member = b.close;
    return problem;
}

/// Reads whole lines, each ended by LF, into `rows`, up to the first that is no row; empty ones are passed over.
/// @param text  64 more bytes are readable after it
inline void parse_rows(std::string_view text, bar_columns const& columns, parsed_rows& rows) {
    rows.ends.find(text);
    char const* const* end = rows.ends.data();
    bar b;
    for (char const *at = text.data(), *const last = at + text.size(); at != last; at = end[-1] + 1) {
        ++rows.lines;
        if (auto const first = end; !take_row(at, end, columns, b)) [[unlikely]] {
            for (end = first; **end != '\n';) ++end;
            std::string_view line{at, static_cast<std::size_t>(*end++ - at)};
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) continue;
            if ((rows.problem = read_row(line, columns, b))) return;
        }
        rows.bars.push_back(b);
    }
}

} // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Comma-separated numbers under a line of column names, read row by row, whatever the locale.
/// Quoted fields and other separators are not understood.
#pragma once

#include <espalier/data/errors.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace espalier {

/// Walks over the rows of a CSV text: the first line names the columns, every other line is a row of as many fields.
/// Lines end in LF or CRLF, the last one may lack it. Empty lines, a byte-order mark and blanks around fields are passed over.
/// @par Units     lines count from 1, with the header
class csv_reader {
public:
    /// @param name  what errors call the text: the file's path
    /// @throws bad_data where there is no header
    csv_reader(std::string name, std::string text);
    csv_reader(csv_reader const&)            = delete;
    csv_reader& operator=(csv_reader const&) = delete;

    /// The position of a column, if there is one of this name.
    /// @throws bad_data where two columns bear the name
    [[nodiscard]] std::optional<std::size_t> find_column(std::string_view column) const;
    /// The position of a column that must be there.
    /// @throws bad_data that lists the columns there are
    [[nodiscard]] std::size_t column(std::string_view column) const;

    /// Goes to the next row; false at the end.
    /// @throws bad_data where the row has more or fewer fields than the header
    [[nodiscard]] bool next();
    /// The line of the current row.
    [[nodiscard]] std::int64_t line() const noexcept { return line_; }
    /// The text of the current row's field.
    [[nodiscard]] std::string_view field(std::size_t column) const noexcept { return fields_[column]; }

    /// The current row's field as a finite number.
    /// @throws bad_data with file, line, column and text
    template <class T>
    [[nodiscard]] T number(std::size_t column) const {
        std::string_view const text = fields_[column];
        T value{};
        auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        bool is_number            = failure == std::errc{} && end == text.data() + text.size();
        if constexpr (std::floating_point<T>) is_number = is_number && std::isfinite(value);
        if (!is_number) reject(joined("a finite number in column ", names_[column]), joined("'", text, "'"));
        return value;
    }

    /// Throws `bad_data` that names the file and the current line.
    [[noreturn]] void reject(std::string const& required, std::string const& got) const {
        throw bad_data{
            {"csv", joined(required, " (", name_, ", line ", line_, ")"), got, "Correct the line or remove it", "howto/data.md"}};
    }

private:
    [[nodiscard]] bool next_line();
    void split();

    std::string name_, text_;
    std::size_t position_ = 0;
    std::string_view current_; // the current line without its end
    std::int64_t line_ = 0;
    std::vector<std::string_view> fields_; // of the current row
    std::vector<std::string_view> names_;  // of the columns
};

} // namespace espalier

#include <espalier/data/detail/csv_reader.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tables in HTML, with a caption, and headers that say what they head.
/// What stands in the cells is the sections' own.
#pragma once

#include <espalier/data/table.hpp>
#include <espalier/observe/report/contents.hpp>
#include <espalier/observe/report/text.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace espalier::html {

/// A row of a table: cells of HTML, the first one its name.
struct table_row {
    std::vector<std::string> cells;
    std::string style{}; ///< a class of the page's style
};

/// A table of HTML: whoever fills it has escaped what came from outside.
struct table {
    std::string caption;
    std::vector<std::string> header;
    std::vector<table_row> rows{};
    std::vector<std::string> total{};
};

/// Whether a cell begins with a number, which a sign may precede and a unit or an interval follow. Times and dates are none.
[[nodiscard]] inline bool is_number(std::string_view cell) {
    std::string_view text = cell.substr(0, cell.find('<')); // without its interval
    for (std::string_view const sign : {"−", "-", "+"})
        if (text.starts_with(sign)) {
            text.remove_prefix(sign.size());
            break;
        }
    return text == "–" || (!text.empty() && text.front() >= '0' && text.front() <= '9' &&
                           text.find_first_of(":/") == std::string_view::npos && std::count(text.begin(), text.end(), '-') < 2);
}

namespace detail {

/// The cells of a row; the first is a header, and cells that are missing are empty.
inline void add_row(std::string& out, std::vector<std::string> const& cells, std::vector<bool> const& numbers,
                    std::string_view style) {
    out += style.empty() ? std::string{"<tr>"} : joined("<tr class=\"", style, "\">");
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::string const cell = i < cells.size() ? cells[i] : "";
        if (i == 0)
            out += joined("<th scope=\"row\">", cell, "</th>");
        else
            out += joined(numbers[i] ? "<td class=\"number\">" : "<td>", cell, "</td>");
    }
    out += "</tr>\n";
}

} // namespace detail

/// The table as an element; columns whose every cell is a number are set flush right. Empty without rows.
[[nodiscard]] inline std::string to_html(table const& t) {
    if (t.rows.empty()) return "";
    std::size_t columns = std::max(t.header.size(), t.total.size());
    for (table_row const& row : t.rows) columns = std::max(columns, row.cells.size());
    std::vector<bool> numbers(columns, true);
    for (table_row const& row : t.rows)
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            if (!row.cells[i].empty() && !is_number(row.cells[i])) numbers[i] = false;
    std::string out = joined("<div class=\"table\"><table>\n<caption>", t.caption, "</caption>\n<thead><tr>");
    for (std::size_t i = 0; i < columns; ++i)
        out += joined("<th scope=\"col\"", i > 0 && numbers[i] ? " class=\"number\">" : ">",
                      i < t.header.size() ? t.header[i] : "", "</th>");
    out += "</tr></thead>\n<tbody>\n";
    for (table_row const& row : t.rows) detail::add_row(out, row.cells, numbers, row.style);
    out += "</tbody>\n";
    if (!t.total.empty()) {
        out += "<tfoot>";
        detail::add_row(out, t.total, numbers, "");
        out += "</tfoot>\n";
    }
    return out + "</table></div>\n";
}

/// A table of texts from outside as one of HTML.
[[nodiscard]] inline table to_table(std::string caption, espalier::table const& from) {
    auto const escape = [](std::vector<std::string> const& texts) {
        std::vector<std::string> out;
        for (std::string const& text : texts) out.push_back(escaped(text));
        return out;
    };
    table t{.caption = std::move(caption), .header = escape(from.head), .total = escape(from.total)};
    for (auto const& row : from.rows) t.rows.push_back({escape(row)});
    return t;
}

} // namespace espalier::html

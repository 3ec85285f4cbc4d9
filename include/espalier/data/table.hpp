// SPDX-License-Identifier: BSL-1.0
/// @file
/// A table of words for people: written as aligned text, or taken cell by cell into a report.
/// It computes nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace espalier {

/// Column names and rows of as many cells. The first column is flush left, the others flush right.
struct table {
    std::vector<std::string> head{};
    std::vector<std::vector<std::string>> rows{};
    std::vector<std::string> total{}; ///< a last row; empty: none

    /// Lines of aligned columns, two blanks between them.
    [[nodiscard]] std::string to_string() const {
        std::vector<std::size_t> width(head.size(), 0);
        auto const widen = [&](std::vector<std::string> const& row) {
            for (std::size_t c = 0; c < head.size(); ++c) width[c] = std::max(width[c], characters(row[c]));
        };
        widen(head);
        for (auto const& row : rows) widen(row);
        if (!total.empty()) widen(total);
        std::string out;
        auto const line = [&](std::vector<std::string> const& row) {
            for (std::size_t c = 0; c < head.size(); ++c) {
                std::string const blanks(width[c] - characters(row[c]), ' ');
                if (c > 0) out += "  ";
                if (c > 0) out += blanks;
                out += row[c];
                if (c == 0 && head.size() > 1) out += blanks;
            }
            out += '\n';
        };
        line(head);
        for (auto const& row : rows) line(row);
        if (!total.empty()) line(total);
        return out;
    }

private:
    /// Of UTF-8 text: bytes that do not continue a character.
    [[nodiscard]] static std::size_t characters(std::string const& text) {
        return static_cast<std::size_t>(
            std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
    }
};

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whether the tags of a page are balanced, for tests: HTML as the report writes it, and SVG.
/// It is no parser: attributes are skipped, and what must be escaped is looked for in them and between tags.
#pragma once

#include <espalier/core/error.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace espalier_test {

/// What is wrong with a page, or "": a tag that is not closed or not opened, a quote without its partner, two elements of one id.
inline std::string fault_in(std::string_view page) {
    std::set<std::string, std::less<>> const alone{"meta", "!DOCTYPE"};
    std::vector<std::string> open;
    std::set<std::string> ids;
    for (std::size_t at = page.find('<'); at != std::string_view::npos; at = page.find('<', at)) {
        std::size_t end = at + 1;
        for (bool is_quoted = false; end < page.size() && (is_quoted || page[end] != '>'); ++end) {
            if (page[end] == '"') is_quoted = !is_quoted;
            if (page[end] == '<') return espalier::joined("'<' within a tag: ", page.substr(at, 60));
        }
        if (end >= page.size()) return espalier::joined("a tag without an end: ", page.substr(at, 60));
        std::string_view const tag = page.substr(at + 1, end - at - 1);
        std::string const name{tag.substr(0, tag.find_first_of(" \n/", 1))};
        if (auto const id = tag.find(" id=\""); id != std::string_view::npos)
            if (auto const value = tag.substr(id + 5); !ids.insert(std::string{value.substr(0, value.find('"'))}).second)
                return espalier::joined("an id twice: ", tag);
        if (name.front() == '/') {
            if (open.empty() || open.back() != name.substr(1))
                return espalier::joined("<", name, "> closes ", open.empty() ? "nothing" : open.back());
            open.pop_back();
        } else if (tag.back() != '/' && alone.count(name) == 0) {
            open.push_back(name);
        }
        at = end;
    }
    return open.empty() ? "" : "not closed: " + open.back();
}

/// How often a piece of text occurs.
inline int count_in(std::string_view text, std::string_view piece) {
    int n = 0;
    for (std::size_t at = text.find(piece); at != std::string_view::npos; at = text.find(piece, at + piece.size())) ++n;
    return n;
}

} // namespace espalier_test

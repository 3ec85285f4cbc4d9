// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pieces of SVG that a timeline is made of, as text. The same numbers give the same bytes, whatever the locale.
#pragma once

#include <espalier/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace espalier::svg {

/// Text as it may stand between tags and in attributes.
[[nodiscard]] inline std::string escaped(std::string_view words) {
    std::string out;
    for (char c : words) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

/// A number of pixels, 0 or more, with one digit after the point.
[[nodiscard]] inline std::string pixels(double v) {
    auto const tenths = static_cast<std::int64_t>(v * 10 + 0.5);
    return joined(std::to_string(tenths / 10), '.', std::to_string(tenths % 10));
}

/// Words that begin at a point, or whose middle lies there, as their style says.
[[nodiscard]] inline std::string text(double x, double y, std::string_view words, std::string_view style) {
    return joined("<text class=\"", style, "\" x=\"", pixels(x), "\" y=\"", pixels(y), "\">", escaped(words), "</text>\n");
}

/// A rectangle; with words that show when it is pointed at.
[[nodiscard]] inline std::string box(double x, double y, double width, double height, std::string_view style,
                                     std::string_view words = "") {
    std::string const start = joined("<rect class=\"", style, "\" x=\"", pixels(x), "\" y=\"", pixels(y), "\" width=\"",
                                     pixels(width), "\" height=\"", pixels(height), '"');
    return words.empty() ? start + "/>\n" : joined(start, "><title>", escaped(words), "</title></rect>\n");
}

/// A line from one point to another; with words that show when it is pointed at.
[[nodiscard]] inline std::string line(double x1, double y1, double x2, double y2, std::string_view style, std::string_view words = "") {
    std::string const start = joined("<line class=\"", style, "\" x1=\"", pixels(x1), "\" y1=\"", pixels(y1), "\" x2=\"", pixels(x2),
                                     "\" y2=\"", pixels(y2), '"');
    return words.empty() ? start + "/>\n" : joined(start, "><title>", escaped(words), "</title></line>\n");
}

/// A small disc, with words that show when it is pointed at.
[[nodiscard]] inline std::string dot(double x, double y, double radius, std::string_view style, std::string_view words) {
    return joined("<circle class=\"", style, "\" cx=\"", pixels(x), "\" cy=\"", pixels(y), "\" r=\"", pixels(radius), "\"><title>",
                  escaped(words), "</title></circle>\n");
}

} // namespace espalier::svg

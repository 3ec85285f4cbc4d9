// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pieces of SVG: a drawing with a title and a description for those who cannot see it, and the frame of a chart.
/// Colours are classes of the page's style; no chart is here.
#pragma once

#include <espalier/observe/report/axis.hpp>
#include <espalier/observe/report/text.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace espalier::charts {

/// What a chart is called and what it shows, in words. Nothing of it is escaped yet.
struct caption {
    std::string id;          ///< unique in the page: letters, digits and hyphens
    std::string title;       ///< a few words
    std::string description; ///< one sentence with the main numbers
};

/// A drawing that is written from back to front.
/// @par Units     pixels at a scale of 1, from the upper left corner
class canvas {
public:
    canvas(double width, double height) : width_{width}, height_{height} {}

    void line(double x1, double y1, double x2, double y2, std::string_view style) {
        tag(joined("line class=\"", style, '"'), {{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}});
    }
    void rect(double x, double y, double width, double height, std::string_view style) {
        tag(joined("rect class=\"", style, '"'),
            {{"x", x}, {"y", y}, {"width", std::max(0.0, width)}, {"height", std::max(0.0, height)}});
    }
    void dot(double x, double y, double radius, std::string_view style) {
        tag(joined("circle class=\"", style, '"'), {{"cx", x}, {"cy", y}, {"r", radius}});
    }
    /// @param data  of a path element; only what `path_data` and the like made
    void path(std::string const& data, std::string_view style, std::string_view more = "") {
        if (!data.empty()) body_ += joined("<path class=\"", style, "\" d=\"", data, '"', more, "/>\n");
    }
    /// @param anchor  "start", "middle" or "end": which part of the text lies at x
    void text(double x, double y, std::string_view anchor, std::string_view words, std::string_view style = "label") {
        body_ += joined("<text class=\"", style, "\" text-anchor=\"", anchor, "\" x=\"", html::plain(x, 1), "\" y=\"",
                        html::plain(y, 1), "\">", html::escaped(words), "</text>\n");
    }
    /// Text that reads upwards, centred at a point.
    void upward_text(double x, double y, std::string_view words) {
        body_ += joined("<text class=\"label\" text-anchor=\"middle\" transform=\"translate(", html::plain(x, 1), ' ',
                        html::plain(y, 1), ") rotate(-90)\">", html::escaped(words), "</text>\n");
    }
    /// Lets what is drawn until `end_clip` be seen within a rectangle only.
    void begin_clip(std::string_view id, double x, double y, double width, double height) {
        body_ += joined("<clipPath id=\"", id, "-clip\">");
        rect(x, y, width, height, "clip");
        body_ += joined("</clipPath><g clip-path=\"url(#", id, "-clip)\">\n");
    }
    void end_clip() { body_ += "</g>\n"; }

    /// The drawing as an element of a page.
    [[nodiscard]] std::string to_svg(caption const& c) const {
        return joined("<svg viewBox=\"0 0 ", html::plain(width_, 0), ' ', html::plain(height_, 0),
                      "\" role=\"img\" aria-labelledby=\"", c.id, "-title ", c.id, "-desc\">\n<title id=\"", c.id, "-title\">",
                      html::escaped(c.title), "</title>\n<desc id=\"", c.id, "-desc\">", html::escaped(c.description),
                      "</desc>\n", body_, "</svg>\n");
    }

private:
    void tag(std::string_view start, std::initializer_list<std::pair<std::string_view, double>> attributes) {
        body_ += joined('<', start);
        for (auto const& [name, value] : attributes) body_ += joined(' ', name, "=\"", html::plain(value, 1), '"');
        body_ += "/>\n";
    }

    double width_, height_;
    std::string body_;
};

/// The rectangle of a chart between its axes.
struct frame {
    double left = 0, top = 0, width = 0, height = 0;
    axis x, y;

    [[nodiscard]] double at_x(double v) const noexcept { return left + width * x.share(v); }
    [[nodiscard]] double at_y(double v) const noexcept { return top + height * (1 - y.share(v)); }

    /// Grid lines, ticks and the names of the axes.
    void draw(canvas& on, std::string_view x_name, std::string_view y_name) const {
        for (double const tick : y.ticks) {
            on.line(left, at_y(tick), left + width, at_y(tick), "grid");
            on.text(left - 8, at_y(tick) + 4, "end", y.label(tick), "tick");
        }
        for (double const tick : x.ticks) {
            on.line(at_x(tick), top + height, at_x(tick), top + height + 5, "rule");
            on.text(at_x(tick), top + height + 19, "middle", x.label(tick), "tick");
        }
        on.line(left, top + height, left + width, top + height, "rule");
        on.text(left + width / 2, top + height + 38, "middle", x_name);
        on.upward_text(14, top + height / 2, y_name);
    }
};

/// Pixels that the widest tick of a vertical axis and its name need to the left of a chart.
[[nodiscard]] inline double margin_of(axis const& y) {
    std::size_t longest = 0;
    for (double const tick : y.ticks) longest = std::max(longest, y.label(tick).size());
    return 36 + 6.6 * static_cast<double>(longest);
}

/// The outline of a line through points; it is broken where one is not finite.
class path_data {
public:
    void add(double x, double y) {
        bool const is_finite = std::isfinite(x) && std::isfinite(y);
        if (is_finite) data_ += joined(is_drawing_ ? 'L' : 'M', html::plain(x, 1), ' ', html::plain(y, 1));
        is_drawing_ = is_finite;
    }
    [[nodiscard]] std::string const& to_string() const noexcept { return data_; }

private:
    std::string data_;
    bool is_drawing_ = false;
};

} // namespace espalier::charts

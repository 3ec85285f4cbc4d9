// SPDX-License-Identifier: BSL-1.0
/// @file
/// A timeline as plain data: a row for each who works, boxes for what it does, and how much it holds over time. A simulated step and a
/// schedule are such timelines, one that was measured is another; how it is drawn is draw_timeline.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

/// The most kinds of boxes, and of layers, that a picture has colours for.
inline constexpr int max_timeline_kinds = 12;

/// Something that is done.
struct timeline_box {
    std::int64_t begins = 0;
    std::int64_t ends   = 0;
    int kind            = 0; ///< its colour: an index of timeline::kinds
    int part            = 0; ///< its shade, from light to dark, where a kind has several parts
    std::string label;       ///< stands within it where there is room
    std::string words;       ///< show when it is pointed at
};

/// How much is held from a time on.
struct timeline_level {
    std::int64_t at    = 0;
    std::int64_t value = 0;
    int layer          = 0; ///< of what: an index of timeline::layers
};

/// One who works: a stage, a rank.
struct timeline_row {
    std::string name;
    std::vector<timeline_box> boxes;
    std::vector<timeline_level> levels; ///< in rising order of time; before the first one of a layer nothing of it is held
    std::string note{};                 ///< below the name
    std::int64_t room = 0;              ///< how much there is place for: a line above what is held; 0: none is known
};

/// Something that goes from one row to another.
struct timeline_message {
    int from            = 0; ///< rows, counted from 0
    int to              = 0;
    std::int64_t leaves = 0;
    std::int64_t comes  = 0;
    std::string words;
};

/// Where several rows wait for one another.
struct timeline_meeting {
    std::int64_t at = 0;
    std::vector<int> rows;
};

/// All that a picture shows, as plain data: whoever has another timeline, in seconds or with bytes held, draws it the same way.
struct timeline {
    std::string id = "timeline"; ///< unique among the pictures of a page: letters, digits, hyphens
    std::string title;
    std::string description;        ///< one sentence below the title
    std::string time_name = "time"; ///< stands at the axis
    std::int64_t units    = 1;      ///< of time, in one unit of the axis
    std::vector<std::string> kinds; ///< of boxes, for the legend; at most `max_timeline_kinds`
    std::string part_name = "part"; ///< "chunk": what shades tell apart
    std::string level_name;         ///< "micro-batches held", "bytes in use"
    std::vector<timeline_row> rows;
    std::vector<std::string> layers{}; ///< of what is held, from the bottom up, with a colour each; none: all is one
    std::vector<timeline_message> messages{};
    std::vector<timeline_meeting> meetings{};
};

} // namespace espalier

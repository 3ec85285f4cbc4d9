// SPDX-License-Identifier: BSL-1.0
/// @file
/// A timeline as a picture: a row for each who works, boxes for what it does, and below it how much it holds over time.
/// A simulated schedule is one such timeline; the picture itself knows no schedule.
#pragma once

#include <espalier/partition/pipeline/simulate.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

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
};

/// One who works: a stage, a rank.
struct timeline_row {
    std::string name;
    std::vector<timeline_box> boxes;
    std::vector<timeline_level> levels; ///< in rising order of time; before the first one nothing is held
};

/// All that a picture shows, as plain data: whoever has another timeline, in seconds or with bytes held, draws it the same way.
struct timeline {
    std::string id = "timeline"; ///< unique among the pictures of a page: letters, digits, hyphens
    std::string title;
    std::string description;        ///< one sentence below the title
    std::string time_name = "time"; ///< stands at the axis
    std::int64_t units    = 1;      ///< of time, in one unit of the axis
    std::vector<std::string> kinds; ///< of boxes, for the legend; at most 6
    std::string part_name = "part"; ///< "chunk": what shades tell apart
    std::string level_name;         ///< "micro-batches held", "bytes of activations"
    std::vector<timeline_row> rows;
};

/// Draws a timeline as one SVG, which needs no other file and follows the reader's light or dark scheme.
/// ```
///   stage 0  │ 0│ 1│  │  0  │        │ 1 │         boxes from begin to end, the label within, nothing where nothing is done
///   stage 1     │ 0│  0  │ 1│  1  │
///   stage 0   ▄▄██████▄▄▄▄▄          at most 2     held over time, to one scale for all rows
/// ```
/// @return text that begins with "<svg"; the same timeline gives the same bytes
/// @throws invalid_setting where a box ends before it begins, begins before 0 or has a kind without a name, where levels do not
///         come in rising order of time from 0 on, and above 6 kinds
[[nodiscard]] std::string draw(timeline const& t);

/// The timeline of a schedule: stages, their tasks by kind and chunk with the number of the micro-batch, and what each stage
/// holds.
/// @throws invalid_setting where the schedule does not finish, and as `simulate` does
template <Schedule S>
[[nodiscard]] timeline timeline_of(int stages, int micro_batches, work_cost cost = {});

/// Draws a schedule: `std::ofstream{"1f1b.svg"} << draw_schedule<one_f_one_b>(4, 8)`.
/// @param cost  of a whole stage for one micro-batch; as they are, forward takes 1 and backward 2
template <Schedule S>
[[nodiscard]] std::string draw_schedule(int stages, int micro_batches, work_cost cost = {}) {
    return draw(timeline_of<S>(stages, micro_batches, cost));
}

} // namespace espalier

#include <espalier/partition/pipeline/detail/draw.hpp>
#include <espalier/partition/pipeline/detail/schedule_timeline.hpp>

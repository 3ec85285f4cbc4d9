// SPDX-License-Identifier: BSL-1.0
/// @file
/// A timeline as a picture, as one SVG. What is shown is timeline.hpp; the picture knows no plan and no schedule.
#pragma once

#include <espalier/partition/plan/timeline.hpp>

#include <string>

namespace espalier {

/// Draws a timeline as one SVG, which needs no other file and follows the reader's light or dark scheme.
/// ```
///   stage 0  │ 0│ 1│  │  0  │        │ 1 │         boxes from begin to end, the label within, nothing where nothing is done
///   stage 1     │ 0│  0  │ 1│  1  │
///   stage 0   ▄▄██████▄▄▄▄▄          at most 2     held over time, to one scale for all rows
/// ```
/// Where there are layers, they are stacked; the highest sum is marked, and a line above shows the room that there is.
/// @return text that begins with "<svg"; the same timeline gives the same bytes
/// @throws invalid_setting where a box ends before it begins, begins before 0 or has a kind without a name, where levels do not
///         come in rising order of time from 0 on or name a layer that there is not, where a message or a meeting names a row that there
///         is not or a time before 0, and above 12 kinds or layers
[[nodiscard]] std::string draw(timeline const& t);

} // namespace espalier

#include <espalier/partition/plan/detail/timeline_svg.hpp>

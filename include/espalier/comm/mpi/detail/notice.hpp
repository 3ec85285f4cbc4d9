// SPDX-License-Identifier: BSL-1.0
/// @file
/// What each rank tells the others when it joins a collective operation: enough to see that all mean the same, and which lanes
/// its partial sums cover. Control traffic, no payload; the elements follow.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/type_record.hpp>
#include <espalier/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace espalier::mpi_detail {

/// Text of bounded length that travels as bytes; of a longer one the end is kept.
template <std::size_t N>
struct short_text {
    char value[N] = {};

    short_text() = default;
    short_text(std::string_view text) noexcept {  // NOLINT(google-explicit-constructor): it is the text
        if (text.size() >= N) text.remove_prefix(text.size() - (N - 1));
        std::memcpy(value, text.data(), text.size());
    }
    [[nodiscard]] std::string_view view() const noexcept { return value; }
};

/// A rank's side of one operation, as it travels.
struct notice {
    short_text<24> operation;
    short_text<32> parameter_name;             ///< "lanes", "root"; empty where there is none
    std::int64_t parameter = 0;
    short_text<24> element;                    ///< name of the type
    std::int64_t element_bytes = 0;
    std::int64_t count         = 0;
    short_text<32> reduction;
    short_text<64> file;
    int line     = 0;
    int summands = 0;
    lane_range lanes[max_subtrees];            ///< of the summands

    [[nodiscard]] bool agrees_with(notice const& o) const noexcept {
        return operation.view() == o.operation.view() && parameter == o.parameter && element.view() == o.element.view() &&
               element_bytes == o.element_bytes && count == o.count && reduction.view() == o.reduction.view();
    }
    /// Whether both ends of a channel mean elements of one type and number.
    [[nodiscard]] bool same_elements(notice const& o) const noexcept {
        return element.view() == o.element.view() && element_bytes == o.element_bytes && count == o.count;
    }
    /// "all_reduce of 12 float by sum, lanes 8 (train.cpp:40)"
    [[nodiscard]] std::string to_string() const {
        std::string text{operation.view()};
        if (element_bytes > 0) text += joined(" of ", count, " ", element.view());
        if (!reduction.view().empty()) text += joined(" by ", reduction.view());
        if (!parameter_name.view().empty()) text += joined(", ", parameter_name.view(), " ", parameter);
        return joined(text, " (", file.view(), ":", line, ")");
    }
};
static_assert(std::is_trivially_copyable_v<notice>);

/// The notice of an operation without elements.
[[nodiscard]] inline notice notice_of(char const* operation, call_site at) noexcept {
    notice n;
    n.operation = {operation};
    n.file      = {at.file};
    n.line      = at.line;
    return n;
}
/// The notice of an operation on `count` elements of T.
template <class T>
[[nodiscard]] notice notice_of(char const* operation, std::int64_t count, call_site at) noexcept {
    notice n        = notice_of(operation, at);
    n.element       = {detail::record_of<T>.name};
    n.element_bytes = static_cast<std::int64_t>(sizeof(T));
    n.count         = count;
    return n;
}
/// The same for an ordered sum.
template <class T>
[[nodiscard]] notice notice_of(char const* operation, ordered_sum<T> const& s, std::int64_t count, call_site at) {
    notice n = notice_of<T>(operation, count, at);
    if (s.mine.size() > max_subtrees)
        throw invalid_setting{{"mpi", joined("at most ", max_subtrees, " summands a rank"), joined(s.mine.size()),
                               "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, ranks, rank))",
                               "policies/communicator.md"}};
    n.parameter_name = {"lanes"};
    n.parameter      = s.lanes;
    n.summands       = static_cast<int>(s.mine.size());
    for (std::size_t i = 0; i < s.mine.size(); ++i) n.lanes[i] = s.mine[i].lanes;
    return n;
}

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What one end of a channel tells the other before the elements: their type and number, and where the call was made.
/// Control traffic, no payload.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/note.hpp>
#include <espalier/comm/detail/type_record.hpp>
#include <espalier/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace espalier::mpi_detail {

using detail::short_text;

/// One end's side of a post, as it travels.
struct notice {
    short_text<24> operation;
    short_text<24> element;                    ///< name of the type
    std::int64_t element_bytes = 0;
    std::int64_t count         = 0;
    short_text<64> file;
    int line     = 0;

    /// Whether both ends of a channel mean elements of one type and number.
    [[nodiscard]] bool same_elements(notice const& o) const noexcept {
        return element.view() == o.element.view() && element_bytes == o.element_bytes && count == o.count;
    }
    /// "post_send of 12 float (train.cpp:40)"
    [[nodiscard]] std::string to_string() const {
        std::string text{operation.view()};
        if (element_bytes > 0) text += joined(" of ", count, " ", element.view());
        return joined(text, " (", file.view(), ":", line, ")");
    }
};
static_assert(std::is_trivially_copyable_v<notice>);

/// The notice of "post_send" or "post_recv" of `count` elements of T.
template <class T>
[[nodiscard]] notice notice_of(char const* operation, std::int64_t count, call_site at) noexcept {
    return {{operation}, {detail::record_of<T>.name}, static_cast<std::int64_t>(sizeof(T)), count, {at.file}, at.line};
}

}  // namespace espalier::mpi_detail

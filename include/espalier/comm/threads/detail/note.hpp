// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a rank publishes when it joins a collective operation: enough to see that all mean the same, and where its data lie.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/type_record.hpp>
#include <espalier/core/error.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace espalier::threads_detail {

/// A rank's side of one operation. The pointers are read by the others between the meeting and the end of the operation.
struct note {
    char const* operation                     = "";
    char const* parameter_name                = nullptr;  ///< "lanes", "root", "borders"; null where there is none
    std::int64_t parameter                    = 0;
    detail::type_record const* element        = nullptr;
    std::int64_t count                        = 0;
    detail::type_record const* reduction      = nullptr;
    call_site at                              = {};
    void const* in                            = nullptr;  ///< an operand, or the first of `summands` of them
    std::int64_t summands                     = 0;
    void* out                                 = nullptr;

    /// Whether both sides mean the same operation. Two literals of one name may have two addresses, hence the views.
    [[nodiscard]] bool agrees_with(note const& o) const noexcept {
        return (operation == o.operation || std::string_view{operation} == o.operation) && parameter == o.parameter &&
               element == o.element && count == o.count && reduction == o.reduction;
    }
    /// "all_reduce of 12 float by sum, lanes 8 (train.cpp:40)"
    [[nodiscard]] std::string to_string() const {
        std::string text = operation;
        if (element != nullptr) text += joined(" of ", count, " ", element->name);
        if (reduction != nullptr) text += joined(" by ", reduction->name);
        if (parameter_name != nullptr) text += joined(", ", parameter_name, " ", parameter);
        return joined(text, " (", at.file, ":", at.line, ")");
    }
};

}  // namespace espalier::threads_detail

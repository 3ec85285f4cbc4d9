// SPDX-License-Identifier: BSL-1.0
/// @file
/// The name of an error's class, for the files that a failed run leaves.
#pragma once

#include <espalier/comm/errors.hpp>

#include <exception>
#include <string_view>

namespace espalier::detail {

/// "rank_failed", "deadline_passed", "mismatched_collective", "invalid_setting", "error", or "exception" for what is none of the library's.
[[nodiscard]] inline std::string_view class_of(std::exception_ptr const& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (rank_failed const&) {
        return "rank_failed";
    } catch (deadline_passed const&) {
        return "deadline_passed";
    } catch (mismatched_collective const&) {
        return "mismatched_collective";
    } catch (invalid_setting const&) {
        return "invalid_setting";
    } catch (error const&) {
        return "error";
    } catch (...) {
        return "exception";
    }
}

}  // namespace espalier::detail

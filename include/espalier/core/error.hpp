// SPDX-License-Identifier: BSL-1.0
/// @file
/// The one shape of every error that the library throws, and the root of its exceptions.
/// What each folder rejects is derived from `error` in that folder, not here.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace espalier {

/// Concatenates its arguments as a stream would print them.
template <class... Parts>
[[nodiscard]] std::string joined(Parts const&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return std::move(out).str();
}

/// What an error says: who complains, what was required, what was given, how to mend it, where to read on.
struct complaint {
    std::string entity;       ///< the part that complains: "data_parallel"
    std::string required;     ///< completes "requires …"
    std::string got;          ///< completes "got …"
    std::string fix;          ///< a sentence without its full stop
    std::string page;         ///< a page below docs/

    /// The text: `espalier: <entity>: requires <requirement>; got <value>. <Fix>. See docs/<page>.`
    [[nodiscard]] std::string to_string() const {
        return joined("espalier: ", entity, ": requires ", required, "; got ", got, ". ", fix, ". See docs/", page, ".");
    }
};

/// The root of every exception that espalier throws.
/// Catch it in `main` and print `what()`: one line that names the part, the requirement, the value, the fix and the page.
class error : public std::runtime_error {
public:
    explicit error(complaint const& c) : std::runtime_error{c.to_string()} {}

protected:
    explicit error(std::string const& text) : std::runtime_error{text} {}
};

/// A setting, option or argument is out of its range.
class invalid_setting : public error {
public:
    using error::error;
};

}  // namespace espalier

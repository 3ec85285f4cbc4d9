// SPDX-License-Identifier: BSL-1.0
/// @file
/// The machine that a run was made on, in a few words: processor, cores, memory.
/// What the arithmetic uses of it is math/backend.hpp's to say.
#pragma once

#include <espalier/observe/report/text.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

namespace espalier {

/// Where the system tells of itself; another place in tests.
struct hardware_sources {
    std::filesystem::path processor = "/proc/cpuinfo";
    std::filesystem::path memory    = "/proc/meminfo";
};

namespace detail {

/// What follows the colon in the first line that begins with `key`; empty where there is none.
[[nodiscard]] inline std::string value_after(std::filesystem::path const& file, std::string_view key) {
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);) {
        if (!std::string_view{line}.starts_with(key)) continue;
        auto const colon = line.find(':');
        auto const first = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
        return first == std::string::npos ? "" : line.substr(first);
    }
    return "";
}

} // namespace detail

/// "Intel Xeon Processor @ 2.00GHz, 2 cores, 7.8 GiB of memory", with "unknown" for what the system does not tell.
/// @par Ranks     local: the machine of this rank. Cores are those that this process may run on
[[nodiscard]] inline std::string hardware_text(hardware_sources const& from = {}) {
    auto const name    = detail::value_after(from.processor, "model name");
    auto const cores   = std::thread::hardware_concurrency();
    auto const memory  = detail::value_after(from.memory, "MemTotal");
    double kibibytes   = 0;
    bool const is_told = std::from_chars(memory.data(), memory.data() + memory.size(), kibibytes).ec == std::errc{};
    return joined(name.empty() ? "unknown processor" : name, ", ", cores == 0 ? "unknown" : html::count(cores),
                  cores == 1 ? " core, " : " cores, ",
                  is_told ? html::fixed(kibibytes / (1024.0 * 1024.0), 1) + " GiB" : "unknown", " of memory");
}

} // namespace espalier

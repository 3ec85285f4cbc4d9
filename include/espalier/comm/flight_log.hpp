// SPDX-License-Identifier: BSL-1.0
/// @file
/// The files that ranks have left, read back: one log a rank, times on one clock. What the logs say together is flight_report.hpp.
/// Programs that train do not include this; it needs nlohmann-json.
#pragma once

#include <espalier/comm/flight_file.hpp>
#include <espalier/core/error.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace espalier {

/// Files of a flight recorder are missing, damaged, of another version, or of different runs; the text names the file.
class bad_flight_file : public error {
public:
    using error::error;
};

/// An operation of a rank.
struct flight_operation {
    std::uint64_t ticket   = 0;     ///< counts the operations of the rank
    std::uint64_t group    = 0;
    std::uint64_t sequence = 0;     ///< counts the group's collective operations, alike on all its ranks
    std::string operation;
    std::string element;
    std::int64_t count = 0;
    std::string reduction;
    std::string parameter_name;
    std::int64_t parameter = 0;
    std::string file;
    int line = 0;
    std::string function;
    bool is_posted         = false;
    std::int64_t begins_ns = 0;     ///< since 1970
    std::int64_t ends_ns   = 0;     ///< since 1970; 0 while it is under way
    flight_state state     = flight_state::under_way;

    /// Whether all ranks of the group join it; if not, it is a send or a receive.
    [[nodiscard]] bool is_collective() const noexcept { return parameter_name != "to" && parameter_name != "from"; }
    /// "all_reduce of 12 float by sum, lanes 8"; the library's own types without its name
    [[nodiscard]] std::string what() const {
        auto const own = [](std::string_view type) { return type.starts_with("espalier::") ? type.substr(10) : type; };
        std::string text = operation;
        if (!element.empty()) text += joined(" of ", count, " ", own(element));
        if (!reduction.empty()) text += joined(" by ", own(reduction));
        if (!parameter_name.empty()) text += joined(", ", parameter_name, " ", parameter);
        return text;
    }
    /// "train.cpp:40", without folders
    [[nodiscard]] std::string where() const {
        return joined(std::string_view{file}.substr(file.find_last_of('/') + 1), ":", line);
    }
};

/// The file of one rank.
struct flight_log {
    flight_record_header header;
    std::int64_t made_ns    = 0;    ///< when the recorder was made, since 1970
    std::int64_t written_ns = 0;    ///< when the file was written, since 1970
    std::int64_t offset_ns  = 0;    ///< by which times in the file were shifted
    std::uint64_t begun     = 0;    ///< operations, those included that the ring had forgotten
    std::vector<flight_operation> operations;  ///< by rising ticket

    [[nodiscard]] int rank() const noexcept { return header.rank; }
    [[nodiscard]] bool has_failure() const noexcept { return !header.failure_class.empty(); }
};

/// Reads the text of one file.
/// @param name  of the file, for errors
/// @throws bad_flight_file
[[nodiscard]] flight_log parse_flight_log(std::string_view text, std::string const& name);

/// Reads every `rank-<r>.json` of a folder, by rising rank; other files are left alone. Logs of one host share its clock.
/// @throws bad_flight_file, also where the files are those of different runs
[[nodiscard]] std::vector<flight_log> read_flight_logs(std::filesystem::path const& folder);

}  // namespace espalier

#include <espalier/comm/detail/flight_log.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The file that a rank leaves where a run has failed: who it was, what it knows of the failure, its last operations.
/// Files are read again, and compared, by flight_report.hpp, which needs a JSON library; this does not.
#pragma once

#include <espalier/comm/flight_recorder.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace espalier {

/// The number in the files. It rises where a reader of older files would misunderstand a newer one.
inline constexpr int flight_file_version = 1;

/// Whose record it is, and why it is written.
struct flight_record_header {
    int rank                  = 0;   ///< counts in the world
    int size                  = 1;   ///< of the world
    std::string communicator  = {};  ///< "threads", "mpi"
    std::string host          = {};  ///< empty: that of this process
    std::int64_t process      = 0;   ///< 0: this one
    int failed_rank           = -1;  ///< who failed, as far as this rank knows; −1: nobody
    std::string failure_class = {};  ///< "rank_failed", "deadline_passed"; empty: no failure
    std::string failure       = {};  ///< its text
};

/// "rank-3.json"
[[nodiscard]] inline std::string flight_file_name(int rank) { return std::string{"rank-"}.append(std::to_string(rank)).append(".json"); }

/// Writes `<folder>/rank-<r>.json`: to a name of its own first, then renamed, so that nobody sees half a file. Makes the folder. Other threads
/// may go on recording.
/// @par Ranks     local
/// @return whether it could; it never throws, because a rank that fails has a more important error to report
[[nodiscard]] bool write_flight_file(std::filesystem::path const& folder, flight_record_header const& header,
                                     flight_recorder const& recorder) noexcept;

}  // namespace espalier

#include <espalier/comm/detail/flight_file.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of flight_file.hpp: the record as JSON, one line an operation, and the way it comes onto the disk.
/// It needs no JSON library, so that programs which use a communicator compile without one.
#pragma once

#include <espalier/comm/detail/json_line.hpp>
#include <espalier/comm/flight_file.hpp>

#include <fstream>
#include <functional>
#include <string_view>
#include <system_error>
#include <thread>

#include <unistd.h>

namespace espalier {
namespace detail {

[[nodiscard]] inline char const* state_name(flight_state s) noexcept {
    return s == flight_state::done ? "done" : s == flight_state::failed ? "failed" : "under way";
}

[[nodiscard]] inline std::string host_name() {
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0) return "";
    return name;
}

[[nodiscard]] inline std::string flight_header_json(flight_record_header const& h, flight_recorder const& recorder) {
    json_line line;
    line.number("espalier-flight", flight_file_version)
        .number("rank", h.rank)
        .number("size", h.size)
        .text("communicator", h.communicator)
        .text("host", h.host.empty() ? host_name() : h.host)
        .number("process", h.process != 0 ? h.process : static_cast<std::int64_t>(::getpid()))
        .number("failed_rank", h.failed_rank)
        .text("failure_class", h.failure_class)
        .text("failure", h.failure)
        .number("made_ns", recorder.made_ns())
        .number("written_ns", steady_ns())
        .number("system_offset_ns", recorder.system_offset_ns())
        .number("begun", recorder.begun());
    return line.members();
}

[[nodiscard]] inline std::string flight_record_json(flight_record const& r) {
    flight_entry const& e = r.entry;
    json_line line;
    line.number("ticket", r.ticket).number("group", e.group).number("sequence", e.sequence).text("operation", e.operation);
    line.text("element", e.element).number("count", e.count).text("reduction", e.reduction);
    line.text("parameter_name", e.parameter_name).number("parameter", e.parameter);
    line.text("file", e.at.file).number("line", e.at.line).text("function", e.at.function).boolean("posted", e.is_posted);
    line.number("begins_ns", r.begins_ns).number("ends_ns", r.ends_ns).text("state", state_name(r.state));
    return line.members();
}

[[nodiscard]] inline std::string flight_json(flight_record_header const& h, flight_recorder const& recorder) {
    std::string out = "{";
    out.append(flight_header_json(h, recorder)).append(",\n\"operations\": [");
    char const* between = "\n";
    for (flight_record const& r : recorder.records()) {
        out.append(between).append("{").append(flight_record_json(r)).append("}");
        between = ",\n";
    }
    return out.append("\n]}\n");
}

/// Writes a file under another name, unlike that of any other thread or process, and renames it.
[[nodiscard]] inline bool put_file(std::filesystem::path const& path, std::string_view bytes) {
    std::string name = ".";
    name.append(path.filename().string()).append(".").append(std::to_string(::getpid())).append(".");
    name.append(std::to_string(std::hash<std::thread::id>{}(std::this_thread::get_id()))).append(".part");
    auto const part = path.parent_path() / name;
    std::ofstream out{part, std::ios::binary | std::ios::trunc};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    std::error_code trouble;
    if (out) std::filesystem::rename(part, path, trouble);
    if (out && !trouble) return true;
    std::filesystem::remove(part, trouble);
    return false;
}

}  // namespace detail

inline bool write_flight_file(std::filesystem::path const& folder, flight_record_header const& header,
                              flight_recorder const& recorder) noexcept {
    try {
        std::error_code is_there_or_cannot_be;  // which of them, the file will say
        std::filesystem::create_directories(folder, is_there_or_cannot_be);
        return detail::put_file(folder / flight_file_name(header.rank), detail::flight_json(header, recorder));
    } catch (...) {
        return false;
    }
}

}  // namespace espalier

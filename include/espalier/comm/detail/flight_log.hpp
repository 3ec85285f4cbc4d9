// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of flight_log.hpp: JSON to logs, and whether the logs of a folder are those of one run.
/// Nothing in a file is believed: each number is looked at before it counts, shifts or names anything.
#pragma once

#include <espalier/comm/flight_log.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>

namespace espalier {
namespace detail {

[[noreturn]] inline void refuse_flight_file(std::string required, std::string got, std::string fix) {
    throw bad_flight_file{{"flight_report", std::move(required), std::move(got), std::move(fix), "howto/flight-recorder.md"}};
}

/// The members of an object, each checked.
class flight_fields {
public:
    flight_fields(nlohmann::json const& object, std::string const& name) : object_{object}, name_{name} {}

    static constexpr std::int64_t latest = 4'600'000'000'000'000'000;  ///< nanoseconds

    /// An integer from `least` to `most`.
    template <class T>
    [[nodiscard]] T number(char const* key, T least = std::numeric_limits<T>::lowest(), T most = std::numeric_limits<T>::max()) const {
        nlohmann::json const& value = member(key);
        bool fits                   = value.is_number_integer();
        if (fits && value.is_number_unsigned())
            fits = value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most) && (least <= 0 || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(least));
        else if (fits)
            fits = least < 0 && value.get<std::int64_t>() >= static_cast<std::int64_t>(least);
        if (!fits) refuse(joined("a number from ", least, " to ", most, " as \"", key, "\""), value.dump(-1, ' ', true).substr(0, 40));
        return value.get<T>();
    }
    [[nodiscard]] std::string text(char const* key) const {
        nlohmann::json const& value = member(key);
        if (!value.is_string()) refuse(joined("a text as \"", key, "\""), value.dump(-1, ' ', true).substr(0, 40));
        return value.get<std::string>();
    }
    [[nodiscard]] bool boolean(char const* key) const {
        nlohmann::json const& value = member(key);
        if (!value.is_boolean()) refuse(joined("true or false as \"", key, "\""), value.dump(-1, ' ', true).substr(0, 40));
        return value.get<bool>();
    }
    /// A time, shifted: from 1970 to 2115, so that the difference of two is a number as well.
    [[nodiscard]] std::int64_t time(char const* key, std::int64_t shift) const {
        std::int64_t const at = number<std::int64_t>(key, -latest, latest) + shift;
        if (at < 0 || at > latest) refuse(joined("a time from 1970 to 2115 as \"", key, "\""), joined(at, " ns after 1970"));
        return at;
    }
    [[nodiscard]] nlohmann::json const& member(char const* key) const {
        auto const found = object_.is_object() ? object_.find(key) : object_.end();
        if (!object_.is_object() || found == object_.end()) refuse(joined("a member \"", key, "\""), "none");
        return *found;
    }
    [[noreturn]] void refuse(std::string const& required, std::string const& got) const {
        refuse_flight_file(joined(required, " in every flight file"), joined(got, " (", name_, ")"), "Remove the file, which is damaged");
    }

private:
    nlohmann::json const& object_;
    std::string const& name_;
};

[[nodiscard]] inline flight_operation flight_operation_of(flight_fields const& f, std::int64_t offset) {
    flight_operation o;
    o.ticket         = f.number<std::uint64_t>("ticket");
    o.group          = f.number<std::uint64_t>("group");
    o.sequence       = f.number<std::uint64_t>("sequence");
    o.operation      = f.text("operation");
    o.element        = f.text("element");
    o.count          = f.number<std::int64_t>("count");
    o.reduction      = f.text("reduction");
    o.parameter_name = f.text("parameter_name");
    o.parameter      = f.number<std::int64_t>("parameter");
    o.file           = f.text("file");
    o.line           = f.number<int>("line");
    o.function       = f.text("function");
    o.is_posted      = f.boolean("posted");
    o.begins_ns      = f.time("begins_ns", offset);
    auto const state = f.text("state");
    if (state == "under way") return o;
    if (state != "done" && state != "failed") f.refuse("a state under way, done or failed", state.substr(0, 40));
    o.state   = state == "done" ? flight_state::done : flight_state::failed;
    o.ends_ns = f.time("ends_ns", offset);
    if (o.ends_ns < o.begins_ns) f.refuse("operations that end after they began", joined("operation ", o.ticket, ", which ends before"));
    return o;
}

[[nodiscard]] inline flight_log flight_log_of(nlohmann::json const& file, std::string const& name) {
    flight_fields const f{file, name};
    if (int const version = f.number<int>("espalier-flight"); version != flight_file_version)
        refuse_flight_file(joined("flight files of version ", flight_file_version), joined("version ", version, " (", name, ")"),
                           "Read it with the flight_report of the version that wrote it");
    flight_log log;
    log.header.size          = f.number<int>("size", 1, 1 << 24);
    log.header.rank          = f.number<int>("rank", 0, log.header.size - 1);
    log.header.communicator  = f.text("communicator");
    log.header.host          = f.text("host");
    log.header.process       = f.number<std::int64_t>("process");
    log.header.failed_rank   = f.number<int>("failed_rank", -1, log.header.size - 1);
    log.header.failure_class = f.text("failure_class");
    log.header.failure       = f.text("failure");
    log.offset_ns            = f.number<std::int64_t>("system_offset_ns", -f.latest, f.latest);
    log.made_ns              = f.time("made_ns", log.offset_ns);
    log.written_ns           = f.time("written_ns", log.offset_ns);
    log.begun                = f.number<std::uint64_t>("begun");
    auto const& operations   = f.member("operations");
    if (!operations.is_array()) f.refuse("a list of operations", "something else");
    for (auto const& each : operations) {
        log.operations.push_back(flight_operation_of({each, name}, log.offset_ns));
        auto const n = log.operations.size();
        if (n > 1 && log.operations[n - 1].ticket <= log.operations[n - 2].ticket) f.refuse("operations by rising ticket", "others");
    }
    return log;
}

/// The rank in "rank-12.json", or −1.
[[nodiscard]] inline int rank_in_name(std::string_view name) {
    if (!name.starts_with("rank-") || !name.ends_with(".json") || name.size() < 11 || name.size() > 18) return -1;
    int rank = 0;
    for (char const c : name.substr(5, name.size() - 10)) {
        if (c < '0' || c > '9') return -1;
        rank = rank * 10 + (c - '0');
    }
    return name == flight_file_name(rank) ? rank : -1;
}

/// Of one host, the clocks of all ranks are one: shifts all logs by the same amount, unless their shifts tell of different machines.
inline void share_clocks(std::vector<flight_log>& logs) {
    constexpr std::int64_t one_machine = 1'000'000'000;
    for (std::size_t i = 0; i < logs.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            std::int64_t const shift = logs[j].offset_ns - logs[i].offset_ns;
            if (logs[j].header.host != logs[i].header.host || shift > one_machine || shift < -one_machine) continue;
            logs[i].offset_ns += shift;
            logs[i].made_ns += shift;
            logs[i].written_ns += shift;
            for (flight_operation& o : logs[i].operations) {
                o.begins_ns += shift;
                if (o.state != flight_state::under_way) o.ends_ns += shift;
            }
            break;
        }
}

/// What one run cannot have: two sizes, two communicators, threads in two processes, a rank that had ended long before another began.
inline void check_one_run(std::vector<flight_log> const& logs) {
    auto const refuse = [](flight_log const& a, flight_log const& b, std::string const& how) {
        refuse_flight_file("the files of one run in a folder", joined(how, " (", flight_file_name(a.rank()), ", ", flight_file_name(b.rank()), ")"),
                           "Remove the files of the older run");
    };
    flight_log const& a = logs.front();
    for (flight_log const& b : logs) {
        auto const &x = a.header, &y = b.header;
        if (x.size != y.size) refuse(a, b, joined("one of ", x.size, " ranks and one of ", y.size));
        if (x.communicator != y.communicator) refuse(a, b, joined("ranks of ", x.communicator, " and of ", y.communicator));
        if (x.communicator == "threads" && x.process != y.process) refuse(a, b, joined("threads of process ", x.process, " and of process ", y.process));
    }
    constexpr std::int64_t slack = 10'000'000'000;  // a rank may fail while another still starts, and clocks of hosts differ
    auto const earlier = [](auto member) { return [member](flight_log const& x, flight_log const& y) { return x.*member < y.*member; }; };
    auto const first   = std::min_element(logs.begin(), logs.end(), earlier(&flight_log::written_ns));
    auto const last    = std::max_element(logs.begin(), logs.end(), earlier(&flight_log::made_ns));
    if (last->made_ns - first->written_ns > slack)
        refuse(*first, *last, joined("rank ", first->rank(), ", which had ended ", static_cast<double>(last->made_ns - first->written_ns) * 1e-9,
                                     " s before rank ", last->rank(), " began"));
}

}  // namespace detail

inline flight_log parse_flight_log(std::string_view text, std::string const& name) {
    nlohmann::json file;
    try {
        file = nlohmann::json::parse(text.begin(), text.end());
    } catch (nlohmann::json::parse_error const& e) {
        detail::refuse_flight_file("whole flight files", joined("one that is no JSON from byte ", e.byte, " of ", text.size(), " on (", name, ")"),
                                   "Remove the file, which is cut or damaged");
    }
    return detail::flight_log_of(file, name);
}

inline std::vector<flight_log> read_flight_logs(std::filesystem::path const& folder) {
    if (!std::filesystem::is_directory(folder))
        detail::refuse_flight_file("a folder", folder.string(), "Name the folder into which the ranks wrote their files");
    std::vector<flight_log> logs;
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        std::string const name = entry.path().filename().string();
        int const rank         = detail::rank_in_name(name);
        if (rank < 0) continue;
        std::ifstream in{entry.path(), std::ios::binary};
        std::string const text{std::istreambuf_iterator<char>{in}, {}};
        if (in.bad() || !in.is_open()) detail::refuse_flight_file("files that can be read", entry.path().string(), "Look at its owner and mode");
        logs.push_back(parse_flight_log(text, entry.path().string()));
        if (logs.back().rank() != rank)
            detail::refuse_flight_file(joined("rank ", rank, " in ", name), joined("rank ", logs.back().rank(), " (", entry.path().string(), ")"),
                                       "Give the file back its name");
    }
    if (logs.empty())
        detail::refuse_flight_file("files rank-0.json, rank-1.json, …", joined("none in ", folder.string()),
                                   "Name the folder into which the ranks wrote their files");
    std::sort(logs.begin(), logs.end(), [](flight_log const& a, flight_log const& b) { return a.rank() < b.rank(); });
    detail::share_clocks(logs);
    detail::check_one_run(logs);
    return logs;
}

}  // namespace espalier

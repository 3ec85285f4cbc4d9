// SPDX-License-Identifier: BSL-1.0
/// @file
/// Files read back: the round trip, the clocks of several hosts, and everything that is no flight file of one run.
#include "support/catch.hpp"

#include <espalier/comm/flight_log.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

struct folder_of_test {
    fs::path path = fs::temp_directory_path() / ("espalier_flight_log_" + std::to_string(::getpid()));
    folder_of_test() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~folder_of_test() { fs::remove_all(path); }
    void write(std::string const& name, std::string const& text) const { std::ofstream{path / name} << text; }
};

/// A file with one operation; `header` and `operation` are put before the members that are there, and so win over none of them.
std::string file_of(int rank, int size, std::string const& times = R"("made_ns": 100, "written_ns": 900, "system_offset_ns": 1000)",
                    std::string const& who = R"("communicator": "mpi", "host": "n1")") {
    return joined(R"({"espalier-flight": 1, "rank": )", rank, R"(, "size": )", size, ", ", who, R"(, "process": 7, "failed_rank": -1, )",
                  R"("failure_class": "", "failure": "", )", times, R"(, "begun": 5, "operations": [)",
                  R"({"ticket": 4, "group": 18446744073709551615, "sequence": 2, "operation": "barrier", "element": "", "count": 0, "reduction": "", )",
                  R"("parameter_name": "", "parameter": 0, "file": "/a/b.cpp", "line": 3, "function": "f", "posted": true, "begins_ns": 200, )",
                  R"("ends_ns": 300, "state": "done"}]})");
}
/// `text` with one part of it replaced, which must be there.
std::string with(std::string text, std::string const& part, std::string const& other) {
    auto const at = text.find(part);
    REQUIRE(at != std::string::npos);
    return text.replace(at, part.size(), other);
}
std::string refusal_of(std::string const& text) {
    try {
        static_cast<void>(parse_flight_log(text, "rank-0.json"));
    } catch (bad_flight_file const& e) {
        return e.what();
    }
    return "accepted";
}
std::string refusal_of(fs::path const& folder) {
    try {
        static_cast<void>(read_flight_logs(folder));
    } catch (bad_flight_file const& e) {
        return e.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a log says what the file says, with times since 1970", "[comm]") {
    auto const log = parse_flight_log(file_of(2, 3), "rank-2.json");
    CHECK(log.rank() == 2);
    CHECK(log.header.size == 3);
    CHECK(log.header.communicator == "mpi");
    CHECK(log.header.host == "n1");
    CHECK(log.header.process == 7);
    CHECK_FALSE(log.has_failure());
    CHECK(log.made_ns == 1100);
    CHECK(log.written_ns == 1900);
    CHECK(log.begun == 5);
    REQUIRE(log.operations.size() == 1);
    auto const& o = log.operations[0];
    CHECK(o.ticket == 4);
    CHECK(o.group == 18446744073709551615u);
    CHECK(o.sequence == 2);
    CHECK(o.what() == "barrier");
    CHECK(o.where() == "b.cpp:3");
    CHECK(o.is_posted);
    CHECK(o.is_collective());
    CHECK(o.begins_ns == 1200);
    CHECK(o.ends_ns == 1300);
    CHECK(o.state == flight_state::done);
}

TEST_CASE("what a recorder wrote is read back, odd characters included", "[comm]") {
    folder_of_test const f;
    flight_recorder recorder;
    recorder.end(recorder.begin({.group = 1, .sequence = 9, .operation = "all \"reduce\"\n", .element = "espalier::bf16", .count = 12, .reduction = "espalier::sum",
                                 .parameter_name = "lanes", .parameter = -8, .at = {"a\\b/c d.cpp", "f<T = \xc3\xa9>", 40}, .is_posted = true}));
    recorder.end(recorder.begin({.operation = "post_send", .element = "float", .count = 3, .parameter_name = "to", .parameter = 1}), true);
    recorder.begin({.operation = "barrier"});
    REQUIRE(write_flight_file(f.path, {.rank = 1, .size = 2, .communicator = "threads", .host = "h\tost", .process = 9, .failed_rank = 0,
                                       .failure_class = "rank_failed", .failure = "\"x\"\n\x01"}, recorder));
    f.write("rank-0.json.part", "half a f");
    f.write("rank-01.json", "nobody writes such a name");
    auto const logs = read_flight_logs(f.path);
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].header.host == "h\tost");
    CHECK(logs[0].header.failed_rank == 0);
    CHECK(logs[0].header.failure == "\"x\"\n\x01");
    REQUIRE(logs[0].operations.size() == 3);
    auto const& o = logs[0].operations[0];
    CHECK(o.what() == "all \"reduce\"\n of 12 bf16 by sum, lanes -8");
    CHECK(o.where() == "c d.cpp:40");
    CHECK(o.function == "f<T = \xc3\xa9>");
    CHECK(o.is_posted);
    auto const kept = recorder.records();
    CHECK(std::abs(o.begins_ns - (kept[0].begins_ns + recorder.system_offset_ns())) < 1'000'000);  // counts become times anew at each reading
    CHECK(o.ends_ns >= o.begins_ns);
    CHECK_FALSE(logs[0].operations[1].is_collective());
    CHECK(logs[0].operations[1].state == flight_state::failed);
    CHECK(logs[0].operations[2].state == flight_state::under_way);
    CHECK(logs[0].operations[2].ends_ns == 0);
}

TEST_CASE("a damaged flight file is refused by name and reason, cut at any byte too", "[comm]") {
    std::string const good = file_of(0, 2);
    for (std::size_t length = 0; length < good.size(); ++length) {
        auto const text = refusal_of(good.substr(0, length));
        bool const is_right = text.find("requires whole flight files; got one that is no JSON from byte ") != std::string::npos &&
                              text.find("(rank-0.json)") != std::string::npos;
        if (!is_right) FAIL(length << ": " << text);
    }
    CHECK_THAT(refusal_of(with(good, "\"espalier-flight\"", "\"else\"")), ContainsSubstring("requires a member \"espalier-flight\" in every flight file; got none (rank-0.json)"));
    CHECK_THAT(refusal_of(with(good, "flight\": 1", "flight\": 2")), ContainsSubstring("requires flight files of version 1; got version 2 (rank-0.json)"));
    CHECK_THAT(refusal_of(std::string{"[1]"}), ContainsSubstring("requires a member \"espalier-flight\""));
    CHECK_THAT(refusal_of(with(good, "\"rank\": 0", "\"rank\": 2")), ContainsSubstring("requires a number from 0 to 1 as \"rank\" in every flight file; got 2 (rank-0.json)"));
    CHECK_THAT(refusal_of(with(good, "\"size\": 2", "\"size\": 99999999999")), ContainsSubstring("as \"size\""));
    CHECK_THAT(refusal_of(with(good, "\"failed_rank\": -1", "\"failed_rank\": -2")), ContainsSubstring("a number from -1 to 1 as \"failed_rank\""));
    CHECK_THAT(refusal_of(with(good, "\"begun\": 5", "\"begun\": -5")), ContainsSubstring("as \"begun\""));
    CHECK_THAT(refusal_of(with(good, "\"begun\": 5", "\"begun\": 1.5")), ContainsSubstring("as \"begun\""));
    CHECK_THAT(refusal_of(with(good, "\"n1\"", "null")), ContainsSubstring("requires a text as \"host\" in every flight file; got null"));
    CHECK_THAT(refusal_of(with(good, "true", "1")), ContainsSubstring("requires true or false as \"posted\""));
    CHECK_THAT(refusal_of(with(good, "\"done\"", "\"fine\"")), ContainsSubstring("requires a state under way, done or failed in every flight file; got fine"));
    CHECK_THAT(refusal_of(with(good, "\"ends_ns\": 300", "\"ends_ns\": 199")), ContainsSubstring("operation 4, which ends before"));
    CHECK_THAT(refusal_of(with(good, "1000", "9000000000000000000")), ContainsSubstring("as \"system_offset_ns\""));
    CHECK_THAT(refusal_of(with(good, "\"made_ns\": 100", "\"made_ns\": -1001")), ContainsSubstring("requires a time from 1970 to 2115 as \"made_ns\""));
    CHECK_THAT(refusal_of(with(good, "\"begins_ns\": 200", "\"begins_ns\": 4600000000000000000")), ContainsSubstring("requires a time from 1970 to 2115"));
    CHECK_THAT(refusal_of(with(good, "[{", "[[],{")), ContainsSubstring("requires a member \"ticket\""));
    CHECK_THAT(refusal_of(with(good, "[{", "[{\"ticket\": 4, \"group\": 0, \"sequence\": 2, \"operation\": \"\", \"element\": \"\", \"count\": 0, \"reduction\": \"\", "
                                           "\"parameter_name\": \"\", \"parameter\": 0, \"file\": \"\", \"line\": 3, \"function\": \"\", \"posted\": true, "
                                           "\"begins_ns\": 200, \"ends_ns\": 0, \"state\": \"under way\"},{")),
               ContainsSubstring("requires operations by rising ticket"));
    CHECK_THAT(refusal_of(good), ContainsSubstring("accepted"));
}

TEST_CASE("a folder without flight files, or with those of two runs, is refused", "[comm]") {
    folder_of_test const f;
    CHECK_THAT(refusal_of(f.path / "none"), ContainsSubstring("requires a folder; got "));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("requires files rank-0.json, rank-1.json, …; got none in "));
    f.write("rank-1.json", file_of(0, 2));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("requires rank 1 in rank-1.json; got rank 0"));
    f.write("rank-1.json", file_of(1, 2));
    f.write("rank-0.json", file_of(0, 4));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("requires the files of one run in a folder; got one of 4 ranks and one of 2 (rank-0.json, rank-1.json)"));
    f.write("rank-0.json", file_of(0, 2, R"("made_ns": 100, "written_ns": 900, "system_offset_ns": 1000)", R"("communicator": "threads", "host": "n1")"));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("got ranks of threads and of mpi (rank-0.json, rank-1.json)"));
    f.write("rank-0.json", file_of(0, 2, R"("made_ns": 20000000900, "written_ns": 60000000000, "system_offset_ns": 1000)"));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("got rank 1, which had ended 20 s before rank 0 began (rank-1.json, rank-0.json)"));
    f.write("rank-0.json", file_of(0, 2, R"("made_ns": 9000000900, "written_ns": 60000000000, "system_offset_ns": 1000)"));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("accepted"));  // it was slow to start
    std::string const threads = R"("communicator": "threads", "host": "n1")", times = R"("made_ns": 100, "written_ns": 900, "system_offset_ns": 1000)";
    f.write("rank-0.json", file_of(0, 2, times, threads));
    f.write("rank-1.json", with(file_of(1, 2, times, threads), "\"process\": 7", "\"process\": 8"));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("got threads of process 7 and of process 8 (rank-0.json, rank-1.json)"));
    f.write("rank-1.json", file_of(1, 2));
    f.write("rank-0.json", file_of(0, 2));
    CHECK_THAT(refusal_of(f.path), ContainsSubstring("accepted"));
}

TEST_CASE("ranks of one host share its clock, ranks of others keep their own", "[comm]") {
    folder_of_test const f;
    auto const times = [](std::int64_t offset) { return joined(R"("made_ns": 100, "written_ns": 9000000000, "system_offset_ns": )", offset); };
    f.write("rank-0.json", file_of(0, 4, times(5000), R"("communicator": "mpi", "host": "a")"));
    f.write("rank-1.json", file_of(1, 4, times(5700), R"("communicator": "mpi", "host": "b")"));
    f.write("rank-2.json", file_of(2, 4, times(5900), R"("communicator": "mpi", "host": "a")"));
    f.write("rank-3.json", file_of(3, 4, times(2000005000), R"("communicator": "mpi", "host": "a")"));  // a namesake
    auto const logs = read_flight_logs(f.path);
    REQUIRE(logs.size() == 4);
    CHECK(logs[0].operations[0].begins_ns == 5200);
    CHECK(logs[1].operations[0].begins_ns == 5900);
    CHECK(logs[2].operations[0].begins_ns == 5200);
    CHECK(logs[2].operations[0].ends_ns == 5300);
    CHECK(logs[2].made_ns == 5100);
    CHECK(logs[3].operations[0].begins_ns == 2000005200);
}

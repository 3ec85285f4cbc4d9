// SPDX-License-Identifier: BSL-1.0
/// @file
/// The file of a rank, read by a JSON library that knows nothing of how it was written.
#include "support/catch.hpp"

#include <espalier/comm/flight_file.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <locale>
#include <string>

#include <unistd.h>

using namespace espalier;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone afterwards.
struct folder_of_test {
    fs::path path = fs::temp_directory_path() / ("espalier_flight_file_" + std::to_string(::getpid()));
    folder_of_test() { fs::remove_all(path); }
    ~folder_of_test() { fs::remove_all(path); }
};

nlohmann::json read(fs::path const& path) {
    std::ifstream in{path};
    return nlohmann::json::parse(in);
}
std::size_t files_in(fs::path const& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

/// Digits in groups of two, as a program might set for its own output.
struct grouped_digits : std::numpunct<char> {
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\2"; }
};

}  // namespace

TEST_CASE("a flight file holds header and operations as JSON", "[comm]") {
    folder_of_test const f;
    flight_recorder recorder;
    auto const t = recorder.begin({.group = 0xffffffffffffffff, .sequence = 3, .operation = "all_reduce", .element = "float", .count = 12,
                                   .reduction = "sum", .parameter_name = "lanes", .parameter = 8, .at = {"train.cpp", "step", 40}});
    recorder.end(t, true);
    recorder.begin({.operation = "barrier", .is_posted = true});
    REQUIRE(write_flight_file(f.path / "deep" / "er", {.rank = 3, .size = 4, .communicator = "mpi", .host = "node-1", .process = 77,
                                                       .failed_rank = 2, .failure_class = "rank_failed", .failure = "gone"}, recorder));
    auto const file = read(f.path / "deep" / "er" / "rank-3.json");
    CHECK(file.at("espalier-flight") == 1);
    CHECK(file.at("rank") == 3);
    CHECK(file.at("size") == 4);
    CHECK(file.at("communicator") == "mpi");
    CHECK(file.at("host") == "node-1");
    CHECK(file.at("process") == 77);
    CHECK(file.at("failed_rank") == 2);
    CHECK(file.at("failure_class") == "rank_failed");
    CHECK(file.at("failure") == "gone");
    CHECK(file.at("begun") == 2);
    CHECK(file.at("made_ns") == recorder.made_ns());
    CHECK(file.at("system_offset_ns") == recorder.system_offset_ns());
    CHECK(file.at("written_ns").get<std::int64_t>() >= recorder.made_ns());
    REQUIRE(file.at("operations").size() == 2);
    auto const one = file.at("operations")[0], two = file.at("operations")[1];
    CHECK(one.at("ticket") == 0);
    CHECK(one.at("group") == 0xffffffffffffffff);
    CHECK(one.at("sequence") == 3);
    CHECK(one.at("operation") == "all_reduce");
    CHECK(one.at("element") == "float");
    CHECK(one.at("count") == 12);
    CHECK(one.at("reduction") == "sum");
    CHECK(one.at("parameter_name") == "lanes");
    CHECK(one.at("parameter") == 8);
    CHECK(one.at("file") == "train.cpp");
    CHECK(one.at("function") == "step");
    CHECK(one.at("line") == 40);
    CHECK(one.at("posted") == false);
    CHECK(one.at("state") == "failed");
    // Counts become times anew at each reading, by a look at two clocks.
    CHECK(std::abs(one.at("begins_ns").get<std::int64_t>() - recorder.records()[0].begins_ns) < 1'000'000);
    CHECK(one.at("ends_ns").get<std::int64_t>() >= one.at("begins_ns").get<std::int64_t>());
    CHECK(two.at("posted") == true);
    CHECK(two.at("state") == "under way");
    CHECK(two.at("ends_ns") == 0);
    CHECK(files_in(f.path / "deep" / "er") == 1);  // no temporary one is left
}

TEST_CASE("host and process are those of the writer where none are given", "[comm]") {
    folder_of_test const f;
    REQUIRE(write_flight_file(f.path, {.rank = 0}, flight_recorder{}));
    auto const file = read(f.path / "rank-0.json");
    CHECK(file.at("process") == static_cast<std::int64_t>(::getpid()));
    CHECK_FALSE(file.at("host").get<std::string>().empty());
    CHECK(file.at("operations").empty());
}

TEST_CASE("odd characters survive, and bytes that are no text become U+FFFD", "[comm]") {
    folder_of_test const f;
    flight_recorder recorder;
    recorder.begin({.operation = "a\"b\\c/\n\t\x01\x7f", .element = "T = \xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xb3",
                    .at = {"\xff\xc3(\xe2\x82|\xed\xa0\x80|\xf4\x90\x80\x80|\xc0\x80|\xe0\x80\x80|\xf0\x8f\xbf\xbf", "", 1}});
    std::string failure = "line one\nline \"two\"";
    failure.push_back('\0');
    REQUIRE(write_flight_file(f.path, {.failure_class = "error", .failure = failure}, recorder));
    auto const file = read(f.path / "rank-0.json");
    auto const operation = file.at("operations")[0];
    CHECK(operation.at("operation") == "a\"b\\c/\n\t\x01\x7f");
    CHECK(operation.at("element") == "T = \xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xb3");
    CHECK(file.at("failure") == failure);
    std::string const x = "\xef\xbf\xbd";
    CHECK(operation.at("file") == x + x + "(" + x + x + "|" + x + x + x + "|" + x + x + x + x + "|" + x + x + "|" + x + x + x + "|" + x + x + x + x);
}

TEST_CASE("a flight file does not follow the locale", "[comm]") {
    folder_of_test const f;
    flight_recorder recorder;
    recorder.begin({.count = 1'234'567});
    std::locale const before = std::locale::global(std::locale{std::locale::classic(), new grouped_digits});
    bool const could         = write_flight_file(f.path, {.process = 7'654'321}, recorder);
    std::locale::global(before);
    REQUIRE(could);
    auto const file = read(f.path / "rank-0.json");
    CHECK(file.at("process") == 7'654'321);
    CHECK(file.at("operations")[0].at("count") == 1'234'567);
}

TEST_CASE("a flight file replaces the one before, and says where it could not be written", "[comm]") {
    folder_of_test const f;
    REQUIRE(write_flight_file(f.path, {.process = 1}, flight_recorder{}));
    REQUIRE(write_flight_file(f.path, {.process = 2}, flight_recorder{}));
    CHECK(read(f.path / "rank-0.json").at("process") == 2);
    CHECK(files_in(f.path) == 1);

    CHECK_FALSE(write_flight_file(f.path / "rank-0.json", {}, flight_recorder{}));  // no folder
    fs::create_directories(f.path / "rank-5.json" / "in the way");
    CHECK_FALSE(write_flight_file(f.path, {.rank = 5, .size = 6}, flight_recorder{}));
    CHECK(files_in(f.path) == 2);  // and what was begun is removed
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/observe/report/hardware.hpp>

#include <thread>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the machine is told by its processor, cores and memory") {
    espalier_test::temporary_folder const folder;
    hardware_sources const from{
        folder.write("cpu", "processor\t: 0\nmodel name\t: A Processor @ 2.00GHz\nmodel name\t: another\n"),
        folder.write("mem", "MemTotal:        8161280 kB\nMemFree:          123 kB\n")};
    auto const text = hardware_text(from);
    CHECK_THAT(text, Catch::Matchers::StartsWith("A Processor @ 2.00GHz, "));
    CHECK_THAT(text, Catch::Matchers::EndsWith(", 7.8 GiB of memory")); // 8161280 / 1048576 = 7.783
    CHECK_THAT(text, ContainsSubstring(std::to_string(std::thread::hardware_concurrency()) + " core"));
}

TEST_CASE("what the system does not tell is unknown") {
    auto const text = hardware_text({"/does/not/exist", "/does/not/exist"});
    CHECK_THAT(text, Catch::Matchers::StartsWith("unknown processor, "));
    CHECK_THAT(text, Catch::Matchers::EndsWith(", unknown of memory"));
    espalier_test::temporary_folder const folder;
    hardware_sources const odd{folder.write("cpu", "model name\t:\n"), folder.write("mem", "MemTotal\n")};
    CHECK(hardware_text(odd) == text);
}

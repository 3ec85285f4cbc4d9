// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"

#include <espalier/observe/metrics_csv.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace espalier;
namespace fs = std::filesystem;

namespace {
/// A folder that goes when the test ends.
struct temporary_folder {
    fs::path path = fs::temp_directory_path() / joined("espalier_metrics_test_", ::getpid());
    temporary_folder() { fs::remove_all(path); }
    ~temporary_folder() { fs::remove_all(path); }
    temporary_folder(temporary_folder const&)            = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;
};

std::string content(fs::path const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

step_report report(std::int64_t step, double loss) {
    return {
        .step = step, .epoch = 2, .last_step = 1000, .samples = 32, .loss = loss, .learning_rate = 1e-3, .gradient_norm = 0.125};
}
}  // namespace

TEST_CASE("metrics are a header and a line a step, with nine digits") {
    temporary_folder const folder;
    auto const file = folder.path / "a" / "b" / "metrics.csv";  // its folder is made
    {
        metrics_csv metrics{file};
        metrics.on_start(report(0, 0));
        metrics.on_step(report(1, 0.5));
        metrics.on_step(report(2, 1.0 / 3.0));
        metrics.on_finish(report(2, 1.0 / 3.0));
        CHECK(content(file) == "step,epoch,loss,learning_rate,gradient_norm\n"
                               "1,2,0.5,0.001,0.125\n"
                               "2,2,0.333333333,0.001,0.125\n");
    }
    CHECK(content(file).size() == 92);  // nothing comes after the end
}

TEST_CASE("every hundredth step can be read while training goes on, and an older file is replaced") {
    temporary_folder const folder;
    fs::create_directories(folder.path);
    auto const file = folder.path / "metrics.csv";
    std::ofstream{file} << "an older run\n";
    metrics_csv metrics{file};
    metrics.on_start(report(0, 0));
    for (std::int64_t step = 1; step <= 100; ++step) metrics.on_step(report(step, 0.25));
    auto const text = content(file);
    CHECK(std::count(text.begin(), text.end(), '\n') == 101);
    CHECK(text.substr(0, 5) == "step,");
    CHECK_THAT(text, Catch::Matchers::EndsWith("\n99,2,0.25,0.001,0.125\n100,2,0.25,0.001,0.125\n"));
}

TEST_CASE("lines are on the disk before a checkpoint is written") {
    temporary_folder const folder;
    auto const file = folder.path / "metrics.csv";
    metrics_csv metrics{file};
    metrics.on_start(report(0, 0));
    metrics.on_step(report(1, 0.5));
    metrics.on_save(report(1, 0.5));
    CHECK_THAT(content(file), Catch::Matchers::EndsWith("\n1,2,0.5,0.001,0.125\n"));
}

TEST_CASE("a run that is resumed keeps the lines before, and replaces those that were written and lost, torn ones too") {
    temporary_folder const folder;
    fs::create_directories(folder.path);
    auto const file = folder.path / "metrics.csv";
    std::string const head = "step,epoch,loss,learning_rate,gradient_norm\n";
    std::ofstream{file} << head << "1,2,0.5,0.001,0.125\n2,2,0.25,0.001,0.125\n3,2,9,0.001,0.125\n4,2,0.1";
    for (bool again : {false, true}) {
        metrics_csv metrics{file};
        metrics.on_start(report(2, 0));
        CHECK(content(file) == head + "1,2,0.5,0.001,0.125\n2,2,0.25,0.001,0.125\n");
        metrics.on_step(report(3, again ? 0.75 : 0.5));
        metrics.on_finish(report(3, 0));
    }
    CHECK(content(file) == head + "1,2,0.5,0.001,0.125\n2,2,0.25,0.001,0.125\n3,2,0.75,0.001,0.125\n");
}

TEST_CASE("each validation is a line of a second file, on the disk at once; it is made when there is one") {
    temporary_folder const folder;
    auto const beside = folder.path / "validation.csv";
    metrics_csv metrics{folder.path / "metrics.csv"};
    metrics.on_start(report(0, 0));
    CHECK(!fs::exists(beside));
    metrics.on_validate({.step = 10, .epoch = 1, .loss = 0.5, .best_loss = 0.5, .best_step = 10, .epochs_waited = 0});
    metrics.on_validate({.step = 20, .epoch = 2, .loss = 2.0 / 3.0, .best_loss = 0.5, .best_step = 10, .epochs_waited = 1});
    CHECK(content(beside) == "step,epoch,loss,best_loss,best_step,epochs_waited\n"
                             "10,1,0.5,0.5,10,0\n"
                             "20,2,0.666666667,0.5,10,1\n");
}

TEST_CASE("the lines of validations follow the rules of those of steps: kept to where a run is resumed, gone where one begins") {
    temporary_folder const folder;
    fs::create_directories(folder.path);
    auto const beside      = folder.path / "validation.csv";
    std::string const head = "step,epoch,loss,best_loss,best_step,epochs_waited\n";
    std::ofstream{beside} << head << "10,1,0.5,0.5,10,0\n20,2,9,0.5,10,1\n30,3";
    {
        metrics_csv metrics{folder.path / "metrics.csv"};
        metrics.on_start(report(15, 0));
        CHECK(content(beside) == head + "10,1,0.5,0.5,10,0\n");
        metrics.on_validate({.step = 20, .epoch = 2, .loss = 0.25, .best_loss = 0.25, .best_step = 20, .epochs_waited = 0});
    }
    {
        metrics_csv metrics{folder.path / "metrics.csv"};
        metrics.on_start(report(20, 0));  // the checkpoint of step 20 was written after its validation
        CHECK(content(beside) == head + "10,1,0.5,0.5,10,0\n20,2,0.25,0.25,20,0\n");
    }
    metrics_csv metrics{folder.path / "metrics.csv"};
    metrics.on_start(report(0, 0));
    CHECK(!fs::exists(beside));
}

TEST_CASE("metrics are not written into the file of the validations") {
    temporary_folder const folder;
    CHECK_THROWS_AS(metrics_csv{folder.path / "validation.csv"}, invalid_setting);
    CHECK(!fs::exists(folder.path / "validation.csv"));
}

TEST_CASE("a file that cannot be opened is named with the reason") {
    temporary_folder const folder;
    fs::create_directories(folder.path / "metrics.csv");  // a folder of that name
    auto const file = (folder.path / "metrics.csv").string();
    CHECK_THROWS_WITH(metrics_csv{file},
                      "espalier: metrics_csv: requires a file that can be written; got " + file +
                          " (Is a directory). Choose another folder or free some space. See docs/policies/model.md.");
}

TEST_CASE("a disk that is full is noticed when lines are flushed") {
    if (!fs::exists("/dev/full")) espalier_test::skip("needs /dev/full, which this system does not have");
    CHECK_THROWS_AS(
        [] {
            metrics_csv metrics{"/dev/full"};
            metrics.on_step(report(1, 0.5));
            metrics.on_finish(report(1, 0.5));
        }(),
        error);
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A folder that lives as long as a test case, and files in it.
/// It is for tests of data/ alone.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace espalier_test {

/// An empty folder below the system's temporary one; gone, with what it holds, at the end of the scope.
class temporary_folder {
public:
    temporary_folder() {
        std::random_device name; // two processes of one test must not meet
        path_ =
            std::filesystem::temp_directory_path() / ("espalier_data_" + std::to_string(name()) + "_" + std::to_string(name()));
        std::filesystem::create_directories(path_);
    }
    temporary_folder(temporary_folder const&)            = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

    std::filesystem::path write(std::string const& name, std::string const& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// The text of what `f` throws as an `Error`; "" where it throws nothing of the kind.
template <class Error, class F>
[[nodiscard]] std::string words_of(F&& f) {
    try {
        f();
    } catch (Error const& e) {
        return e.what();
    }
    return "";
}

} // namespace espalier_test

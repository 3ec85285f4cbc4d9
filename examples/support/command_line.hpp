// SPDX-License-Identifier: BSL-1.0
/// @file
/// The command line of an example, read by CLI11. CLI11 itself is compiled once for all examples (command_line.cpp), not in each.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace CLI {
class App;
}

namespace example {

/// What a number on the command line must be.
struct requirement {
    enum class kind { none, positive, not_negative, between } is = kind::none;
    int least = 0, most = 0;
};
inline constexpr requirement positive{requirement::kind::positive};
inline constexpr requirement not_negative{requirement::kind::not_negative};
[[nodiscard]] constexpr requirement between(int least, int most) noexcept { return {requirement::kind::between, least, most}; }

/// The options of a program; --help lists them with their defaults.
class command_line {
public:
    command_line(std::string const& program, std::string const& description);
    ~command_line();

    /// Where a value goes; it stays as it is where none is given.
    using target = std::variant<int*, std::int64_t*, std::uint64_t*, double*, std::string*, std::filesystem::path*, std::optional<std::int64_t>*>;

    /// An option, "--name", or an argument by its place, "name".
    template <class T>
    void add(std::string const& name, T& value, std::string const& words, requirement must_be = {}) {
        add_target(name, &value, words, must_be);
    }
    /// An option without a value, which is true where it is given.
    void flag(std::string const& name, bool& is_given, std::string const& words);

    /// Reads the words of the command line.
    /// @return the status with which the program ends here: 0 after --help, 2 after words that cannot be used, which are named on standard error
    [[nodiscard]] std::optional<int> parse(int argc, char** argv);
    /// Prints what --help prints.
    /// @return 0
    int help() const;
    /// Says why an option cannot be used.
    /// @return 2
    int refuse(std::string const& name, std::string const& why) const;
    /// As it was typed.
    [[nodiscard]] std::string const& typed() const noexcept { return typed_; }

private:
    void add_target(std::string const& name, target into, std::string const& words, requirement must_be);

    std::unique_ptr<CLI::App> app_;
    std::string typed_;
};

/// Reads the options, runs, and turns an error into one line on standard error and exit status 1.
template <class Run>
int parse_and_run(command_line& line, int argc, char** argv, Run run) {
    if (auto const status = line.parse(argc, argv)) return *status;
    try {
        return run();
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}

}  // namespace example

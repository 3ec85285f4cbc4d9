// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include <CLI/CLI.hpp>

namespace example {

command_line::command_line(std::string const& program, std::string const& description) : app_{std::make_unique<CLI::App>(description, program)} {}
command_line::~command_line() = default;

void command_line::add_target(std::string const& name, target into, std::string const& words, requirement must_be) {
    CLI::Option* const option = std::visit([&](auto* value) { return app_->add_option(name, *value, words); }, into);
    if (option->capture_default_str()->get_default_str().empty()) option->default_str(""); // no "[]" behind an option without a default
    switch (must_be.is) {
    case requirement::kind::none: break;
    case requirement::kind::positive: option->check(CLI::PositiveNumber); break;
    case requirement::kind::not_negative: option->check(CLI::NonNegativeNumber); break;
    case requirement::kind::between: option->check(CLI::Range(must_be.least, must_be.most)); break;
    }
}

void command_line::flag(std::string const& name, bool& is_given, std::string const& words) { app_->add_flag(name, is_given, words); }

std::optional<int> command_line::parse(int argc, char** argv) {
    typed_ = app_->get_name();
    for (int i = 1; i < argc; ++i) typed_ += std::string{" "} + argv[i];
    try {
        app_->parse(argc, argv);
    } catch (CLI::ParseError const& e) {
        return app_->exit(e, std::cout, std::cerr) == 0 ? 0 : 2;
    }
    return {};
}

int command_line::help() const {
    std::cout << app_->help();
    return 0;
}

int command_line::refuse(std::string const& name, std::string const& why) const {
    app_->exit(CLI::ValidationError{name, why}, std::cout, std::cerr);
    return 2;
}

}  // namespace example

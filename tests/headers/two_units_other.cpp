// SPDX-License-Identifier: BSL-1.0
/// @file
/// The other of the two files that include the umbrella header.
/// See two_units_main.cpp.
#include <espalier/espalier.hpp>

std::uint32_t word_of_the_other_file();
std::uint32_t word_of_the_other_file() { return espalier::philox4x32({}, 0, 0).word[0]; }

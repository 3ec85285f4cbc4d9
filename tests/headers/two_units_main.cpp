// SPDX-License-Identifier: BSL-1.0
/// @file
/// One of two files that include the umbrella header: linked together, they show that all of it is inline.
/// What the library computes is tested elsewhere.
#include <espalier/espalier.hpp>

std::uint32_t word_of_the_other_file();

int main() { return espalier::philox4x32({}, 0, 0).word[0] == word_of_the_other_file() ? 0 : 1; }

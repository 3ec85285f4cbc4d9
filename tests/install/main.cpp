// SPDX-License-Identifier: BSL-1.0
/// @file
/// The program of the four consumers: it includes the umbrella and prints the first word of Philox4x32-10 at counter 0, key 0.
/// The script that runs it knows the word from the paper; nothing else of the library is tried here.
#include <espalier/espalier.hpp>

#include <cstdio>

int main() {
    auto const block = espalier::philox4x32({}, 0, 0);
    std::printf("%08x\n", static_cast<unsigned>(block.word[0]));
}

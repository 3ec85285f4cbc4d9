// SPDX-License-Identifier: BSL-1.0
/// @file
/// The program of the four consumers: it includes the umbrella, prints the first word of Philox4x32-10 at counter 0, key 0, and names
/// what multiplies matrices, which asks the linked library. The script that runs it knows the word from the paper.
#include <espalier/espalier.hpp>

#include <cstdio>

int main() {
    auto const block = espalier::philox4x32({}, 0, 0);
    std::printf("%08x\n%s\n", static_cast<unsigned>(block.word[0]), espalier::math::backend_name().c_str());
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A character array of fixed capacity that can be a template argument and can be built at compile time.
/// It is not a string class: it names layers and tensors, nothing more.
#pragma once

#include <cstddef>
#include <string_view>

namespace espalier {

/// A name as a value: `named<text{"head"}, linear<50, 1>>`. At most 95 characters; longer ones do not compile.
struct text {
    char value[96];

    [[nodiscard]] constexpr std::string_view view() const noexcept {
        std::size_t n = 0;
        while (value[n] != '\0') ++n;
        return {value, n};
    }
    friend constexpr bool operator==(text const& a, text const& b) noexcept { return a.view() == b.view(); }
};

/// `to` followed by `tail`; the result is a `text`.
/// @throws const char* where the result exceeds the capacity (at compile time: does not compile)
[[nodiscard]] constexpr text appended(text const& to, std::string_view tail) {
    text out      = to;
    std::size_t n = to.view().size();
    if (n + tail.size() >= sizeof(out.value))
        throw "espalier: text: requires names of at most 95 characters; got a longer one. Shorten it. See docs/policies/model.md.";
    for (char c : tail) out.value[n++] = c;
    return out;
}

/// `to` followed by a number in decimal digits.
[[nodiscard]] constexpr text appended(text const& to, int number) {
    char digits[12] = {};
    int n           = 0;
    do digits[n++] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    text out = to;
    while (n > 0) out = appended(out, std::string_view{&digits[--n], 1});
    return out;
}

/// FNV-1a over the characters: the number that stands for a name in a random key.
/// @par Source    Fowler, Noll, Vo; offset basis and prime of the 64-bit variant
[[nodiscard]] constexpr unsigned long long hash_of(std::string_view name) noexcept {
    unsigned long long h = 0xcbf29ce484222325ull;
    for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    return h;
}

}  // namespace espalier

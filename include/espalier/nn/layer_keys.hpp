// SPDX-License-Identifier: BSL-1.0
/// @file
/// The keys of layers' random numbers, from their paths of names alone: a layer inside another has the key of its whole path.
/// What is drawn with a key is in core/philox.hpp.
#pragma once

#include <espalier/nn/sequence.hpp>

#include <cstdint>

namespace espalier {

/// The key of the network itself, whose path is empty.
inline constexpr std::uint64_t network_key = hash_of("");

namespace detail {
/// FNV-1a goes on where a hash ended: continued(hash_of(a), b) is hash_of(ab).
[[nodiscard]] constexpr std::uint64_t continued(std::uint64_t hash, std::string_view more) noexcept {
    for (char c : more) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    return hash;
}

/// The names of the layers, once: they are long, and keys are made in every pass.
template <class Network>
inline constexpr layer_names<Network> names_of{};
}  // namespace detail

/// One key for each layer of a description, given the key of what it stands in.
/// The key is the hash of the path, "#" and the ordinal where it is not 0; another layer of one path gets "@" for each before it. So
/// layer "1" of a composition that is layer "0" of a network has the key of "0.1", whoever asks.
template <class Network>
struct layer_keys {
    static constexpr int count = static_cast<int>(layers_of<Network>::size);
    std::uint64_t value[count > 0 ? count : 1] = {};

    explicit constexpr layer_keys(std::uint64_t outer = network_key) noexcept {
        for (int i = 0; i < count; ++i) {
            layer_name const& name = detail::names_of<Network>.item[i];
            std::uint64_t key      = outer;
            if (outer != network_key && name.path.value[0] != '\0') key = detail::continued(key, ".");
            key = detail::continued(key, name.path.view());
            if (name.ordinal != 0) key = detail::continued(key, appended(text{"#"}, name.ordinal).view());
            while (is_among_first(i, key)) key = detail::continued(key, "@");
            value[i] = key;
        }
    }

private:
    [[nodiscard]] constexpr bool is_among_first(int n, std::uint64_t key) const noexcept {
        for (int i = 0; i < n; ++i)
            if (value[i] == key) return true;
        return false;
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A network's weights as named tensors, in and out of safetensors files under the names of the ecosystem.
#pragma once

#include <espalier/checkpoint/files.hpp>
#include <espalier/checkpoint/safetensors.hpp>
#include <espalier/checkpoint/weights_hash.hpp>
#include <espalier/nn/network.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace espalier::checkpoint {

/// The tensors of a network whose flat parameters begin at `weights`, in the order in which they lie. They refer to the weights.
/// @param prefix put before each name
template <class Network, class T>
[[nodiscard]] std::vector<named_tensor> tensors_of(T const* weights, std::string const& prefix = {}) {
    std::vector<named_tensor> out;
    auto const& table = network<Network>::tensors;
    for (int i = 0; i < table.count; ++i)
        out.push_back(as_tensor(prefix + std::string{table.item[i].name.view()}, table.item[i].extents, weights + table.item[i].offset));
    return out;
}

/// Reads a network's weights from a file; F32 and F64 are converted to T, padding is set to zero.
/// @throws bad_checkpoint that names a tensor that is missing or has another shape
template <class Network, class T>
void read_tensors(safetensors_view const& file, T* weights, std::string const& prefix = {}) {
    auto const& table = network<Network>::tensors;
    for (std::int64_t i = 0; i < table.elements; ++i) weights[i] = T{0};
    for (int i = 0; i < table.count; ++i)
        file.read(prefix + std::string{table.item[i].name.view()}, table.item[i].extents, weights + table.item[i].offset);
}

/// Writes tensors as one safetensors file.
/// @throws bad_checkpoint where the file cannot be written
inline void write_safetensors(std::filesystem::path const& path, std::vector<named_tensor> const& tensors,
                              std::map<std::string, std::string> const& metadata = {}) {
    write_file(path, to_safetensors(tensors, metadata));
}

}  // namespace espalier::checkpoint

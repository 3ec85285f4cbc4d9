// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a manifest states, as values: files, tensors, and which box of which tensor lies in which file.
/// Its text, and what it takes to be believed, is manifest.hpp.
#pragma once

#include <espalier/checkpoint/box.hpp>
#include <espalier/checkpoint/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier::checkpoint {

/// The name of the part that holds the manifest.
inline constexpr char const* manifest_name = "manifest.json";

/// A file of values: its size, and the XXH3 of each mebibyte of it.
struct stored_file {
    std::uint64_t bytes = 0;
    std::vector<std::uint64_t> sums;

    friend bool operator==(stored_file const&, stored_file const&) = default;
};

/// Where a box of a tensor lies: in this file, under the tensor's name.
struct stored_box {
    std::string file;
    box where;

    friend bool operator==(stored_box const&, stored_box const&) = default;
};

/// A whole tensor. Its boxes lie in different files, hold an element each at least, and cover every element once; a tensor
/// without elements has none.
struct stored_tensor {
    dtype type = dtype::f32;
    std::vector<std::int64_t> extents;
    std::vector<stored_box> boxes;

    friend bool operator==(stored_tensor const&, stored_tensor const&) = default;
};

/// What a checkpoint consists of. `run` are facts about the run, as text; the format gives them no meaning.
struct manifest {
    std::int64_t step = 0;
    std::map<std::string, std::string> run;
    std::map<std::string, stored_file> files;
    std::map<std::string, stored_tensor> tensors;

    friend bool operator==(manifest const&, manifest const&) = default;
};

namespace detail {

inline constexpr char const* format_page = "explanation/checkpoint-format.md";

/// The version that this code writes, and the only one that it reads.
inline constexpr std::uint64_t format_version = 1;

/// Manifests above this are refused, as headers of safetensors files are.
inline constexpr std::size_t longest_manifest_bytes = 100'000'000;

/// Tensors of more dims are refused: proving that boxes tile a tensor takes 2^dims steps a box at worst.
inline constexpr std::size_t most_dims = 8;

inline constexpr char const* take_another_step = "The file is damaged or was not written by espalier: take another step";

[[noreturn]] inline void reject_manifest(std::string_view source, std::string required, std::string got,
                                         std::string fix = take_another_step) {
    throw bad_checkpoint{{.entity   = std::string{source},
                          .required = std::move(required),
                          .got      = std::move(got),
                          .fix      = std::move(fix),
                          .page     = format_page}};
}

} // namespace detail
} // namespace espalier::checkpoint

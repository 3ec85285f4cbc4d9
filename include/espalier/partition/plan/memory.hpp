// SPDX-License-Identifier: BSL-1.0
/// @file
/// The memory of a rank, to the byte, as a table of regions of one arena. Workspace of libraries is not in it: its size is known
/// when products are built, and it is shown on a line of its own.
#pragma once

#include <espalier/models/model.hpp>

#include <cstdint>
#include <string_view>

namespace espalier {

/// What a region holds. Where the whole model is on each rank, gradients come last: how many buffers there are depends on the rank, so where
/// everything else lies does not.
enum class region_kind : unsigned char {
    parameters,
    optimizer_state,
    input,
    target,
    activations,
    signals,
    scratch,
    gradients,
    received,  ///< what other stages of a pipeline send, and what is sent home to them
    gathered,  ///< whole parameters of chunks, where a rank owns only shards
    bucket,    ///< whole gradients of a chunk, where a rank keeps only shards
};

[[nodiscard]] constexpr std::string_view name_of(region_kind kind) noexcept {
    constexpr std::string_view names[] = {"parameters",  "optimizer state", "input",   "target",
                                          "activations", "signals",         "scratch", "gradients",
                                          "received",    "gathered",        "bucket"};
    return names[static_cast<int>(kind)];
}

/// A piece of the arena. Regions follow one another without holes and start at multiples of 16 elements.
struct memory_region {
    region_kind kind = region_kind::parameters;
    std::int64_t first    = 0;  ///< elements from the start of the arena
    std::int64_t elements = 0;
};

/// The arena of a rank.
struct memory_plan {
    static constexpr int regions = static_cast<int>(region_kind::bucket) + 1;

    memory_region item[regions] = {};
    std::int64_t elements       = 0;
    int element_bytes           = 4;

    [[nodiscard]] constexpr memory_region const& of(region_kind kind) const noexcept { return item[static_cast<int>(kind)]; }
    [[nodiscard]] constexpr std::int64_t bytes() const noexcept { return elements * element_bytes; }
    [[nodiscard]] constexpr std::int64_t bytes_of(region_kind kind) const noexcept { return of(kind).elements * element_bytes; }
};

/// Elements behind each gradient buffer that are reduced with it: the loss, its weight, and how many micro-batches were computed by
/// ranks that want to stop; padded to the alignment.
inline constexpr std::int64_t gradient_tail_elements = 16;
inline constexpr std::int64_t tail_loss              = 0;
inline constexpr std::int64_t tail_weight            = 1;
inline constexpr std::int64_t tail_stop              = 2;

/// Elements of one gradient buffer: a gradient for each parameter, then the tail.
template <Model M>
inline constexpr std::int64_t gradient_elements = network<typename M::network_type>::tensors.elements + gradient_tail_elements;

/// The arena that training M with micro-batches of `batch` samples, this many gradient buffers and slots for micro-batches needs.
/// Slots follow one another in the regions of input and target, of equal size.
template <Model M>
[[nodiscard]] constexpr memory_plan memory_of(std::int64_t batch, int gradient_buffers, int slots = 1) {
    using net              = network<typename M::network_type>;
    auto const places      = net::chain::places(net::input, batch);
    std::int64_t const n   = net::tensors.elements;
    std::int64_t const each[memory_plan::regions] = {
        n,
        n * M::optimizer_type::states,
        aligned_elements(net::input.elements() * batch) * slots,
        aligned_elements(M::loss_type::target(net::output).elements() * batch) * slots,
        places.activation_elements,
        places.signal_elements[0] + places.signal_elements[1],
        places.scratch_elements,
        gradient_elements<M> * gradient_buffers,
    };
    memory_plan plan;
    plan.element_bytes = static_cast<int>(sizeof(typename M::precision_type::scalar));
    for (int i = 0; i < memory_plan::regions; ++i) {
        plan.item[i] = {static_cast<region_kind>(i), plan.elements, each[i]};
        plan.elements += each[i];
    }
    return plan;
}

}  // namespace espalier

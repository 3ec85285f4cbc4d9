// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-gather over threads, in place: each rank copies the parts that it lacks from their owners.
#pragma once

#include <espalier/comm/threads.hpp>
#include <espalier/comm/detail/borders.hpp>

namespace espalier {

template <class T>
void threads::all_gather(T* data, std::span<std::int64_t const> borders, call_site at) {
    detail::require_borders("threads", borders, size());
    threads_detail::encounter e{*group_, rank_, {.operation      = "all_gather",
                                                 .parameter_name = "digest of borders",
                                                 .parameter      = detail::digest_of(borders),
                                                 .element        = &detail::record_of<T>,
                                                 .count          = borders.back(),
                                                 .at             = at,
                                                 .in             = data}};
    // Each rank starts at its neighbour, so that not all read the same part at once.
    for (int i = 1; i < size(); ++i) {
        int const r              = (rank_ + i) % size();
        std::int64_t const first = borders[static_cast<std::size_t>(r)];
        std::int64_t const n     = borders[static_cast<std::size_t>(r) + 1] - first;
        if (n > 0) threads_detail::copy_elements(data + first, static_cast<T const*>(e.of(r).in) + first, n);
    }
}

}  // namespace espalier

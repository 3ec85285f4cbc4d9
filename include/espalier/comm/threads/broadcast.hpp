// SPDX-License-Identifier: BSL-1.0
/// @file
/// Broadcast over threads: every rank copies from the root's memory.
#pragma once

#include <espalier/comm/threads.hpp>

namespace espalier {

template <class T>
void threads::broadcast(T* data, std::int64_t n, int root, call_site at) {
    if (root < 0 || root >= size())
        throw invalid_setting{{"threads", joined("a root in 0 … ", size() - 1), joined(root), "Name a rank of the group",
                               "policies/communicator.md"}};
    threads_detail::encounter e{*group_, rank_, {.operation      = "broadcast",
                                                 .parameter_name = "root",
                                                 .parameter      = root,
                                                 .element        = &detail::record_of<T>,
                                                 .count          = n,
                                                 .at             = at,
                                                 .in             = data}};
    threads_detail::copy_elements(data, static_cast<T const*>(e.of(root).in), n);
}

}  // namespace espalier

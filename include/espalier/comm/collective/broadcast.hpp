// SPDX-License-Identifier: BSL-1.0
/// @file
/// Broadcast: every rank copies from the root's memory.
#pragma once

#include <espalier/comm/detail/scene.hpp>

namespace espalier::collective {

/// Every rank ends with the n elements that `root` has at `data`.
template <class T>
struct broadcast {
    T* data;
    std::int64_t n;
    int root;
    int rank;

    static constexpr detail::operation_record record{"broadcast", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return n; }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(n);
        w.parameter("root", root);
        if (rank == root) w.operand(static_cast<T const*>(data), 0, n);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        if (rank != root) detail::copy_elements(data + first, here.template block<T>(root) + first, last - first);
    }
};

}  // namespace espalier::collective

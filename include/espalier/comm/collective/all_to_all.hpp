// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-to-all with blocks of one size: each rank copies from every rank the block that is meant for it.
#pragma once

#include <espalier/comm/detail/scene.hpp>

namespace espalier::collective {

/// Block r of `in`, n elements from in + r · n on, goes to rank r, which has that of rank q at out + q · n.
template <class T>
struct all_to_all {
    T const* in;
    T* out;
    std::int64_t n;
    int size;

    static constexpr detail::operation_record record{"all_to_all", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return n; }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(n);
        w.operand(in, 0, n, size, n);
        if (in == out) w.stage();  // what this rank receives would overwrite what others have yet to read
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        for (int i = 0; i < size; ++i) {
            int const r = (here.rank() + i) % size;
            detail::copy_elements(out + r * n + first, here.template block<T>(r, here.rank()) + first, last - first);
        }
    }
};

}  // namespace espalier::collective

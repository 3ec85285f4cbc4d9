// SPDX-License-Identifier: BSL-1.0
/// @file
/// Barrier, and the end of a run: operations that bring nothing, so that to meet is all they are.
#pragma once

#include <espalier/comm/detail/scene.hpp>

namespace espalier::collective {

/// Every rank has come.
struct barrier {
    static constexpr detail::operation_record record{"barrier"};

    [[nodiscard]] static std::int64_t extent() noexcept { return 0; }
    template <class Writer>
    static void describe(Writer&) noexcept {}
    template <class Scene>
    static void run(Scene&, std::int64_t, std::int64_t) noexcept {}
};

}  // namespace espalier::collective

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The weights at a run's best validation: a copy beside the arena, made when there is a best one, and put in the place of the run's own
/// and back by exchange. When a validation is the best is validation_record.hpp.
#pragma once

#include <espalier/nn/network.hpp>
#include <espalier/train/detail/validation_record.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace espalier::detail {

/// ```
///                         the arena holds          the copy holds
///   while training        the run's own weights    the best
///   after put_in_use      the best                 the run's own
/// ```
/// @par Cost      one buffer of all parameters from the first validation on; nothing before
template <class M, class C>
class best_weights {
public:
    using scalar                           = typename M::precision_type::scalar;
    static constexpr std::int64_t elements = network<typename M::network_type>::tensors.elements;

    validation_record record;

    /// @param arena the parameters of this rank's arena
    best_weights(C& world, scalar* arena) : world_{world}, arena_{arena} {}

    /// Copies the weights in the arena aside.
    void keep() {
        make_room();
        std::copy_n(arena_, elements, copy());
    }
    /// Memory for weights that are about to be loaded, padding zero.
    void make_room() {
        if (memory_.size() > 0) return;
        memory_ = world_.allocate(static_cast<std::size_t>(elements) * sizeof(scalar));
        std::fill_n(copy(), elements, scalar{0});
    }

    [[nodiscard]] bool are_in_use() const noexcept { return in_use_; }
    void put_in_use() noexcept { exchange(true); }
    void put_back() noexcept { exchange(false); }

    /// The run's own weights, wherever they are.
    [[nodiscard]] scalar* own() noexcept { return in_use_ ? copy() : arena_; }
    /// The best weights, wherever they are.
    [[nodiscard]] scalar* best() noexcept { return in_use_ ? arena_ : copy(); }

private:
    [[nodiscard]] scalar* copy() noexcept { return reinterpret_cast<scalar*>(memory_.data()); }
    void exchange(bool wanted) noexcept {
        if (in_use_ == wanted) return;
        std::swap_ranges(arena_, arena_ + elements, copy());
        in_use_ = wanted;
    }

    C& world_;
    scalar* arena_;
    decltype(std::declval<C&>().allocate(0)) memory_;
    bool in_use_ = false;
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The weights at a run's best validation: a copy beside the arena, made when there is a best one, and put in the place of the run's own
/// and back by exchange. When a validation is the best is validation_record.hpp.
#pragma once

#include <espalier/train/detail/validation_record.hpp>
#include <espalier/train/detail/whole_part.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace espalier::detail {

/// ```
///                         the arena holds          the copy holds
///   while training        the run's own weights    the best
///   after put_in_use      the best                 the run's own
/// ```
/// @par Cost      one buffer of the parameters that this rank holds, from the first validation on; nothing before
template <class M, class C>
class best_weights {
public:
    using scalar = typename M::precision_type::scalar;

    validation_record record;

    /// @param arena the parameters in this rank's arena
    best_weights(C& world, std::vector<held_range<scalar>> arena) : world_{world}, arena_{std::move(arena)} {
        for (auto const& held : arena_) elements_ += held.elements.last - held.elements.first;
    }

    /// Copies the weights in the arena aside.
    void keep() {
        make_room();
        for (std::size_t i = 0; i < arena_.size(); ++i) std::copy_n(arena_[i].data, size(i), copy(i));
    }
    /// Memory for weights that are about to be loaded, padding zero.
    void make_room() {
        if (memory_.size() > 0) return;
        memory_ = world_.allocate(static_cast<std::size_t>(elements_) * sizeof(scalar));
        std::fill_n(copy(0), elements_, scalar{0});
    }

    [[nodiscard]] bool are_in_use() const noexcept { return in_use_; }
    void put_in_use() noexcept { exchange(true); }
    void put_back() noexcept { exchange(false); }

    /// Range i of the run's own weights, wherever they are.
    [[nodiscard]] scalar* own(std::size_t i = 0) noexcept { return in_use_ ? copy(i) : arena_[i].data; }
    /// Range i of the best weights, wherever they are.
    [[nodiscard]] scalar* best(std::size_t i = 0) noexcept { return in_use_ ? arena_[i].data : copy(i); }
    [[nodiscard]] std::size_t ranges() const noexcept { return arena_.size(); }

private:
    [[nodiscard]] std::int64_t size(std::size_t i) const noexcept { return arena_[i].elements.last - arena_[i].elements.first; }
    [[nodiscard]] scalar* copy(std::size_t i) noexcept {
        std::int64_t first = 0;
        for (std::size_t k = 0; k < i; ++k) first += size(k);
        return reinterpret_cast<scalar*>(memory_.data()) + first;
    }
    void exchange(bool wanted) noexcept {
        if (in_use_ == wanted) return;
        for (std::size_t i = 0; i < arena_.size(); ++i) std::swap_ranges(arena_[i].data, arena_[i].data + size(i), copy(i));
        in_use_ = wanted;
    }

    C& world_;
    std::vector<held_range<scalar>> arena_;
    std::int64_t elements_ = 0;
    decltype(std::declval<C&>().allocate(0)) memory_;
    bool in_use_ = false;
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A sum along the lane tree as a short list of steps over blocks of elements, made from the summands of all ranks.
/// It knows no communicator: whoever owns a chunk runs it over that chunk.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/core/lane_tree.hpp>
#include <espalier/memory/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace espalier::detail {

/// into = a op b, element by element. `into` is one of the operands or overlaps neither: three loops, each of them vectorised
/// without a check at run time.
template <class T, class Op>
inline void combine(std::int64_t n, T* into, T const* a, T const* b, Op op) {
    auto const over_left = [n, op](T* ESPALIER_RESTRICT() x, T const* ESPALIER_RESTRICT() y) {
        for (std::int64_t i = 0; i < n; ++i) x[i] = op(x[i], y[i]);
    };
    auto const over_right = [n, op](T const* ESPALIER_RESTRICT() x, T* ESPALIER_RESTRICT() y) {
        for (std::int64_t i = 0; i < n; ++i) y[i] = op(x[i], y[i]);
    };
    auto const elsewhere = [n, op](T* ESPALIER_RESTRICT() z, T const* x, T const* y) {
        for (std::int64_t i = 0; i < n; ++i) z[i] = op(x[i], y[i]);
    };
    if (into == a)
        over_left(into, b);
    else if (into == b)
        over_right(a, into);
    else
        elsewhere(into, a, b);
}

/// The same to two places at once, which costs less than a copy afterwards. Each is one of the operands or overlaps none, and they are not one.
template <class T, class Op>
inline void combine_to_both(std::int64_t n, T* into, T* also, T const* a, T const* b, Op op) {
    auto const over_operands = [n, op](T* ESPALIER_RESTRICT() x, T* ESPALIER_RESTRICT() y) {
        for (std::int64_t i = 0; i < n; ++i) x[i] = y[i] = op(x[i], y[i]);
    };
    auto const elsewhere = [n, op](T* ESPALIER_RESTRICT() z, T* ESPALIER_RESTRICT() w, T const* x, T const* y) {
        for (std::int64_t i = 0; i < n; ++i) z[i] = w[i] = op(x[i], y[i]);
    };
    if (into == a && also == b) {
        over_operands(into, also);
    } else if (also == a && into == b) {
        over_operands(also, into);
    } else if (into != a && into != b && also != a && also != b) {
        elsewhere(into, also, a, b);
    } else {
        combine(n, into, a, b, op);
        std::memcpy(also, into, static_cast<std::size_t>(n) * sizeof(T));
    }
}

/// Built by `add` for each summand, then `finish`; run by `block`. Re-used for the next sum, it keeps its memory.
/// ```
///   4 lanes on three ranks, summands {0}, {1}, {2,3}:     slot 0 ← s0 + s1      out ← slot 0 + s23
/// ```
class tree_program {
public:
    /// Elements that one call of `block` covers at most: slots of this length stay in the first-level cache.
    static constexpr std::int64_t block_elements = 1024;

    void clear() noexcept {
        leaves_.clear();
        steps_.clear();
        slots_ = 0;
    }
    /// Adds a summand, in any order. `data` is where its element 0 lies, or would lie.
    void add(lane_range lanes, void const* data) {
        leaves_.push_back({lanes, data});
        for (std::size_t i = leaves_.size() - 1; i > 0 && leaves_[i].lanes.first < leaves_[i - 1].lanes.first; --i)
            std::swap(leaves_[i], leaves_[i - 1]);
    }
    /// Makes the steps, and room for blocks of elements of `element_bytes` each.
    /// @return whether the summands are nodes of the tree over `lanes` lanes and tile it
    [[nodiscard]] bool finish(int lanes, std::size_t element_bytes) {
        std::size_t next = 0;
        if (lanes < 1 || !visit({0, lanes}, 0, next, root_) || next != leaves_.size()) return false;
        auto const bytes = static_cast<std::int64_t>(slots_ * static_cast<std::size_t>(block_elements) * element_bytes);
        if (scratch_.size() < bytes) scratch_ = buffer<std::byte, host>{bytes};
        return true;
    }
    /// Writes the combined elements first … first + n − 1, n ≤ block_elements, to `out`. That may be a summand's own elements
    /// first … first + n − 1, since everything is read before the last step writes.
    /// @param also  where they are written too, or null; the same holds for it
    template <class T, class Op>
    void block(std::int64_t first, std::int64_t n, T* out, Op op, T* also = nullptr) {
        T* const slots     = reinterpret_cast<T*>(scratch_.data());
        auto const operand = [&](place p) -> T const* {
            return p.slot < 0 ? static_cast<T const*>(p.data) + first : slots + p.slot * block_elements;
        };
        if (steps_.empty()) {
            for (T* const to : {out, also})
                if (to != nullptr && to != operand(root_)) std::memcpy(to, operand(root_), static_cast<std::size_t>(n) * sizeof(T));
            return;
        }
        for (std::size_t i = 0; i + 1 < steps_.size(); ++i)
            combine(n, slots + steps_[i].into * block_elements, operand(steps_[i].left), operand(steps_[i].right), op);
        step const& last = steps_.back();
        if (also == nullptr) combine(n, out, operand(last.left), operand(last.right), op);
        else combine_to_both(n, out, also, operand(last.left), operand(last.right), op);
    }

    /// Writes the combined elements first … last − 1 to out[first] … and also[first] …, and calls `after(index, n)` a block, while it is in the cache.
    template <class T, class Op, class After>
    void run(std::int64_t first, std::int64_t last, T* out, T* also, Op op, After const& after) {
        for (std::int64_t i = first; i < last; i += block_elements) {
            std::int64_t const n = std::min(block_elements, last - i);
            block(i, n, out + i, op, also != nullptr ? also + i : nullptr);
            after(i, n);
        }
    }
    template <class T, class Op>
    void run(std::int64_t first, std::int64_t last, T* out, Op op) {
        run(first, last, out, static_cast<T*>(nullptr), op, [](std::int64_t, std::int64_t) {});
    }

private:
    struct leaf {
        lane_range lanes;
        void const* data;
    };
    /// Where an operand lies: in a slot, or in a summand.
    struct place {
        void const* data = nullptr;
        int slot         = -1;
    };
    struct step {
        place left, right;
        int into;
    };

    /// Emits the steps of a node; its result is a summand or comes to lie in `slot`.
    bool visit(lane_range node, int slot, std::size_t& next, place& result) {
        if (next == leaves_.size()) return false;
        if (leaves_[next].lanes == node) {
            result = {leaves_[next++].data, -1};
            return true;
        }
        if (node.size() < 2) return false;
        int const middle = split_of(node);
        place left, right;
        if (!visit({node.first, middle}, slot, next, left)) return false;
        if (!visit({middle, node.last}, slot + 1, next, right)) return false;
        steps_.push_back({left, right, slot});
        if (slots_ < static_cast<std::size_t>(slot) + 1) slots_ = static_cast<std::size_t>(slot) + 1;
        result = {nullptr, slot};
        return true;
    }

    std::vector<leaf> leaves_;
    std::vector<step> steps_;
    std::size_t slots_ = 0;
    place root_;
    buffer<std::byte, host> scratch_;
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tensors that are cut along a tensor axis as a checkpoint's boxes: those that a rank gives, and those that it wants for its parts.
/// Which ranks write what they all have is run_state.hpp.
#pragma once

#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/nn/network.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace espalier::detail {

/// Pieces for a checkpoint, and memory for those that had to be brought together.
struct gathered_pieces {
    std::vector<checkpoint::tensor_piece> item;
    std::list<std::vector<std::byte>> memory;
};

/// The box of a tensor that is a range along the dim that is cut.
[[nodiscard]] inline checkpoint::box box_of(tensor_part const& part, std::int64_t first, std::int64_t count) {
    auto where = checkpoint::whole({part.whole.extent, static_cast<std::size_t>(part.whole.rank)});
    where.first[static_cast<std::size_t>(part.along)]   = first;
    where.extents[static_cast<std::size_t>(part.along)] = count;
    return where;
}
[[nodiscard]] inline std::vector<std::int64_t> extents_of(tensor_part const& part) { return {part.whole.extent, part.whole.extent + part.whole.rank}; }

/// What a rank has of one tensor: consecutive slices.
/// @tparam T a scalar, const where nothing is to be loaded
template <class T>
struct held_slices {
    using scalar = std::remove_const_t<T>;

    std::string name;
    std::vector<tensor_part> part;
    std::vector<T*> values;  ///< where each slice begins
    bool are_all = false;    ///< of the tensor

    /// Adds a box for each group of the dim, or the whole tensor as one. Where a box is a slice without gaps it refers to its values.
    void add_pieces(gathered_pieces& out) const {
        if (are_all) return add_box(0, part[0].extent, out);
        for (int g = 0; g < part[0].groups; ++g) {
            part_run const first = part.front().range(g), last = part.back().range(g);
            std::int64_t const count = last.whole + last.count - first.whole;
            if (part.size() == 1 && part[0].is_dense(first)) add(first.whole, count, {values[0] + first.part * part[0].after, elements(count)}, out);
            else add_box(first.whole, count, out);
        }
    }

    /// Adds what the slices are wanted for: values straight to where they lie, or to memory from which `settle` takes them.
    void add_wanted(std::vector<checkpoint::wanted_piece>& out, std::list<std::vector<scalar>>& memory) const {
        for_each_range([&](tensor_part const& p, part_run const& range, T* to) {
            if (!p.is_dense(range)) to = memory.emplace_back(elements(range.count)).data();
            else to += range.part * p.after;
            out.push_back({name, extents_of(p), checkpoint::dtype_of<scalar>(), box_of(p, range.whole, range.count),
                           std::as_writable_bytes(std::span{to, elements(range.count)})});
        });
    }
    /// Moves what `add_wanted` put into memory to where it belongs.
    /// @param next of the memory: the first of these slices', then the first of the next ones'
    void settle(typename std::list<std::vector<scalar>>::const_iterator& next) const {
        for_each_range([&](tensor_part const& p, part_run const& range, T* to) {
            if (p.is_dense(range)) return;
            std::int64_t const n = range.count * p.after;
            for (std::int64_t row = 0; row < p.before; ++row)
                std::copy_n(next->data() + row * n, n, to + (row * p.groups * p.width + range.part) * p.after);
            ++next;
        });
    }

private:
    /// Elements of so many positions of the dim that is cut.
    [[nodiscard]] std::size_t elements(std::int64_t count) const noexcept { return static_cast<std::size_t>(part[0].before * count * part[0].after); }
    template <class F>
    void for_each_range(F&& f) const {
        for (std::size_t s = 0; s < part.size(); ++s)
            for (int g = 0; g < part[s].groups; ++g)
                if (part_run const range = part[s].range(g); range.count > 0) f(part[s], range, values[s]);
    }
    void add(std::int64_t first, std::int64_t count, std::span<T const> box, gathered_pieces& out) const {
        out.item.push_back({name, extents_of(part[0]), checkpoint::dtype_of<scalar>(), box_of(part[0], first, count), std::as_bytes(box)});
    }
    /// The box as a copy that is put together from the slices.
    void add_box(std::int64_t first, std::int64_t count, gathered_pieces& out) const {
        auto& memory     = out.memory.emplace_back(elements(count) * sizeof(scalar));
        scalar* const to = reinterpret_cast<scalar*>(memory.data());
        for (std::size_t s = 0; s < part.size(); ++s)
            part[s].for_each_run([&](part_run const& run) {
                std::int64_t const row = run.whole / (part[s].extent * part[s].after), at = run.whole % (part[s].extent * part[s].after) - first * part[s].after;
                if (at >= 0 && at < count * part[s].after) std::copy_n(values[s] + run.part, run.count, to + row * count * part[s].after + at);
            });
        add(first, count, {to, elements(count)}, out);
    }
};

/// What a rank has of the tensors of a network that are cut.
/// @param place (tensor_entry) where a parameter begins, or null where it is not asked for
template <class Local, class Place>
[[nodiscard]] ESPALIER_COLD() auto slices_of(tensor_place const& at, std::string const& prefix, Place place) {
    using scalar        = std::remove_pointer_t<decltype(place(tensor_entry{}))>;
    auto const& tensors = network<Local>::tensors;
    std::vector<held_slices<scalar>> all;
    for (int k = 0; k < tensors.count; ++k) {
        tensor_entry const& t = tensors.item[tensors.by_name[k]];
        scalar* const values  = t.cut.slices == 1 ? nullptr : place(t);
        if (values == nullptr) continue;
        if (t.cut.slice == 0) all.push_back({prefix + std::string{t.name.view()}, {}, {}});
        auto& slices = all.back();
        slices.part.push_back(t.part(at));
        slices.values.push_back(values);
        slices.are_all = slices.part.size() == static_cast<std::size_t>(t.cut.slices);
    }
    return all;
}

}  // namespace espalier::detail

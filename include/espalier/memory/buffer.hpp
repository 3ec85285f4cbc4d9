// SPDX-License-Identifier: BSL-1.0
/// @file
/// An owned, aligned block of elements in a memory space. It neither grows nor initialises what it holds.
#pragma once

#include <espalier/memory/space.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace espalier {

/// Owns `size()` elements of a trivial type in memory space `Space`; movable, not copyable.
/// The elements are not initialised.
template <class T, MemorySpace Space = host>
    requires std::is_trivially_copyable_v<T>
class buffer {
public:
    using memory_space = Space;

    buffer() = default;
    /// @throws std::bad_alloc
    explicit buffer(std::int64_t size)
        : data_{size > 0 ? static_cast<T*>(Space::allocate(static_cast<std::size_t>(size) * sizeof(T))) : nullptr},
          size_{size} {}
    /// Takes over `size` elements at `data`, which Space::deallocate is to get back.
    [[nodiscard]] static buffer owning(T* data, std::int64_t size) noexcept {
        buffer b;
        b.data_ = data;
        b.size_ = size;
        return b;
    }
    buffer(buffer&& other) noexcept : data_{std::exchange(other.data_, nullptr)}, size_{std::exchange(other.size_, 0)} {}
    buffer& operator=(buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~buffer() {
        if (data_ != nullptr) Space::deallocate(data_, static_cast<std::size_t>(size_) * sizeof(T));
    }

    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] T const* data() const noexcept { return data_; }
    [[nodiscard]] std::int64_t size() const noexcept { return size_; }

private:
    T* data_           = nullptr;
    std::int64_t size_ = 0;
};

}  // namespace espalier

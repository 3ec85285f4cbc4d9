// SPDX-License-Identifier: BSL-1.0
/// @file
/// A file's text in blocks of whole lines, so that each block can be parsed alone.
/// One thread at a time takes a block; what the lines mean is not known here.
#pragma once

#include <espalier/data/detail/read_bytes.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace espalier::detail {

/// Whole lines in memory that is used again for the next ones.
class line_block {
public:
    /// The lines, each ended by LF; 64 bytes more are readable after them.
    [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data() + first_, last_ - first_}; }
    void remove_prefix(std::size_t n) noexcept { first_ += n; }

private:
    friend class line_source;
    static constexpr std::size_t spare = 80; // what parsing reads ahead, and the LF that a last line may lack

    std::vector<char> bytes_;
    std::size_t first_ = 0, last_ = 0;
};

/// Cuts the bytes of a file into blocks at line ends.
///
///     bytes    ts,close\n1,2\n3,4\n5,6        block_bytes = 12
///     blocks   ts,close\n    1,2\n3,4\n    5,6\n
class line_source {
public:
    /// @param block_bytes  how much to read at once; a longer line makes its block longer
    line_source(std::unique_ptr<byte_source> bytes, std::size_t block_bytes)
        : bytes_{std::move(bytes)}, block_bytes_{block_bytes} {}

    /// The next lines; false at the end. The last line gets its LF where it lacks it.
    /// @throws bad_data as the source; lines that are not complete by then are not given
    [[nodiscard]] bool next(line_block& block) {
        auto& bytes = block.bytes_;
        if (bytes.size() < block_bytes_ + line_block::spare) bytes.resize(block_bytes_ + line_block::spare);
        if (bytes.size() < 2 * rest_.size()) bytes.resize(2 * rest_.size() + line_block::spare);
        std::size_t size = rest_.size();
        std::copy(rest_.begin(), rest_.end(), bytes.begin());
        block.first_ = 0;
        for (;;) {
            if (size + line_block::spare >= bytes.size()) bytes.resize(2 * bytes.size());
            std::size_t const got = bytes_->read(bytes.data() + size, bytes.size() - line_block::spare - size);
            if (got == 0) break;
            std::size_t const end = std::string_view{bytes.data() + size, got}.rfind('\n');
            size += got;
            if (end == std::string_view::npos) continue;
            block.last_ = size - got + end + 1;
            rest_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(block.last_),
                         bytes.begin() + static_cast<std::ptrdiff_t>(size));
            return true;
        }
        rest_.clear();
        if (size > 0) bytes[size++] = '\n';
        block.last_ = size;
        return size > 0;
    }

    /// Reads to the end, for the errors that come on the way.
    void pass_over() {
        std::vector<char> nowhere(1 << 16);
        while (bytes_->read(nowhere.data(), nowhere.size()) > 0) {
        }
    }
    /// How many bytes the whole file has; 0 where that is not known.
    [[nodiscard]] std::size_t size() const noexcept { return bytes_->size(); }

private:
    std::unique_ptr<byte_source> bytes_;
    std::size_t block_bytes_;
    std::vector<char> rest_; // the beginning of the line that the last block ended before
};

} // namespace espalier::detail

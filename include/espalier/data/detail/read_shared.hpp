// SPDX-License-Identifier: BSL-1.0
/// @file
/// One file of bars, read by as many threads as come to help, with the result of one.
/// Which thread reads which file is decided in read_bars.hpp.
#pragma once

#include <espalier/data/detail/parse_rows.hpp>
#include <espalier/data/detail/read_lines.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>

namespace espalier::detail {

/// What a thread needs to read, used again from block to block and from file to file.
struct reading_memory {
    line_block block;
    parsed_rows rows;
};

/// A file whose blocks are taken one after the other, parsed at the same time, and put together in their order.
///
///     thread 0   take 0 ─ parse 0 ─ put 0   take 2 ─ parse 2 ─── put 2   …
///     thread 1           take 1 ─ parse 1 ─── put 1   take 3 ─ parse 3 ─ … put 3
///
/// A block is put when all before it are; so the first problem in the file's order is the one that counts.
class shared_file {
public:
    shared_file(std::filesystem::path file, std::size_t block_bytes) : file_{std::move(file)}, block_bytes_{block_bytes} {}

    /// Takes part until no block is left to take. Throws nothing: what goes wrong is kept for `result`.
    void take_part(reading_memory& memory) noexcept;

    /// The bars, when every thread that took part has returned.
    /// @throws bad_data for what is wrong first
    [[nodiscard]] bar_series result();

private:
    [[nodiscard]] bool take(line_block& block);
    void take_header(line_block& block);
    void put(parsed_rows const& rows, std::size_t text_bytes);
    [[nodiscard]] std::exception_ptr close_after(std::exception_ptr failure);

    std::filesystem::path file_;
    std::size_t block_bytes_;

    std::mutex reading_;               // guards what is below it
    std::optional<line_source> lines_; // open from the first block to the last
    std::size_t size_ = 0;             // does not change after the first block, as the columns
    std::optional<bar_columns> columns_;
    std::size_t taken_         = 0;
    std::int64_t header_line_  = 0;
    std::atomic<bool> is_done_ = false; // nothing more is to be taken

    std::mutex putting_; // guards what is below it
    std::condition_variable was_put_;
    std::size_t put_        = 0;
    std::int64_t lines_put_ = 0; // of blocks, the header's line and those before it left out
    std::vector<bar> bars_;
    std::exception_ptr failure_;
};

inline void shared_file::take_part(reading_memory& memory) noexcept {
    auto& [block, rows] = memory;
    while (!is_done_) {
        std::exception_ptr failure;
        std::size_t turn = 0;
        {
            std::lock_guard const lock{reading_};
            if (is_done_) return;
            try {
                if (!take(block)) return;
            } catch (...) {
                failure  = std::current_exception();
                is_done_ = true;
            }
            turn = taken_++;
        }
        try {
            rows.clear();
            if (!failure) parse_rows(block.text(), *columns_, rows);
        } catch (...) {
            failure = std::current_exception();
        }
        std::unique_lock lock{putting_};
        was_put_.wait(lock, [&] { return turn == put_; });
        if (!failure_) {
            try {
                if (failure) std::rethrow_exception(failure);
                put(rows, block.text().size());
            } catch (...) {
                is_done_ = true;
                failure_ = close_after(std::current_exception());
            }
        }
        ++put_;
        lock.unlock();
        was_put_.notify_all();
    }
}

/// The next block of rows, after opening the file and reading the header where nobody did; false at the end.
inline bool shared_file::take(line_block& block) {
    if (!lines_) {
        lines_.emplace(open_bytes(file_), block_bytes_);
        size_ = lines_->size();
        take_header(block);
        return true;
    }
    if (lines_->next(block)) return true;
    is_done_ = true;
    lines_.reset();
    return false;
}

/// Finds the first line that is not empty and leaves in `block` the rows that follow it there.
inline void shared_file::take_header(line_block& block) {
    constexpr std::string_view mark = "\xEF\xBB\xBF"; // of byte order
    bool is_first                   = true;
    while (lines_->next(block)) {
        if (std::exchange(is_first, false) && block.text().starts_with(mark)) block.remove_prefix(mark.size());
        while (!block.text().empty()) {
            std::string_view line = block.text().substr(0, block.text().find('\n'));
            block.remove_prefix(line.size() + 1);
            ++header_line_;
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) continue;
            columns_ = parse_header(line, file_.string());
            return;
        }
    }
    throw bad_data{{"csv", "a line of column names and at least one row", joined("an empty file (", file_.string(), ")"),
                    "Remove the file or fill it", "howto/data.md"}};
}

/// Appends a block's bars, or throws its problem with the line.
inline void shared_file::put(parsed_rows const& rows, std::size_t text_bytes) {
    if (rows.problem)
        throw bad_data{
            {"csv", joined(rows.problem->required, " (", file_.string(), ", line ", header_line_ + lines_put_ + rows.lines, ")"),
             rows.problem->got, "Correct the line or remove it", "howto/data.md"}};
    lines_put_ += rows.lines;
    if (put_ == 0 && text_bytes > block_bytes_ / 2) // room for the rest at once, a little more than the first block lets expect
        bars_.reserve(rows.bars.size() + size_ / text_bytes * (rows.bars.size() + rows.bars.size() / 32));
    bars_.insert(bars_.end(), rows.bars.begin(), rows.bars.end());
}

/// Closes the file and returns what is wrong with it: the failure, or, where a compressed file is damaged, that damage, which
/// then is what made the row a bad one.
inline std::exception_ptr shared_file::close_after(std::exception_ptr failure) {
    std::lock_guard const lock{reading_};
    try {
        if (lines_ && is_compressed(file_)) lines_->pass_over();
    } catch (bad_data const&) {
        failure = std::current_exception();
    }
    lines_.reset();
    return failure;
}

inline bar_series shared_file::result() {
    if (failure_) std::rethrow_exception(failure_);
    if (bars_.empty())
        throw bad_data{{"read_bars", "at least one row", joined("only the column names (", file_.string(), ")"),
                        "Remove the file or fill it", "howto/data.md"}};
    std::string const name = file_.filename().string();
    return {name.substr(0, name.find_first_of("_.")), std::move(bars_), file_.string()};
}

} // namespace espalier::detail

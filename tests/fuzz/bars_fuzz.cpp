// SPDX-License-Identifier: BSL-1.0
/// @file
/// Any bytes as a CSV file of bars: read in blocks of two sizes and line by line with care. All three agree on the bars, or on the
/// line that is none and why.
#include "allocations.hpp"

#include <espalier/data/detail/parse_rows.hpp>
#include <espalier/data/detail/read_lines.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace espalier;
using espalier_fuzz::require;

namespace {

/// Bytes that lie in memory, given a few at a time.
class memory_source final : public detail::byte_source {
public:
    explicit memory_source(std::string_view bytes) : bytes_{bytes} {}
    std::size_t read(char* into, std::size_t n) override {
        std::size_t const count = std::min({n, bytes_.size(), std::size_t{1} + bytes_.size() % 61});
        std::copy_n(bytes_.data(), count, into);
        bytes_.remove_prefix(count);
        return count;
    }

private:
    std::string_view bytes_;
};

/// What a text holds.
struct reading {
    std::vector<bar> bars;
    std::int64_t lines = 0;
    std::string problem; // of the last line; empty: none
};

bool has_same_bits(bar const& a, bar const& b) {
    return std::memcmp(&a, &b, sizeof(bar)) == 0; // a NaN is not equal to itself
}

reading read_in_blocks(std::string_view text, detail::bar_columns const& columns, std::size_t block_bytes) {
    detail::line_source lines{std::make_unique<memory_source>(text), block_bytes};
    detail::line_block block;
    detail::parsed_rows rows;
    reading all;
    while (all.problem.empty() && lines.next(block)) {
        rows.clear();
        detail::parse_rows(block.text(), columns, rows);
        all.bars.insert(all.bars.end(), rows.bars.begin(), rows.bars.end());
        all.lines += rows.lines;
        if (rows.problem) all.problem = rows.problem->required + rows.problem->got;
    }
    return all;
}

reading read_by_line(std::string_view text, detail::bar_columns const& columns) {
    reading all;
    bar b;
    while (!text.empty() && all.problem.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        ++all.lines;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (auto const problem = detail::read_row(line, columns, b)) all.problem = problem->required + problem->got;
        else all.bars.push_back(b);
    }
    return all;
}

void require_same(reading const& a, reading const& b) {
    require(a.lines == b.lines, "the same number of lines");
    require(a.problem == b.problem, "the same problem");
    require(std::equal(a.bars.begin(), a.bars.end(), b.bars.begin(), b.bars.end(), has_same_bits), "the same bars");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    std::string_view const header = text.substr(0, text.find('\n'));
    std::optional<detail::bar_columns> columns;
    try {
        columns = detail::parse_header(header, "fuzz");
    } catch (bad_data const&) {
        columns = detail::parse_header("timestamp_ms_utc,open,close,note,volume", "fuzz");
    }
    std::string_view const rows = text.substr(std::min(text.size(), header.size() + 1));
    auto const expected         = read_by_line(rows, *columns);
    require_same(read_in_blocks(rows, *columns, 16), expected);
    require_same(read_in_blocks(rows, *columns, std::size_t{1} << 16), expected);
    return 0;
}

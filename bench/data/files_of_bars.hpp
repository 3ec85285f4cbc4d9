// SPDX-License-Identifier: BSL-1.0
/// @file
/// Files of bars to read, found or made of the built-in market, and the ways to read them that are compared.
/// It measures nothing.
#pragma once

#include "support/report.hpp"

#include <espalier/data/market.hpp>
#include <espalier/data/read_bars.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#if ESPALIER_HAS_ZLIB()
#    include <zlib.h>
#endif

namespace bench {

inline constexpr char const* header_of_bars = "timestamp_ms_utc,open,high,low,close,vwap,volume\n";

/// The bars as rows: cents, as files of stocks have them, four places for the average.
[[nodiscard]] inline std::string rows_of(std::vector<espalier::bar> const& bars) {
    std::string text;
    char row[256];
    for (auto const& b : bars) {
        int const n =
            std::snprintf(row, sizeof row, "%lld,%.2f,%.2f,%.2f,%.2f,%.4f,%.0f\n", static_cast<long long>(b.time_ms),
                          double{b.open}, double{b.high}, double{b.low}, double{b.close}, double{b.vwap}, double{b.volume});
        text.append(row, static_cast<std::size_t>(n));
    }
    return text;
}

/// A file or a folder of files, and what was read of it last.
class files_of_bars {
public:
    files_of_bars(std::string name, std::filesystem::path path) : name_{std::move(name)}, path_{std::move(path)} {
        files_ = std::filesystem::is_directory(path_) ? espalier::detail::csv_files(path_) : std::vector{path_};
        read_bytes();
        read_bars(1);
        made_ = std::move(series_);
    }

    /// Ten tickers of the built-in market, a file each, compressed where there is zlib.
    [[nodiscard]] static files_of_bars made_folder(std::filesystem::path const& folder) {
        std::filesystem::create_directories(folder);
        for (auto const& series : espalier::built_in_market({.tickers = 10, .days = 60})) {
            std::string const text = header_of_bars + rows_of(series.bars);
#if ESPALIER_HAS_ZLIB()
            std::unique_ptr<gzFile_s, int (*)(gzFile)> const out{gzopen((folder / (series.ticker + ".csv.gz")).c_str(), "wb"),
                                                                 gzclose};
            if (!out || gzwrite(out.get(), text.data(), static_cast<unsigned>(text.size())) == 0)
                throw espalier::error{{"bench", "room to write", folder.string(), "Give --scratch", "build.md"}};
#else
            std::ofstream{folder / (series.ticker + ".csv"), std::ios::binary} << text;
#endif
        }
        return {"folder", folder};
    }

    /// One plain file of at least so many bytes, of a ticker's rows over and over.
    [[nodiscard]] static files_of_bars made_file(std::filesystem::path const& file, std::size_t bytes) {
        std::string const rows = rows_of(espalier::built_in_market({.tickers = 1, .days = 250}).front().bars);
        std::ofstream out{file, std::ios::binary};
        out << header_of_bars;
        for (std::size_t written = 0; written < bytes; written += rows.size()) out << rows;
        if (!out.flush()) throw espalier::error{{"bench", "room to write", file.string(), "Give --scratch", "build.md"}};
        return {"plain", file};
    }

    [[nodiscard]] std::string const& name() const noexcept {
        return name_;
    }
    [[nodiscard]] std::filesystem::path const& path() const noexcept {
        return path_;
    }
    [[nodiscard]] std::size_t text_bytes() const noexcept {
        return text_bytes_;
    }
    [[nodiscard]] std::size_t bars() const {
        std::size_t count = 0;
        for (auto const& series : made_) count += series.bars.size();
        return count;
    }
    /// Whether there is this way to read them: the hand-written one is for a plain file.
    [[nodiscard]] bool has(std::string const& operation) const {
        return operation != "getline, from_chars" || path_.extension() == ".csv";
    }

    /// The bytes alone, decompressed where they are compressed.
    void read_bytes() {
        series_.clear();
        text_bytes_ = 0;
        std::vector<char> block(std::size_t{1} << 18);
        for (auto const& file : files_)
            for (auto const bytes    = espalier::detail::open_bytes(file);
                 std::size_t const n = bytes->read(block.data(), block.size());)
                text_bytes_ += n;
    }
    /// What a program writes by hand: lines of a stream, each field by std::from_chars.
    void read_by_line() {
        series_.assign(1, {});
        std::ifstream in{path_, std::ios::binary};
        std::string line;
        std::getline(in, line);
        while (std::getline(in, line)) {
            espalier::bar b;
            char const *at = line.data(), *const end = at + line.size();
            at = std::from_chars(at, end, b.time_ms).ptr;
            for (float* const value : {&b.open, &b.high, &b.low, &b.close, &b.vwap, &b.volume})
                at = std::from_chars(at + 1, end, *value).ptr;
            series_.front().bars.push_back(b);
        }
    }
    void read_bars(int threads) {
        series_.clear(); // its memory goes back first, as when a program begins
        series_ = std::filesystem::is_directory(path_) ? espalier::read_bars(path_, {.threads = threads})
                                                       : std::vector{espalier::read_bar_file(path_, {.threads = threads})};
    }
    /// Whether the bars that were read last, if any were, are those of the first reading.
    [[nodiscard]] bool are_as_made() const {
        return series_.empty() || std::equal(series_.begin(), series_.end(), made_.begin(), made_.end(),
                                             [](auto const& a, auto const& b) { return a.bars == b.bars; });
    }

private:
    std::string name_;
    std::filesystem::path path_;
    std::vector<std::filesystem::path> files_;
    std::vector<espalier::bar_series> series_, made_;
    std::size_t text_bytes_ = 0;
};

} // namespace bench

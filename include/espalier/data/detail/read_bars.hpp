// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of read_bars: which files a folder holds, and which thread reads which of them.
/// How one file is read is in read_shared.hpp.
#pragma once

#include <espalier/data/detail/read_shared.hpp>
#include <espalier/data/read_bars.hpp>

#include <algorithm>
#include <deque>
#include <thread>

namespace espalier {
namespace detail {

/// How much text is read at once: it and its bars stay in a core's own cache.
inline constexpr std::size_t usual_block_bytes = std::size_t{1} << 18;

/// The folder's files whose names end in .csv or .csv.gz, by name.
[[nodiscard]] inline std::vector<std::filesystem::path> csv_files(std::filesystem::path const& folder) {
    std::string const wanted = "a folder with *.csv or *.csv.gz files";
    if (!std::filesystem::is_directory(folder))
        throw bad_data{
            {"read_bars", wanted,
             joined("'", folder.string(), "', which ", std::filesystem::exists(folder) ? "is no folder" : "does not exist"),
             "Check the path", "howto/data.md"}};
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        std::string const name = entry.path().filename().string();
        if (entry.is_regular_file() && (name.ends_with(".csv") || name.ends_with(".csv.gz"))) files.push_back(entry.path());
    }
    if (files.empty())
        throw bad_data{{"read_bars", wanted, joined("'", folder.string(), "', which holds none"),
                        "Check the path and the names' endings", "howto/data.md"}};
    std::sort(files.begin(), files.end());
    return files;
}

/// How many threads the settings ask for.
[[nodiscard]] inline std::size_t threads_of(read_settings const& settings) {
    if (settings.threads < 0)
        throw invalid_setting{{"read_bars", "threads of 0 (as many as there are cores) or more", joined(settings.threads),
                               "Give another number, or none", "howto/data.md"}};
    return settings.threads > 0 ? static_cast<std::size_t>(settings.threads) : std::max(1U, std::thread::hardware_concurrency());
}

/// A file of a folder that is to be read.
struct waiting_file {
    bool is_plain;
    std::uintmax_t bytes;
    std::size_t at; ///< by name
};

/// The order in which files are begun: the long ones first, compressed ones before the others, of which threads that have
/// nothing else to do can share the work better.
[[nodiscard]] inline std::vector<waiting_file> order_of_reading(std::vector<std::filesystem::path> const& files) {
    std::vector<waiting_file> order;
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::error_code unknown; // reading says what is wrong
        auto const bytes = std::filesystem::file_size(files[i], unknown);
        order.push_back({!is_compressed(files[i]), unknown ? 0 : bytes, i});
    }
    std::stable_sort(order.begin(), order.end(), [](waiting_file const& a, waiting_file const& b) {
        return a.is_plain != b.is_plain ? b.is_plain : a.bytes > b.bytes;
    });
    return order;
}

/// Reads files by so many threads, or fewer where there are not so many blocks. Each begins the next file that nobody began; when
/// there is none, it helps the others.
[[nodiscard]] inline std::vector<bar_series> read_files(std::vector<std::filesystem::path> const& files, std::size_t threads,
                                                        std::size_t block_bytes = usual_block_bytes) {
    std::deque<shared_file> shared; // in the order of names
    for (auto const& file : files) shared.emplace_back(file, block_bytes);
    auto const order      = order_of_reading(files);
    std::uintmax_t blocks = 0;
    for (auto const& file : order) blocks += 1 + file.bytes / block_bytes;

    std::atomic<std::size_t> begun = 0;
    auto const work                = [&] {
        reading_memory memory;
        for (std::size_t i = begun++; i < order.size(); i = begun++) shared[order[i].at].take_part(memory);
        for (auto const& file : order) shared[file.at].take_part(memory);
    };
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < threads && i < blocks; ++i) others.emplace_back(work);
        work();
    }
    std::vector<bar_series> all;
    for (auto& file : shared) all.push_back(file.result());
    return all;
}

} // namespace detail

inline bar_series read_bar_file(std::filesystem::path const& file, read_settings const& settings) {
    return std::move(detail::read_files({file}, detail::threads_of(settings)).front());
}

inline std::vector<bar_series> read_bars(std::filesystem::path const& folder, read_settings const& settings) {
    std::size_t const threads = detail::threads_of(settings);
    return detail::read_files(detail::csv_files(folder), threads);
}

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The whole text of a file, plain or gzip-compressed, in one string.
/// Streaming is not offered: a year of one-minute bars is a few megabytes.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/data/errors.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#if ESPALIER_HAS_ZLIB()
#    include <memory>
#    include <zlib.h>
#endif

namespace espalier::detail {

[[nodiscard]] inline std::string plain_text(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    if (!in.is_open() || in.bad())
        throw bad_data{{"read_bars", "a readable file", joined(file.string(), ", which cannot be read"), "Check its permissions",
                        "howto/data.md"}};
    return text;
}

#if ESPALIER_HAS_ZLIB()

[[nodiscard]] inline bad_data broken_gzip(std::filesystem::path const& file, std::string const& what) {
    return bad_data{{"read_bars", joined("a complete gzip file in ", file.string()), what, "Copy or download the file again",
                     "howto/data.md"}};
}

[[nodiscard]] inline std::string gzip_text(std::filesystem::path const& file) {
    struct closer {
        void operator()(gzFile f) const noexcept { gzclose(f); }
    };
    std::unique_ptr<gzFile_s, closer> const in{gzopen(file.c_str(), "rb")};
    if (!in) throw broken_gzip(file, "a file that cannot be opened");
    std::string text;
    char chunk[1 << 16];
    int n = 0;
    while ((n = gzread(in.get(), chunk, sizeof chunk)) > 0) text.append(chunk, static_cast<std::size_t>(n));
    int code            = Z_OK;
    char const* message = gzerror(in.get(), &code);
    if (code == Z_BUF_ERROR) // the stream ends before its own end mark
        throw broken_gzip(file, joined("one that is cut off after ", text.size(), " bytes of text"));
    if (n < 0 || code < 0) throw broken_gzip(file, joined("'", message, "' after ", text.size(), " bytes of text"));
    if (!text.empty() && gzdirect(in.get()) != 0) throw broken_gzip(file, "a file that is not compressed");
    return text;
}

#else

[[nodiscard]] inline std::string gzip_text(std::filesystem::path const& file) {
    throw bad_data{{"read_bars", "zlib to read compressed files", joined(file.string(), " in a build without it"),
                    "Install zlib and configure again, or decompress the file", "build.md"}};
}

#endif

/// The file's text; a name that ends in .gz is decompressed.
/// @throws bad_data   a file that cannot be read, is cut off, or needs a zlib that this build lacks
[[nodiscard]] inline std::string file_text(std::filesystem::path const& file) {
    return file.extension() == ".gz" ? gzip_text(file) : plain_text(file);
}

} // namespace espalier::detail

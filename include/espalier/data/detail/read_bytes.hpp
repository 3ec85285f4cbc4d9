// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bytes of a file one after the other, plain or out of gzip, and the errors of files that cannot be read.
/// Nothing is mapped: a file that shrinks meanwhile is an error, not a signal.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/data/errors.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#if ESPALIER_HAS_ZLIB()
#    include <zlib.h>
#endif

namespace espalier::detail {

/// Gives a file's bytes piece by piece.
class byte_source {
public:
    virtual ~byte_source() = default;
    /// Fills up to n bytes; fewer are not yet the end, 0 is.
    /// @throws bad_data where the file cannot be read to its end
    [[nodiscard]] virtual std::size_t read(char* into, std::size_t n) = 0;
    /// How many bytes there will be; 0 where that is not known.
    [[nodiscard]] virtual std::size_t size() const noexcept { return 0; }
};

class plain_source final : public byte_source {
public:
    explicit plain_source(std::filesystem::path file)
        : file_{std::move(file)}, handle_{::open(file_.c_str(), O_RDONLY | O_CLOEXEC)} {
        struct stat facts {};
        if (handle_ < 0 || ::fstat(handle_, &facts) != 0) throw unreadable();
        if (S_ISREG(facts.st_mode)) size_ = static_cast<std::size_t>(facts.st_size);
    }
    plain_source(plain_source const&)            = delete;
    plain_source& operator=(plain_source const&) = delete;
    ~plain_source() override {
        if (handle_ >= 0) ::close(handle_);
    }

    [[nodiscard]] std::size_t read(char* into, std::size_t n) override {
        ::ssize_t got = 0;
        while ((got = ::read(handle_, into, n)) < 0)
            if (errno != EINTR) throw unreadable();
        if (got == 0 && read_ < size_)
            throw bad_data{{"read_bars", joined("a file that nobody cuts while it is read (", file_.string(), ")"),
                            joined(read_, " bytes of ", size_), "Read it when it is written", "howto/data.md"}};
        read_ += static_cast<std::size_t>(got);
        return static_cast<std::size_t>(got);
    }
    [[nodiscard]] std::size_t size() const noexcept override { return size_; }

private:
    [[nodiscard]] bad_data unreadable() const {
        return bad_data{{"read_bars", "a readable file", joined(file_.string(), ", which cannot be read"),
                         "Check its permissions", "howto/data.md"}};
    }

    std::filesystem::path file_;
    int handle_;
    std::size_t size_ = 0, read_ = 0;
};

#if ESPALIER_HAS_ZLIB()

class gzip_source final : public byte_source {
public:
    explicit gzip_source(std::filesystem::path file) : file_{std::move(file)}, in_{gzopen(file_.c_str(), "rb")} {
        if (!in_) throw broken("a file that cannot be opened");
        gzbuffer(in_.get(), 1 << 17); // before the first read, it cannot fail but for memory, which the read says
    }

    [[nodiscard]] std::size_t read(char* into, std::size_t n) override {
        int const got = gzread(in_.get(), into, static_cast<unsigned>(std::min(n, std::size_t{1} << 30)));
        if (got > 0) {
            if (read_ == 0 && gzdirect(in_.get()) != 0) throw broken("a file that is not compressed");
            read_ += static_cast<std::size_t>(got);
            return static_cast<std::size_t>(got);
        }
        int code            = Z_OK;
        char const* message = gzerror(in_.get(), &code);
        if (code == Z_BUF_ERROR) // the stream ends before its own end mark
            throw broken(joined("one that is cut off after ", read_, " bytes of text"));
        if (got < 0 || code < 0) throw broken(joined("'", message, "' after ", read_, " bytes of text"));
        return 0;
    }

private:
    [[nodiscard]] bad_data broken(std::string const& what) const {
        return bad_data{{"read_bars", joined("a complete gzip file in ", file_.string()), what, "Copy or download the file again",
                         "howto/data.md"}};
    }
    struct closer {
        void operator()(gzFile f) const noexcept { gzclose(f); }
    };

    std::filesystem::path file_;
    std::unique_ptr<gzFile_s, closer> in_;
    std::size_t read_ = 0;
};

#endif

/// Whether a file's name says that it is compressed.
[[nodiscard]] inline bool is_compressed(std::filesystem::path const& file) {
    return file.extension() == ".gz";
}

/// Opens a file; one whose name ends in .gz gives what it decompresses to.
/// @throws bad_data   a file that cannot be opened, or needs a zlib that this build lacks
[[nodiscard]] inline std::unique_ptr<byte_source> open_bytes(std::filesystem::path const& file) {
    if (!is_compressed(file)) return std::make_unique<plain_source>(file);
#if ESPALIER_HAS_ZLIB()
    return std::make_unique<gzip_source>(file);
#else
    throw bad_data{{"read_bars", "zlib to read compressed files", joined(file.string(), " in a build without it"),
                    "Install zlib and configure again, or decompress the file", "build.md"}};
#endif
}

} // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// One file of a checkpoint, read in runs of whole chunks whose checksums are compared before a byte of them is used.
#pragma once

#include <espalier/checkpoint/chunk_sums.hpp>
#include <espalier/checkpoint/concepts.hpp>
#include <espalier/checkpoint/detail/copy_plan.hpp>
#include <espalier/checkpoint/detail/safetensors_header.hpp>
#include <espalier/checkpoint/manifest_entries.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier::checkpoint::detail {

/// At most this many chunks are read at once: 2 MiB, which a processor's cache still holds when they are hashed and copied.
inline constexpr std::size_t most_chunks_at_once = 2;

/// A tensor that a file has to hold: what is stored of it there is `where`.
struct expected_tensor {
    std::string const* name;
    dtype type;
    box const* where;
};

/// A file that the manifest lists. Keeps the place, the manifest and the name by reference.
template <CheckpointPlace P>
class state_file {
public:
    state_file(P const& place, manifest const& m, std::string const& name)
        : place_{place}, manifest_{m}, name_{name}, entry_{m.files.find(name)->second}, size_{static_cast<std::size_t>(
                                                                                            entry_.bytes)} {}

    [[noreturn]] void reject(std::string required, std::string got) const {
        throw bad_checkpoint{{.entity   = joined("checkpoint step ", manifest_.step, ", file ", name_),
                              .required = std::move(required),
                              .got      = std::move(got),
                              .fix      = "The file is damaged: take another step, or bring back a copy of this one",
                              .page     = format_page}};
    }

    /// The header, compared with what the manifest says of these tensors in it.
    /// @throws bad_checkpoint for damage, and for a tensor that is missing or another than the manifest says
    [[nodiscard]] safetensors_header header(std::span<expected_tensor const> expected) {
        std::string const source = joined(name_, " of step ", manifest_.step);
        if (size_ == 0) reject("a safetensors file", "a file of 0 bytes");
        auto const begin      = chunks(0, 1);
        std::size_t const end = safetensors_header_end(begin, size_, source);
        safetensors_header header;
        if (end <= begin.size()) {
            header = parse_safetensors_header(begin, size_, source);
        } else {
            std::vector<std::byte> bytes(end);
            segment const all[] = {{0, end, bytes.data()}};
            copy(all);
            header = parse_safetensors_header(bytes, size_, source);
        }
        for (expected_tensor const& t : expected) compare(header, *t.name, t.type, *t.where);
        return header;
    }

    /// Copies segments, which are sorted by their place in the file.
    void copy(std::span<segment const> segments) {
        std::size_t first = 0, done = 0; // the first segment that is not copied, and how much of it is
        while (first < segments.size()) {
            std::size_t const chunk = (segments[first].from + done) / chunk_bytes;
            std::size_t end         = chunk + 1; // one behind the run's last chunk
            for (std::size_t s = first; s < segments.size() && end < chunk + most_chunks_at_once; ++s) {
                if (segments[s].from / chunk_bytes > end) break; // a chunk between them holds nothing wanted
                end = std::max(end, (segments[s].from + segments[s].bytes - 1) / chunk_bytes + 1);
            }
            end                          = std::min(end, chunk + most_chunks_at_once);
            auto const bytes             = chunks(chunk, end - chunk);
            std::size_t const run_begins = chunk * chunk_bytes, run_ends = run_begins + bytes.size();
            // Segments of different pieces may overlap, so each is clipped on its own; the first that leaves the run is next.
            std::size_t next = segments.size(), next_done = 0;
            for (std::size_t s = first; s < segments.size() && segments[s].from < run_ends; ++s) {
                std::size_t const from = std::max(segments[s].from, run_begins);
                std::size_t const to   = std::min(segments[s].from + segments[s].bytes, run_ends);
                if (from < to)
                    std::memcpy(segments[s].into + (from - segments[s].from), bytes.data() + (from - run_begins), to - from);
                if (to < segments[s].from + segments[s].bytes && next == segments.size()) {
                    next      = s;
                    next_done = to - segments[s].from;
                }
            }
            if (next == segments.size())
                next = static_cast<std::size_t>(
                    std::partition_point(segments.begin(), segments.end(), [&](segment const& s) { return s.from < run_ends; }) -
                    segments.begin());
            first = next;
            done  = next_done;
        }
    }

    /// Reads every chunk, and looks for bytes behind the last.
    void check_all() {
        std::size_t const count = entry_.sums.size();
        for (std::size_t i = 0; i < count; i += most_chunks_at_once)
            static_cast<void>(chunks(i, std::min(most_chunks_at_once, count - i)));
        bool is_longer = true;
        try {
            static_cast<void>(place_.get(manifest_.step, name_, size_, 1));
        } catch (bad_checkpoint const&) {
            is_longer = false; // a place throws for a range that leaves the part
        }
        if (is_longer) reject(joined(size_, " bytes"), "more");
    }

private:
    /// The bytes of `count` chunks from chunk `first` on, their sums compared; they stay until the next call.
    [[nodiscard]] std::span<std::byte const> chunks(std::size_t first, std::size_t count) {
        if (first == run_first_ && count == run_count_) return run_;
        std::size_t const from = first * chunk_bytes, to = std::min(size_, (first + count) * chunk_bytes);
        run_count_ = 0;
        if constexpr (FillsMemory<P>) {
            memory_.resize(std::max(memory_.size(), to - from));
            run_ = std::span{memory_}.first(to - from);
            place_.get_into(manifest_.step, name_, from, std::span{memory_}.first(to - from));
        } else {
            memory_ = place_.get(manifest_.step, name_, from, to - from);
            run_    = memory_;
        }
        if (run_.size() != to - from) reject(joined(to - from, " bytes from byte ", from), joined(run_.size()));
        for (std::size_t i = 0; i < count; ++i) {
            auto const begin        = i * chunk_bytes;
            auto const bytes        = run_.subspan(begin, std::min(chunk_bytes, run_.size() - begin));
            std::uint64_t const got = xxh3_64(bytes), due = entry_.sums[first + i];
            if (got != due)
                reject(joined("the checksum ", to_hex(due), " of chunk ", first + i, " of ", entry_.sums.size(), ", bytes ",
                              from + begin, " … ", from + begin + bytes.size() - 1),
                       to_hex(got));
        }
        run_first_ = first;
        run_count_ = count;
        return run_;
    }

    void compare(safetensors_header const& header, std::string const& name, dtype type, box const& where) const {
        auto const found = header.tensors.find(name);
        if (found == header.tensors.end())
            reject(joined("a tensor ", in_quotes(name), " as the manifest says"), "none of that name");
        if (found->second.type != type || found->second.extents != where.extents)
            reject(joined("tensor ", in_quotes(name), " as ", to_string(type), " of extents ", to_string(where.extents),
                          ", as the manifest says"),
                   joined(to_string(found->second.type), " of extents ", to_string(found->second.extents)));
    }

    P const& place_;
    manifest const& manifest_;
    std::string const& name_;
    stored_file const& entry_;
    std::size_t size_;
    std::vector<std::byte> memory_;
    std::span<std::byte const> run_; ///< what of the memory holds the chunks that were read last
    std::size_t run_first_ = 0;
    std::size_t run_count_ = 0;
};

} // namespace espalier::checkpoint::detail

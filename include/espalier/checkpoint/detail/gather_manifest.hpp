// SPDX-License-Identifier: BSL-1.0
/// @file
/// Brings what each rank wrote to rank 0 and puts it together as one manifest, with nothing but broadcasts of 64-bit words.
#pragma once

#include <espalier/checkpoint/manifest_entries.hpp>
#include <espalier/comm/concepts.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier::checkpoint::detail {

/// What one rank contributes to a manifest: the files that it wrote, and the boxes that lie in them of each tensor that it names.
struct contribution {
    std::vector<std::pair<std::string, stored_file>> files;
    std::map<std::string, stored_tensor, std::less<>> tensors;
};

/// A sequence of words that a contribution becomes, and from which it is read again in the same order.
class word_stream {
public:
    std::vector<std::int64_t> words;

    void put(std::int64_t value) { words.push_back(value); }
    void put(std::vector<std::int64_t> const& list) {
        put(static_cast<std::int64_t>(list.size()));
        words.insert(words.end(), list.begin(), list.end());
    }
    void put(std::string_view text) {
        put(static_cast<std::int64_t>(text.size()));
        std::size_t const at = words.size();
        words.resize(at + (text.size() + 7) / 8);
        if (!text.empty()) std::memcpy(words.data() + at, text.data(), text.size());
    }
    [[nodiscard]] std::int64_t number() { return words.at(next_++); }
    [[nodiscard]] std::vector<std::int64_t> list() {
        auto const size = static_cast<std::size_t>(number());
        std::vector<std::int64_t> out(size);
        for (std::int64_t& value : out) value = number();
        return out;
    }
    [[nodiscard]] std::string text() {
        auto const size = static_cast<std::size_t>(number());
        std::string out(size, '\0');
        for (std::size_t at = 0; at < size; at += 8) {
            std::int64_t const word = number();
            std::memcpy(out.data() + at, &word, size - at < 8 ? size - at : 8);
        }
        return out;
    }

private:
    std::size_t next_ = 0;
};

[[nodiscard]] inline word_stream to_words(contribution const& c) {
    word_stream out;
    out.put(static_cast<std::int64_t>(c.files.size()));
    for (auto const& [name, entry] : c.files) {
        out.put(name);
        out.put(static_cast<std::int64_t>(entry.bytes));
        out.put(std::vector<std::int64_t>(entry.sums.begin(), entry.sums.end()));
    }
    out.put(static_cast<std::int64_t>(c.tensors.size()));
    for (auto const& [name, tensor] : c.tensors) {
        out.put(name);
        out.put(static_cast<std::int64_t>(tensor.type));
        out.put(tensor.extents);
        out.put(static_cast<std::int64_t>(tensor.boxes.size()));
        for (stored_box const& b : tensor.boxes) {
            out.put(b.file);
            out.put(b.where.first);
            out.put(b.where.extents);
        }
    }
    return out;
}

/// @throws bad_checkpoint where rank `rank` gives a tensor other extents or another type than it is known by
inline void require_same_tensor(std::string const& name, stored_tensor const& known, stored_tensor const& given, int rank) {
    if (known.type == given.type && known.extents == given.extents) return;
    throw bad_checkpoint{{.entity   = "save_state",
                          .required = joined("the same tensor ", in_quotes(name), " on every rank, ", to_string(known.type),
                                             " of extents ", to_string(known.extents)),
                          .got      = joined(to_string(given.type), " of extents ", to_string(given.extents), " on rank ", rank),
                          .fix      = "Give the extents of the whole tensor, not of the part",
                          .page     = format_page}};
}

/// Adds what rank `rank` sent to the manifest.
/// @throws bad_checkpoint where it gives a tensor other extents or another type than a rank before it
inline void add(manifest& m, word_stream words, int rank) {
    for (std::int64_t left = words.number(); left > 0; --left) {
        std::string const file = words.text();
        auto const bytes       = static_cast<std::uint64_t>(words.number());
        auto const sums        = words.list();
        m.files[file]          = {bytes, {sums.begin(), sums.end()}};
    }
    for (std::int64_t left = words.number(); left > 0; --left) {
        std::string const name = words.text();
        stored_tensor mine;
        mine.type    = static_cast<dtype>(words.number());
        mine.extents = words.list();
        auto& known  = m.tensors.try_emplace(name, stored_tensor{mine.type, mine.extents, {}}).first->second;
        require_same_tensor(name, known, mine, rank);
        for (std::int64_t boxes = words.number(); boxes > 0; --boxes) {
            stored_box stored;
            stored.file          = words.text();
            stored.where.first   = words.list();
            stored.where.extents = words.list();
            known.boxes.push_back(std::move(stored));
        }
    }
}

/// Calls `add` on rank 0 for each rank's contribution, in the order of ranks.
/// @par Ranks     collective over `world`
/// @par Cost      two broadcasts a rank; a rank holds one other rank's contribution at a time
template <Communicator C>
requires SupportsBroadcast<C, std::int64_t>
void gather(C& world, contribution const& mine, manifest& out) {
    word_stream const own = to_words(mine);
    for (int r = 0; r < world.size(); ++r) {
        bool const is_mine = r == world.rank();
        auto size          = static_cast<std::int64_t>(is_mine ? own.words.size() : 0);
        world.broadcast(&size, 1, r);
        word_stream sent = is_mine ? own : word_stream{};
        sent.words.resize(static_cast<std::size_t>(size));
        world.broadcast(sent.words.data(), size, r);
        if (world.rank() == 0) add(out, std::move(sent), r);
    }
}

} // namespace espalier::checkpoint::detail

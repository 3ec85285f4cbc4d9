// SPDX-License-Identifier: BSL-1.0
/// @file
/// Words in place of numbers: what a computation of a step gives is spelled from what it reads, so that two orders, or two operands,
/// give two words. With them, what ranks that wait for nobody would compute; how ranks work together is rendezvous_run.hpp's business.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/core/lane_tree.hpp>
#include <espalier/partition/plan/action.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace espalier_test {

using espalier::joined;

/// What was in memory before the step.
inline std::string const unknown_word = "?";
inline std::string const first_parameters = "p";

/// A name and what it was made from, of which a long text is told by its hash.
inline std::string spelled(std::string const& name, std::string const& from) {
    return from.size() < 40 ? joined(name, '<', from, '>') : joined(name, '#', std::hash<std::string>{}(from));
}

/// A micro-batch of a lane at a rank's part of a chunk of the network: what the name of a computation says.
struct work_label {
    int chunk = 0, lane = 0, micro_batch = 0, tensor_rank = 0;

    [[nodiscard]] std::string sample() const { return joined('[', lane, '.', micro_batch, ']'); }
    [[nodiscard]] std::string name(char work) const { return joined(work, chunk, '/', tensor_rank, sample()); }
};

/// What a chunk reads, on the way out and home: the samples where it reads them, else nothing, and what the chunk before gave.
struct operands {
    std::string samples, input;
    std::string exchanged = {};  ///< with the other ranks of a tensor axis

    [[nodiscard]] std::string word() const { return samples + "," + input + "," + exchanged; }
};

/// What a rank of a tensor axis gives the others in a computation: on the way home also what it is handed.
inline std::string brought_word(work_label const& at, espalier::way direction, operands const& reads, std::string const& handed) {
    return spelled(at.name(direction == espalier::way::forward ? 'f' : 'b'), reads.word() + "," + handed);
}
/// What each of them has of it, from what all of them bring, in order.
inline std::string exchanged_word(std::string const& all_brought) { return spelled("X", all_brought); }

/// What a chunk gives, and keeps for the way home.
inline std::string forward_word(work_label const& at, operands const& reads, std::string const& parameters) {
    return spelled(at.name('F'), reads.word() + "," + parameters);
}
/// The gradient of a chunk's input, and everything else that the first part of backward gives.
inline std::string backward_word(work_label const& at, operands const& reads, std::string const& kept, std::string const& arriving, std::string const& parameters) {
    return spelled(at.name('B'), reads.word() + "," + kept + "," + arriving + "," + parameters);
}
/// What the first part leaves for the second in place of what forward kept.
inline std::string home_word(std::string const& backward) { return joined("home:", backward); }
inline std::string weights_word(work_label const& at, operands const& reads, std::string const& home) { return spelled(at.name('W'), reads.word() + "," + home); }

/// A gradient buffer of a chunk: what the first part of backward adds (the loss, in the last chunk), and what the second adds.
struct sum_words {
    std::string inputs = unknown_word, weights = unknown_word;

    friend bool operator==(sum_words const&, sum_words const&) = default;
    [[nodiscard]] std::string word() const { return inputs + "&" + weights; }
};
/// One more term of a sum: the brackets show the order.
inline std::string added(std::string const& sum, std::string const& term) { return spelled("", joined('{', sum, term, '}')); }
inline sum_words joined_sums(sum_words const& left, sum_words const& right) {
    return {spelled("", joined('(', left.inputs, right.inputs, ')')), spelled("", joined('(', left.weights, right.weights, ')'))};
}
/// The sum over a node of the tree; `sum_of(node)` gives the pieces that there are, or null.
template <class SumOf>
[[nodiscard]] sum_words tree_sum(espalier::lane_range node, SumOf const& sum_of) {
    if (sum_words const* known = sum_of(node)) return *known;
    if (node.size() < 2) return {};
    int const middle = espalier::split_of(node);
    return joined_sums(tree_sum({node.first, middle}, sum_of), tree_sum({middle, node.last}, sum_of));
}
/// The parameters of a chunk after the update.
inline std::string updated_word(std::string const& old, sum_words const& sum, std::string const& shared, std::string const& moments) {
    return spelled("U", old + "," + sum.word() + "," + shared + "," + moments);
}
inline std::string measured_word(std::string const& moments, std::string const& sums, std::string const& shared) {
    return spelled("M", moments + "," + sums + "," + shared);
}

/// Whether the ranks of a tensor axis exchange in a chunk of the network, each way.
struct chunk_exchanges {
    bool of[2] = {};
};

/// What a step computes where nobody waits for anybody: chunk after chunk, micro-batches and lanes in rising order, all parts of a chunk that
/// ranks of a tensor axis have side by side. It knows every word that is made.
class lone_rank {
public:
    lone_rank(std::vector<chunk_exchanges> exchanges, int tensor_ranks, int lanes, int micro_batches)
        : exchanges_{std::move(exchanges)}, parts_{static_cast<std::size_t>(tensor_ranks)}, lane_(exchanges_.size() * parts_), sum_(lane_.size()) {
        for (auto& lane : lane_) lane.resize(static_cast<std::size_t>(lanes), {"", ""});
        for (int l = 0; l < lanes; ++l)
            for (int j = 0; j < micro_batches; ++j) pass(l, j);
        for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] = up_the_tree(i, {0, lanes});
    }
    /// The sum over all lanes, of a tensor rank's part of a chunk of the network.
    [[nodiscard]] sum_words const& sum(int chunk, int tensor_rank) const { return sum_[static_cast<std::size_t>(chunk) * parts_ + static_cast<std::size_t>(tensor_rank)]; }
    /// Whether a word is what it makes somewhere on its way.
    [[nodiscard]] bool makes(std::string const& word) const { return made_.count(word) != 0; }
    [[nodiscard]] bool makes(sum_words const& sum) const { return makes(sum.inputs) && makes(sum.weights); }

private:
    using words = std::vector<std::string>;  // a word a part

    std::string const& made(std::string const& word) { return *made_.insert(word).first; }
    /// Lets all parts of a chunk exchange, where it does so this way.
    void exchange(std::size_t c, int l, int j, espalier::way direction, std::vector<operands>& reads, words const& handed) {
        if (!exchanges_[c].of[static_cast<int>(direction)]) return;
        std::string all;
        for (std::size_t t = 0; t < parts_; ++t) all += brought_word(label(c, t, l, j), direction, reads[t], handed[t]);
        for (operands& r : reads) r.exchanged = exchanged_word(all);
    }
    [[nodiscard]] static work_label label(std::size_t c, std::size_t t, int l, int j) { return {static_cast<int>(c), l, j, static_cast<int>(t)}; }

    void pass(int l, int j) {
        std::size_t const chunks = exchanges_.size();
        std::vector<std::vector<operands>> reads(chunks, std::vector<operands>(parts_));
        std::vector<words> kept(chunks, words(parts_));
        words arriving(parts_);
        for (std::size_t c = 0; c < chunks; ++c) {
            for (std::size_t t = 0; t < parts_; ++t) {
                if (c == 0 || c == chunks - 1) reads[c][t].samples = label(c, t, l, j).sample();
                if (c > 0) reads[c][t].input = kept[c - 1][t];
            }
            auto ahead = reads[c];
            exchange(c, l, j, espalier::way::forward, ahead, words(parts_));
            for (std::size_t t = 0; t < parts_; ++t) kept[c][t] = made(forward_word(label(c, t, l, j), ahead[t], first_parameters));
        }
        for (std::size_t c = chunks; c-- > 0;) {
            auto home = reads[c];
            exchange(c, l, j, espalier::way::backward, home, arriving);
            for (std::size_t t = 0; t < parts_; ++t) {
                std::string const back = made(backward_word(label(c, t, l, j), home[t], kept[c][t], arriving[t], first_parameters));
                sum_words& sum         = lane_[c * parts_ + t][static_cast<std::size_t>(l)];
                sum.inputs             = made(added(sum.inputs, back));
                sum.weights            = made(added(sum.weights, made(weights_word(label(c, t, l, j), reads[c][t], home_word(back)))));
                arriving[t]            = back;
            }
        }
    }
    sum_words up_the_tree(std::size_t part, espalier::lane_range node) {
        if (node.size() == 1) return lane_[part][static_cast<std::size_t>(node.first)];
        int const middle    = espalier::split_of(node);
        sum_words const sum = joined_sums(up_the_tree(part, {node.first, middle}), up_the_tree(part, {middle, node.last}));
        return {made(sum.inputs), made(sum.weights)};
    }

    std::vector<chunk_exchanges> exchanges_;
    std::size_t parts_;
    std::vector<std::vector<sum_words>> lane_;  ///< by chunk and part
    std::vector<sum_words> sum_;
    std::unordered_set<std::string> made_;
};

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// One rank that runs its plan on words: its memory, and what each action does to it. Whatever a plan must not do is an
/// error here at once, by marks that a rank puts on its own memory: no outcome depends on which thread comes first.
#pragma once

#include "support/rendezvous_floor.hpp"
#include "support/rendezvous_words.hpp"

#include <espalier/partition/plan/plan.hpp>

#include <algorithm>
#include <optional>

namespace espalier_test {

/// A piece of memory that a message reads or writes from its post to its wait.
struct lent_word {
    std::string word = unknown_word;
    bool is_lent     = false;
};

/// A slot for activations: what the chunk gave, which a send reads, and what it keeps for the way home.
struct activation_words {
    int chunk = -1;  ///< of the rank's
    lent_word output;
    std::string kept = unknown_word;
};

struct chunk_words {
    std::vector<sum_words> buffer;
    std::string parameters = first_parameters;  ///< as this rank would read them
    std::string owned      = first_parameters;  ///< the part of them that it updates
    sum_words shard;                            ///< of the sum, where it has a place of its own
    int reduced_into   = 0;
    bool is_lent       = false;  ///< to a reduction, from its post to its wait
    std::size_t number = 0;      ///< of that post
};

/// A rank reads and changes the memory of others only in collectives, for all of a group that stands still.
template <class Plan>
class rendezvous_rank {
public:
    using action      = espalier::action;
    using action_kind = espalier::action_kind;
    using way         = espalier::way;

    rendezvous_rank(Plan const& plan, rendezvous_floor& floor, lone_rank const& lone)
        : plan_{plan}, floor_{floor}, lone_{lone}, slot_(sized(plan.slots()), unknown_word), activations_(sized(plan.activation_slots * (plan.stages > 1 ? 1 : plan.chunks))), box_(sized(plan.received_boxes)),
          chunk_(sized(plan.chunks)) {
        for (chunk_words& c : chunk_) {
            c.buffer.resize(sized(plan.gradient_buffers));
            if (plan.gathered_chunks > 0) c.parameters = unknown_word;
        }
    }

    /// Runs the plan to its end. @throws run_failed
    void run(std::vector<rendezvous_rank*> const& world, bool blocking_sends) {
        for (int i = 0; i < plan_.count; ++i) {
            action const& a = plan_.item[i];
            require(a.chunk >= 0 && a.chunk < plan_.chunks, "a chunk that the rank does not have");
            require(!allowed_.has_value() || espalier::exchanges(a.kind), "an exchange without its computation");
            switch (a.kind) {
            case action_kind::clear: clear(a); break;
            case action_kind::load: load(a); break;
            case action_kind::forward: forward(a, world); break;
            case action_kind::backward:
            case action_kind::backward_input:
            case action_kind::backward_weights: come_home(a, world); break;
            case action_kind::fold:
                require(a.buffer != a.other, "a fold of a buffer with itself");
                buffer(a, a.buffer) = proper(joined_sums(buffer(a, a.buffer), buffer(a, a.other)));
                break;
            case action_kind::post_send:
            case action_kind::post_recv: post(a, blocking_sends); break;
            case action_kind::wait_send:
            case action_kind::wait_recv: wait(a); break;
            case action_kind::update: update(a); break;
            case action_kind::post_all_reduce:
            case action_kind::post_reduce_scatter: post_reduction(a, world); break;
            case action_kind::wait_reduce: wait_for_reduction(a); break;
            case action_kind::exchange: allowed_ = a; break;
            default: join(a, world);
            }
        }
        require_none_lent();
        require(!allowed_.has_value(), "an exchange without its computation");
        floor_.leave(plan_.rank);
    }

    /// Whether it updated once, with the sums of the lone rank and what all ranks shared of them, and holds what the next step reads.
    [[nodiscard]] bool ends_well() const {
        std::string shared;
        for (int r = 0; r < plan_.ranks && is_shared(); ++r)
            for (int c = 0; c < plan_.chunks; ++c) shared += lone_.sum(c * plan_.stages + r / plan_.tensor_ranks % plan_.stages, r % plan_.tensor_ranks).word();
        std::string moments, sums;
        for (int c = 0; c < plan_.chunks; ++c) sums += lone_.sum(plan_.chunk[c].number, plan_.tensor_rank()).word();
        if (plan_.measured_elements > 0) moments = measured_word(moments, sums, shared);
        for (int c = 0; c < plan_.chunks; ++c) {
            std::string const wanted = updated_word(first_parameters, lone_.sum(plan_.chunk[c].number, plan_.tensor_rank()), shared, moments);
            chunk_words const& mine  = chunk_[sized(c)];
            if (mine.owned != wanted || (plan_.gathered_chunks == 0 && mine.parameters != wanted)) return false;
        }
        return true;
    }

private:
    [[nodiscard]] static std::size_t sized(int n) { return static_cast<std::size_t>(n); }
    void require(bool holds, char const* broken_rule) {
        if (!holds) floor_.fail(broken_rule);
    }
    /// What is computed must be something that one rank alone computes.
    template <class Words>
    Words const& proper(Words const& made) {
        require(lone_.makes(made), "a computation with something else than it names");
        return made;
    }
    template <class T>
    T& within(std::vector<T>& all, int i) {
        require(i >= 0 && sized(i) < all.size(), "a buffer, slot or box that the rank does not have");
        return all[sized(i)];
    }
    sum_words& buffer(action const& a, int b) {
        require(!chunk_[sized(a.chunk)].is_lent, "gradients are touched that a reduction reads");
        return within(chunk_[sized(a.chunk)].buffer, b);
    }
    void require_none_lent() {
        for (chunk_words const& c : chunk_) require(!c.is_lent, "a reduction is in flight");
    }
    /// Whether ranks tell each other of their sums.
    [[nodiscard]] bool is_shared() const { return plan_.stages > 1 || plan_.tensor_ranks > 1 || has_shards(); }
    /// The slot for activations of a chunk: a pipeline's chunks take from one pool.
    activation_words& activations(int chunk, int slot) {
        require(slot >= 0 && slot < plan_.activation_slots, "a buffer, slot or box that the rank does not have");
        return within(activations_, plan_.stages > 1 ? slot : chunk * plan_.activation_slots + slot);
    }
    /// The sum over all lanes, where the update looks for it.
    [[nodiscard]] sum_words const& reduced(chunk_words& c, int b) {
        sum_words const& whole = within(c.buffer, b);
        return plan_.shards_gradients ? c.shard : whole;
    }
    [[nodiscard]] bool has_shards() const { return plan_.zero != espalier::zero_stage::none && plan_.replicas() > 1; }
    [[nodiscard]] bool is_first(action const& a) const { return plan_.chunk[a.chunk].number == 0; }
    [[nodiscard]] bool is_last(action const& a) const { return plan_.chunk[a.chunk].number == plan_.all_chunks - 1; }
    [[nodiscard]] work_label label(action const& a) const { return {plan_.chunk[a.chunk].number, a.lane, a.micro_batch, plan_.tensor_rank()}; }

    /// Where a rank keeps shards, chunks take turns in one room: even ones at its front, odd ones at its back.
    void clear(action const& a) {
        buffer(a, a.buffer) = {"", ""};
        if (!plan_.shards_gradients) return;
        std::int64_t const room = plan_.memory.of(espalier::region_kind::bucket).elements;
        auto const words_of     = [&](int c) {
            std::vector<bool> words(static_cast<std::size_t>(room), false);
            std::int64_t const n = plan_.chunk[c].gradients;
            std::fill_n(c % 2 == 0 ? words.begin() : words.end() - n, n, true);
            return words;
        };
        auto const mine = words_of(a.chunk);
        for (int c = 0; c < plan_.chunks; ++c) {
            auto const its = words_of(c);
            bool overlaps  = false;
            for (std::size_t i = 0; i < its.size(); ++i) overlaps = overlaps || (its[i] && mine[i]);
            if (c == a.chunk || !overlaps) continue;
            require(!chunk_[sized(c)].is_lent, "gradients are overwritten that a reduction reads");
            for (sum_words& b : chunk_[sized(c)].buffer) b = {};
        }
    }
    void load(action const& a) {
        require(a.lane >= plan_.mine.first && a.lane < plan_.mine.last && a.micro_batch >= 0 && a.micro_batch < plan_.micro_batches, "samples that are not the rank's");
        within(slot_, a.slot) = label(a).sample();
    }
    operands reads(action const& a) {
        operands all;
        if (plan_.chunk[a.chunk].loads_input || is_last(a)) all.samples = within(slot_, a.slot);
        if (plan_.stages == 1) require(within(slot_, a.slot) == label(a).sample(), "samples that are gone while their micro-batch is computed");
        if (is_first(a)) return all;
        if (plan_.stages == 1) {
            all.input = activations(a.chunk - 1, a.activations).output.word;
            return all;
        }
        lent_word const& box = within(box_, a.box);
        require(!box.is_lent, "a box is read before its message was waited for");
        all.input = box.word;
        return all;
    }
    /// The exchange of a computation, with those that compute the other parts of the same chunk, if it has one.
    void exchange(action const& a, std::vector<rendezvous_rank*> const& world, operands& from, std::string const& handed) {
        way const direction = a.kind == action_kind::forward ? way::forward : way::backward;
        int const times     = plan_.chunk[a.chunk].exchanges[static_cast<int>(direction)];
        if (times == 0) return require(!allowed_.has_value(), "an exchange without its computation");
        require(allowed_.has_value() && allowed_->repeat == times, "a computation that exchanges more or less often than it may");
        require(allowed_->direction == direction && allowed_->chunk == a.chunk && allowed_->lane == a.lane && allowed_->micro_batch == a.micro_batch,
                "an exchange without its computation");
        allowed_.reset();
        brought_         = brought_word(label(a), direction, from, handed);
        auto const group = group_of({.kind = action_kind::exchange});
        floor_.join(plan_.rank, group, {action_kind::exchange, a.chunk, times}, [&] {
            std::string all;
            for (int const q : group) all += world[sized(q)]->brought_;
            for (int const q : group) world[sized(q)]->exchanged_ = exchanged_word(all);
        });
        from.exchanged = exchanged_;
    }
    void forward(action const& a, std::vector<rendezvous_rank*> const& world) {
        operands from = reads(a);
        exchange(a, world, from, "");
        activation_words& into = activations(a.chunk, a.activations);
        require(!into.output.is_lent, "activations are written that a message reads");
        into.chunk       = a.chunk;
        into.output.word = into.kept = proper(forward_word(label(a), from, chunk_[sized(a.chunk)].parameters));
    }
    void come_home(action const& a, std::vector<rendezvous_rank*> const& world) {
        operands const from    = reads(a);
        activation_words& kept = activations(a.chunk, a.activations);
        sum_words& sum         = buffer(a, a.buffer);
        if (a.kind != action_kind::backward_weights) {
            lent_word const& arriving = plan_.stages > 1 ? arriving_ : leaving_;  // of the chunk behind it
            require(is_last(a) || !arriving.is_lent, "a gradient is read before its message was waited for");
            std::string const handed = is_last(a) ? "" : arriving.word;
            operands all             = from;
            exchange(a, world, all, handed);
            std::string const gradient = proper(backward_word(label(a), all, kept.kept, handed, chunk_[sized(a.chunk)].parameters));
            require(is_first(a) || !leaving_.is_lent, "a gradient is written that a message reads");
            if (!is_first(a)) leaving_.word = gradient;
            sum.inputs = proper(added(sum.inputs, gradient));
            kept.kept  = home_word(gradient);
        }
        if (a.kind != action_kind::backward_input) {
            sum.weights = proper(added(sum.weights, proper(weights_word(label(a), from, kept.kept))));
            kept.kept   = unknown_word;
        }
    }

    void post(action const& a, bool blocking_sends) {
        bool const sends = a.kind == action_kind::post_send, ahead = a.direction == way::forward;
        lent_word* lent   = &(sends ? leaving_ : arriving_);
        std::string* word = &lent->word;
        if (ahead && sends) {
            activation_words& from = activations(a.chunk, a.activations);
            lent                   = &from.output;
            word                   = from.chunk == a.chunk ? &lent->word : &no_output_;
        } else if (ahead) {
            lent = &within(box_, a.box);
            word = &lent->word;
        }
        espalier::chunk_plan const& c = plan_.chunk[a.chunk];
        floor_.post(plan_.rank, a.direction, sends, a.peer, sends == ahead ? c.gives : c.takes, word);
        lent->is_lent = true;
        lent_[static_cast<int>(a.direction)][sends ? 1 : 0] = lent;
        if (sends && blocking_sends) floor_.wait_until_taken(plan_.rank, a.direction);
    }
    void wait(action const& a) {
        bool const sends = a.kind == action_kind::wait_send;
        floor_.wait(plan_.rank, a.direction, sends);
        lent_word*& word = lent_[static_cast<int>(a.direction)][sends ? 1 : 0];
        word->is_lent    = false;
        word             = nullptr;
    }

    void update(action const& a) {
        require(++updates_ == 1, "a second update");
        require(!shared_.empty() || !is_shared(), "an update before the norm of all gradients is known");
        require_none_lent();
        for (chunk_words& c : chunk_) {
            c.owned      = updated_word(c.owned, reduced(c, a.buffer), shared_, moments_);
            c.parameters = has_shards() ? "partly " + c.owned : c.owned;
        }
    }

    [[nodiscard]] std::vector<int> group_of(action const& a) const {
        bool const all = a.kind == action_kind::share || a.kind == action_kind::measure, parts = a.kind == action_kind::exchange;
        int const ranks_of_replica = plan_.stages * plan_.tensor_ranks;
        std::vector<int> group;
        for (int q = 0; q < plan_.ranks; ++q)
            if (all || (parts ? q / plan_.tensor_ranks == plan_.rank / plan_.tensor_ranks : q % ranks_of_replica == plan_.rank % ranks_of_replica)) group.push_back(q);
        return group;
    }
    /// What a reduction needs, at its post or where all join it at once.
    void prepare_reduction(action const& a) {
        require(espalier::sums_to_all(a.kind) || has_shards(), "a reduction that leaves shards where the update reads whole sums");
        for (int i = 0; i < plan_.partials; ++i) buffer(a, plan_.partial[i].buffer);
        buffer(a, chunk_[sized(a.chunk)].reduced_into = a.buffer);
    }
    void post_reduction(action const& a, std::vector<rendezvous_rank*> const& world) {
        prepare_reduction(a);
        chunk_words& mine      = chunk_[sized(a.chunk)];
        mine.is_lent           = true;
        mine.number            = floor_.posted(plan_.rank) + 1;
        auto const group       = group_of(a);
        floor_.post_reduction(plan_.rank, group, {a.kind, a.chunk, plan_.chunk[a.chunk].gradients}, [&] { reduce(a.chunk, group, world); });
    }
    void wait_for_reduction(action const& a) {
        chunk_words& mine = chunk_[sized(a.chunk)];
        require(mine.is_lent, "a wait without a post");
        floor_.wait_reduction(plan_.rank, mine.number);
        mine.is_lent = false;
    }

    void join(action const& a, std::vector<rendezvous_rank*> const& world) {
        require(espalier::is_collective(a.kind), "an action that does not exist");
        within(chunk_[sized(a.chunk)].buffer, 0);  // there is one: sums of all lanes stand there
        auto const group = group_of(a);
        auto const each = [&](auto act) {
            for (int const q : group) act(*world[sized(q)]);
        };
        espalier::chunk_plan const& c = plan_.chunk[a.chunk];
        switch (a.kind) {
        case action_kind::share:
            require_none_lent();
            return floor_.join(plan_.rank, group, {a.kind, a.chunk, plan_.shared_elements}, [&] {
                std::string shared;
                each([&](rendezvous_rank& r) { shared += r.all_sums(); });
                each([&](rendezvous_rank& r) { r.shared_ = shared; });
            });
        case action_kind::measure:
            return floor_.join(plan_.rank, group, {a.kind, a.chunk, plan_.measured_elements},
                               [&] { each([&](rendezvous_rank& r) { r.moments_ = measured_word(r.moments_, r.all_sums(), r.shared_); }); });
        case action_kind::gather:
            return floor_.join(plan_.rank, group, {a.kind, a.chunk, c.parameters}, [&] {
                std::string const whole = chunk_[sized(a.chunk)].owned;
                bool is_whole           = true;
                each([&](rendezvous_rank& r) { is_whole = is_whole && r.chunk_[sized(a.chunk)].owned == whole; });
                each([&](rendezvous_rank& r) {
                    for (chunk_words& other : r.chunk_)
                        if (plan_.gathered_chunks == 1) other.parameters = unknown_word;  // there is room for one
                    r.chunk_[sized(a.chunk)].parameters = is_whole ? whole : unknown_word;
                });
            });
        default:
            prepare_reduction(a);
            return floor_.join(plan_.rank, group, {a.kind, a.chunk, c.gradients}, [&] { reduce(a.chunk, group, world); });
        }
    }
    /// What `share` and `measure` read: the sums of all lanes, which stand in buffer 0.
    [[nodiscard]] std::string all_sums() const {
        std::string all;
        for (chunk_words const& c : chunk_) all += (plan_.shards_gradients ? c.shard : c.buffer[0]).word();
        return all;
    }
    /// Called by one member for all. Buffers hold nothing afterwards but the sum, or a rank's shard of it, where the rank wants it.
    void reduce(int chunk, std::vector<int> const& group, std::vector<rendezvous_rank*> const& world) {
        std::vector<std::pair<espalier::lane_range, sum_words>> partial;
        for (int const q : group) {
            rendezvous_rank& r = *world[sized(q)];
            for (int i = 0; i < r.plan_.partials; ++i)
                partial.emplace_back(r.plan_.partial[i].lanes, r.chunk_[sized(chunk)].buffer[sized(r.plan_.partial[i].buffer)]);
        }
        sum_words const sum = tree_sum({0, plan_.lanes}, [&](espalier::lane_range node) -> sum_words const* {
            for (auto const& [lanes, words] : partial)
                if (lanes == node) return &words;
            return nullptr;
        });
        for (int const q : group) {
            rendezvous_rank& r = *world[sized(q)];
            auto& buffers      = r.chunk_[sized(chunk)].buffer;
            for (sum_words& b : buffers) b = {};
            (r.plan_.shards_gradients ? r.chunk_[sized(chunk)].shard : buffers[sized(r.chunk_[sized(chunk)].reduced_into)]) = sum;
        }
    }

    Plan const& plan_;
    rendezvous_floor& floor_;
    lone_rank const& lone_;
    std::vector<std::string> slot_;
    std::vector<activation_words> activations_;
    std::vector<lent_word> box_;
    std::vector<chunk_words> chunk_;
    lent_word arriving_, leaving_;
    std::string no_output_ = unknown_word;  ///< what is sent from a slot that holds another chunk's activations
    lent_word* lent_[2][2] = {};            ///< by direction; 0 received, 1 sent
    std::string shared_, moments_;
    std::optional<action> allowed_;  ///< the exchange right before, whose computation comes next
    std::string brought_, exchanged_;
    int updates_ = 0;
};

}  // namespace espalier_test

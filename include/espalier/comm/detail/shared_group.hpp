// SPDX-License-Identifier: BSL-1.0
/// @file
/// A group of ranks that share memory, as one of them sees it: how a collective operation is joined, agreed on, run and left.
/// What an operation does in between is in comm/collective/; who the ranks are, how they fail and what they can read, the station knows.
#pragma once

#include <espalier/comm/detail/flight_entry_of.hpp>
#include <espalier/comm/detail/mismatch.hpp>
#include <espalier/comm/detail/note_writer.hpp>
#include <espalier/comm/detail/patience.hpp>
#include <espalier/comm/detail/post_queue.hpp>
#include <espalier/comm/detail/scene.hpp>
#include <espalier/comm/errors.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace espalier::detail {

/// One rank's side of a group. Operations of a group are joined in one order on all ranks, one at a time.
/// @tparam Station what a rank knows of its world: entity, all_memory_is_shared, recorder, refer, resolve, raise_failure, failed, roll_call, fail, deadline_seconds,
///                 whereabouts, has_given_up, patience_of
template <class Station>
class shared_group {
public:
    shared_group(Station& s, meeting_room const& room, int rank, std::vector<int> world_ranks, std::uint64_t id)
        : station_{s}, room_{room}, rank_{rank}, world_ranks_{std::move(world_ranks)}, id_{id}, results_(world_ranks_.size()) {}
    shared_group(shared_group const&)            = delete;
    shared_group& operator=(shared_group const&) = delete;

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(world_ranks_.size()); }
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    [[nodiscard]] int world_rank(int r) const noexcept { return world_ranks_[static_cast<std::size_t>(r)]; }
    [[nodiscard]] std::vector<int> const& world_ranks() const noexcept { return world_ranks_; }
    /// Whether a rank has not yet joined the operation that this rank waits in.
    [[nodiscard]] bool is_absent(int r) const noexcept {
        return room_.place(r).meetings.load(std::memory_order_relaxed) < room_.place(rank_).meetings.load(std::memory_order_relaxed);
    }

    /// Joins the operation, and returns when its results are there and nobody reads this rank's operands any more.
    /// @throws mismatched_collective on all ranks alike; rank_failed; deadline_passed; what the operation throws
    template <class Operation>
    void perform(Operation const& op, call_site at) {
        flight_leg leg{station_.recorder(), station_.recorder().begin(flight_entry_of(op, id_, meetings_ + 1, at, false))};
        perform_recorded(op, at, runner::caller);
        leg.is_done();
    }
    /// The same of an operation that somebody else has recorded.
    template <class Operation>
    void perform_recorded(Operation const& op, call_site at, runner by) {
        station_.raise_failure();
        note const& mine = leave_note(op, at);
        pass(&mine, by);
        scene<Station> here{station_, room_, rank_, world_ranks_, parity(), program_, results_};
        route const way = agreed_route();
        here.take(way);
        switch (way) {
        case route::note: op.run(here, 0, op.extent()); break;  // nobody writes over this note before all have come once more
        case route::memory: run_in_memory(op, here, by); break;
        case route::staging: run_staged(op, here, mine, by); break;
        }
    }

private:
    /// So often a sleeping rank looks whether the others live: far below any deadline, far above the cost of looking.
    static constexpr std::chrono::milliseconds nap{5};

    [[nodiscard]] unsigned parity() const noexcept { return static_cast<unsigned>(meetings_ & 1); }
    [[nodiscard]] note const& of(int r) const noexcept { return room_.place(r).notes[parity()]; }

    template <class Operation>
    note const& leave_note(Operation const& op, call_site at) {
        ++meetings_;
        note& mine = room_.place(rank_).notes[parity()];
        {
            note_writer<Station> w{mine, own_, station_, Operation::record};
            op.describe(w);
        }
        // Most operations repeat the one before the last: their texts are there already.
        texts& written = written_[parity()];
        if (written.what != &Operation::record) mine.what = Operation::record;
        if (written.file != at.file) mine.file = {at.file};
        written       = {&Operation::record, at.file};
        mine.group    = id_;
        mine.sequence = meetings_;
        mine.line     = at.line;
        room_.place(rank_).meetings.store(meetings_, std::memory_order_relaxed);
        return mine;
    }

    /// Compares what all have come for, and finds how their operands travel: the same on all ranks.
    [[nodiscard]] route agreed_route() const {
        bool fits_notes = true, is_staged = false;
        note const& first = of(0);
        for (int r = 0; r < size(); ++r) {
            note const& n = of(r);
            if (n.digest != first.digest) complain_of_mismatch(Station::entity, first, world_rank(0), n, world_rank(r));
            fits_notes = fits_notes && n.has_payload;
            is_staged  = is_staged || n.is_outside;
        }
        return fits_notes ? route::note : is_staged ? route::staging : route::memory;
    }

    template <class Operation>
    void run_in_memory(Operation const& op, scene<Station>& here, runner by) {
        try {
            op.run(here, 0, op.extent());
        } catch (...) {
            part(by);
            throw;
        }
        part(by);
    }

    /// Piece by piece: who lies outside copies its operands into the room, and its results out of it.
    template <class Operation>
    void run_staged(Operation const& op, scene<Station>& here, note const& mine, runner by) {
        std::int64_t const element = mine.what.element_bytes;
        int blocks = 0;
        for (int r = 0; r < size(); ++r) blocks = std::max(blocks, static_cast<int>(of(r).blocks));
        auto const room          = static_cast<std::int64_t>(room_.staging_bytes());
        std::int64_t const fits  = room / (element * (blocks + 1));
        std::int64_t const piece = fits >= 64 ? fits / 64 * 64 : fits;  // on cache lines, where that leaves something
        if (piece == 0)
            throw invalid_setting{{Station::entity, joined("at most ", room / element - 1, " operands of elements of ", element, " bytes outside of shared memory"),
                                   joined(blocks), "Take the memory from allocate()", "policies/communicator.md"}};
        for (std::int64_t first = 0; first < op.extent(); first += piece) {
            std::int64_t const last = std::min(first + piece, op.extent());
            here.stage(first, piece);
            if (scene<Station>::is_staged(mine)) stage(here, mine, first, last);
            pass(nullptr, by);
            op.run(here, first, last);
            pass(nullptr, by);
            if (scene<Station>::is_staged(mine)) unstage(here, element, first, last);
        }
    }

    void stage(scene<Station> const& here, note const& mine, std::int64_t first, std::int64_t last) const noexcept {
        std::int64_t const element = mine.what.element_bytes, from = std::max(first, mine.first), to = std::min(last, mine.last);
        for (int k = 0; k < mine.blocks && from < to; ++k) {
            std::byte const* const block = mine.lanes > 0 ? own_.summand[k] : own_.in + k * mine.stride * element;
            std::memcpy(here.staged(rank_, k, from, element), block + (from - mine.first) * element, static_cast<std::size_t>((to - from) * element));
        }
    }
    void unstage(scene<Station> const& here, std::int64_t element, std::int64_t first, std::int64_t last) const noexcept {
        std::int64_t const from = std::max(first, own_.out_first), to = std::min(last, own_.out_last);
        if (from < to)
            std::memcpy(own_.out + (from - own_.out_first) * element, here.staged(rank_, of(rank_).blocks, from, element),
                        static_cast<std::size_t>((to - from) * element));
    }

    /// The end of what was begun together: until all have finished with each other's memory.
    void part(runner by) {
        if constexpr (Station::all_memory_is_shared) {
            // Those who met do only bounded work before they part, and no rank may free memory that another one still reads.
            auto const a = room_.the_gate().arrive();
            if (opens_soon(a, by)) return;
            while (!room_.the_gate().is_open(a) && !room_.the_gate().is_broken()) room_.the_gate().sleep(a, nap);
        } else {
            pass(nullptr, by);
        }
    }

    [[nodiscard]] bool opens_soon(gate<>::arrival a, runner by) const noexcept {
        return is_over_soon(station_.patience_of(by), [&gate = room_.the_gate(), a] { return gate.is_open(a); });
    }

    /// Waits until all have arrived. `mine` is what this rank came for, or null in the middle of an operation.
    void pass(note const* mine, runner by) {
        auto& gate   = room_.the_gate();
        auto const a = gate.arrive();
        if (opens_soon(a, by)) return;
        auto const until = deadline_in(station_.deadline_seconds());
        for (;;) {
            gate.sleep(a, nap);
            if (gate.is_open(a)) return;
            station_.roll_call(*this);
            bool const is_late = std::chrono::steady_clock::now() >= until;
            if (!is_late && !station_.failed() && !station_.has_given_up()) {
                if (gate.is_broken()) std::this_thread::yield();  // whoever broke it is about to say why
                continue;
            }
            if (!gate.leave(a)) return;
            station_.raise_failure();
            if (!is_late) throw rank_failed{station_.rank(), Station::entity, "it left its function with an operation under way"};
            // Those whom the deadline of this rank ends are told so: the failure is stored before it is thrown.
            auto const error = late(mine != nullptr ? *mine : of(rank_));
            station_.fail(error);
            throw error;
        }
    }

    [[nodiscard]] deadline_passed late(note const& mine) const {
        std::string absent;
        for (int r = 0; r < size(); ++r)
            if (is_absent(r)) absent += joined(absent.empty() ? "" : "; ", station_.whereabouts(world_rank(r)));
        return deadline_passed{{Station::entity,
                                joined("every rank to join ", mine.to_string(), " within ", station_.deadline_seconds(), " seconds"),
                                joined("rank ", station_.rank(), " waiting, and ", absent.empty() ? "nobody absent now" : absent, ", as operation ", meetings_,
                                       " of group ", id_),
                                "Let every rank join, or set a longer deadline_seconds", "policies/communicator.md"}};
    }

    Station& station_;
    meeting_room room_;
    int rank_;
    std::vector<int> world_ranks_;
    std::uint64_t id_;
    std::uint64_t meetings_ = 0;
    struct texts {
        operation_record const* what = nullptr;
        char const* file             = nullptr;
    };
    texts written_[2];  ///< of the two notes
    tree_program program_;
    own_memory own_;
    std::vector<void*> results_;
};

}  // namespace espalier::detail

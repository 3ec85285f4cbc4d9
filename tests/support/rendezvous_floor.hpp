// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where threads meet: channels that hold nothing, groups that wait for their last member, and the knowledge that nobody can go on.
/// What the messages mean is rendezvous_rank.hpp's business.
#pragma once

#include <espalier/partition/plan/action.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace espalier_test {

/// Thrown in the threads of a run that has failed; what failed stands in rendezvous_floor::failure.
struct run_failed {};

/// What a member brings to a collective.
struct group_call {
    espalier::action_kind kind = espalier::action_kind::share;
    int chunk                  = 0;
    std::int64_t elements      = 0;

    friend bool operator==(group_call const&, group_call const&) = default;
};

/// One for each run. A wait is a condition; where a rank changes something, those whose condition came true are woken. When each rank has
/// ended or waits for what is not so, nothing will ever change: no clock is needed to see it.
class rendezvous_floor {
public:
    explicit rendezvous_floor(int ranks) : seat_(static_cast<std::size_t>(ranks)), end_(static_cast<std::size_t>(ranks)) {}

    /// Offers the word at `word`, or asks for one to be put there. @throws run_failed where the end is in use or sizes differ
    void post(int rank, espalier::way to, bool sends, int peer, std::int64_t elements, std::string* word) {
        std::unique_lock lock{changing_};
        channel_end& mine = end_of(rank, to, sends);
        if (mine.is_posted) fail(lock, "a post before the wait for the last one");
        mine = {true, false, peer, elements, word};
        if (peer >= 0 && peer < ranks() && peer != rank) meet(lock, mine, rank, end_of(peer, to, !sends), sends);
    }
    /// Until the other end was posted too.
    void wait(int rank, espalier::way to, bool sends) {
        std::unique_lock lock{changing_};
        channel_end& mine = end_of(rank, to, sends);
        if (!mine.is_posted) fail(lock, "a wait without a post");
        pause(lock, rank, [&mine] { return mine.has_met; });
        mine = {};
    }
    /// The same for a send, which a wait still has to end.
    void wait_until_taken(int rank, espalier::way to) {
        std::unique_lock lock{changing_};
        channel_end& mine = end_of(rank, to, true);
        pause(lock, rank, [&mine] { return mine.has_met; });
    }
    /// Until all of `group` came with the same call; the last to come calls `act`, for all, while the others stand still. @throws run_failed where sizes differ
    void join(int rank, std::vector<int> const& group, group_call call, std::function<void()> const& act) {
        std::unique_lock lock{changing_};
        seat& mine     = seat_[static_cast<std::size_t>(rank)];
        mine.call      = call;
        mine.has_call  = true;
        bool all_here  = true;
        for (int const q : group) {
            seat const& other = seat_[static_cast<std::size_t>(q)];
            if (!other.has_call || other.call.kind != call.kind || other.call.chunk != call.chunk) all_here = false;
            else if (other.call.elements != call.elements) fail(lock, "a collective of different sizes");
        }
        if (!all_here) return pause(lock, rank, [&mine] { return !mine.has_call; });
        act();
        for (int const q : group) seat_[static_cast<std::size_t>(q)].has_call = false;
        wake();
    }
    /// Post number n of a rank is one reduction with post number n of each of `group`; the last to post it calls `act`, for all, and no rank
    /// touches what it changes until its own wait. @throws run_failed where the group posts in different orders or sizes
    void post_reduction(int rank, std::vector<int> const& group, group_call call, std::function<void()> const& act) {
        std::unique_lock lock{changing_};
        std::vector<group_call>& mine = seat_[static_cast<std::size_t>(rank)].posted;
        mine.push_back(call);
        bool all_here = true;
        for (int const q : group) {
            std::vector<group_call> const& other = seat_[static_cast<std::size_t>(q)].posted;
            if (other.size() < mine.size()) all_here = false;
            else if (other[mine.size() - 1] != call) fail(lock, "reductions posted in another order, or of other sizes");
        }
        if (!all_here) return;
        act();
        for (int const q : group) seat_[static_cast<std::size_t>(q)].reduced = mine.size();
        wake();
    }
    /// How many a rank has posted.
    [[nodiscard]] std::size_t posted(int rank) {
        std::unique_lock lock{changing_};
        return seat_[static_cast<std::size_t>(rank)].posted.size();
    }
    /// Until reduction number `number` of a rank, from 1, is over.
    void wait_reduction(int rank, std::size_t number) {
        std::unique_lock lock{changing_};
        pause(lock, rank, [&mine = seat_[static_cast<std::size_t>(rank)], number] { return mine.reduced >= number; });
    }
    /// A rank has done all of its actions.
    void leave(int rank) {
        std::unique_lock lock{changing_};
        for (auto const& directions : end_[static_cast<std::size_t>(rank)].of)
            for (channel_end const& e : directions)
                if (e.is_posted) fail(lock, "a message left in flight");
        seat_[static_cast<std::size_t>(rank)].has_left = true;
        if (nobody_moves()) fail(lock, "a hang");
    }
    /// Ends the run. @throws run_failed
    void fail(std::string const& why) {
        std::unique_lock lock{changing_};
        fail(lock, why);
    }
    /// Why the run failed; empty where it did not. Of two ranks that do something wrong, either may be the one that is heard.
    [[nodiscard]] std::string const& failure() const { return failure_; }

private:
    struct channel_end {
        bool is_posted = false, has_met = false;
        int peer              = -1;
        std::int64_t elements = 0;
        std::string* word     = nullptr;
    };
    struct ends {
        channel_end of[2][2];  // by direction; 0 receives, 1 sends
    };
    struct seat {
        std::condition_variable called;
        std::function<bool()> may_go_on;  // while it waits
        bool has_left = false, has_call = false;
        group_call call;
        std::vector<group_call> posted;  // reductions, in order
        std::size_t reduced = 0;         // of these
    };

    [[nodiscard]] int ranks() const { return static_cast<int>(seat_.size()); }
    [[nodiscard]] channel_end& end_of(int rank, espalier::way to, bool sends) {
        return end_[static_cast<std::size_t>(rank)].of[static_cast<int>(to)][sends ? 1 : 0];
    }
    void meet(std::unique_lock<std::mutex>& lock, channel_end& mine, int rank, channel_end& other, bool sends) {
        if (!other.is_posted || other.has_met || other.peer != rank) return;
        if (mine.elements != other.elements) fail(lock, "a message with ends of different sizes");
        if (sends) *other.word = *mine.word;
        else *mine.word = *other.word;
        mine.has_met = other.has_met = true;
        wake();
    }
    void pause(std::unique_lock<std::mutex>& lock, int rank, std::function<bool()> may_go_on) {
        seat& mine     = seat_[static_cast<std::size_t>(rank)];
        mine.may_go_on = std::move(may_go_on);
        if (nobody_moves()) fail(lock, "a hang");
        mine.called.wait(lock, [&] { return !failure_.empty() || mine.may_go_on(); });
        mine.may_go_on = nullptr;
        if (!failure_.empty()) throw run_failed{};
    }
    /// Whether each rank has left or waits for what is not so, and one still waits.
    [[nodiscard]] bool nobody_moves() const {
        bool one_waits = false;
        for (seat const& s : seat_) {
            if (s.has_left) continue;
            if (!s.may_go_on || s.may_go_on()) return false;
            one_waits = true;
        }
        return one_waits;
    }
    void wake() {
        for (seat& s : seat_)
            if (s.may_go_on && s.may_go_on()) s.called.notify_one();
    }
    [[noreturn]] void fail(std::unique_lock<std::mutex>&, std::string const& why) {
        if (failure_.empty()) failure_ = why;
        for (seat& s : seat_) s.called.notify_one();
        throw run_failed{};
    }

    std::mutex changing_;
    std::deque<seat> seat_;  // not a vector: seats do not move
    std::vector<ends> end_;
    std::string failure_;
};

}  // namespace espalier_test

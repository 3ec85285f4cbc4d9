// SPDX-License-Identifier: BSL-1.0
/// @file
/// The faults that a maker of plans could make with exchanges of a tensor axis, one kind a type. Those of messages, slots and sums are
/// rendezvous_faults.hpp.
#pragma once

#include "support/rendezvous_faults.hpp"

namespace espalier_test {

namespace detail {
inline bool is_exchange(action const& a) { return a.kind == action_kind::exchange; }
}  // namespace detail

struct exchange_dropped {
    static constexpr std::string_view name = "an exchange dropped";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        x.drop(x.any(detail::is_exchange));
    }
};

/// Once more, right before itself or anywhere.
struct exchange_doubled {
    static constexpr std::string_view name = "an exchange doubled";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(detail::is_exchange);
        auto const its  = x.item(one);
        x.insert(x.below(2) == 0 ? one : x.another(one, detail::is_any), its);
    }
};

/// Two of one rank, of other micro-batches, chunks or directions.
struct exchanges_swapped {
    static constexpr std::string_view name = "two exchanges swapped on one rank";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(detail::is_exchange);
        x.swap(one, x.another(one, detail::is_exchange));
    }
};

/// Behind the computation that makes it.
struct exchange_moved {
    static constexpr std::string_view name = "an exchange behind its computation";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(detail::is_exchange);
        x.swap(one, {one.rank, one.at + 1});
    }
};

/// One of the numbers that an exchange names, to another one.
struct exchange_altered {
    static constexpr std::string_view name = "an exchange altered";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        auto& a      = x.item(x.any(detail::is_exchange));
        int const by = 1 + x.below(2);
        switch (x.below(5)) {
        case 0: a.lane += by; break;
        case 1: a.micro_batch -= by; break;
        case 2: a.chunk += by; break;
        case 3: a.direction = a.direction == detail::way::forward ? detail::way::backward : detail::way::forward; break;
        default: a.repeat += by; break;
        }
    }
};

/// Two computations of one kind with their exchanges, on one rank or on all that compute the same stage of the same replica.
struct computations_in_another_order {
    static constexpr std::string_view name = "computations in another order, with their exchanges";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(detail::is_exchange);
        auto const its  = x.item(one);
        place const two = x.another(one, [&](auto const& a) { return detail::is_exchange(a) && a.direction == its.direction && a.chunk == its.chunk; });
        bool const all  = x.below(2) == 0;
        int const ranks = x.plans[0].tensor_ranks;
        for (std::size_t r = 0; r < x.plans.size(); ++r) {
            if (static_cast<int>(r) / ranks != static_cast<int>(one.rank) / ranks || (!all && r != one.rank)) continue;
            for (int i : {0, 1}) x.swap({r, one.at + i}, {r, two.at + i});
        }
    }
};

/// All messages between two stages: tensor rank t of the first speaks with t + 1 of the second.
struct peers_crossed {
    static constexpr std::string_view name = "messages between different tensor ranks";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        int const ranks  = x.plans[0].tensor_ranks;
        auto const other = [&](int rank) { return rank / ranks * ranks + (rank % ranks + 1) % ranks; };
        int const stage  = x.below(x.plans[0].stages - 1);
        for (std::size_t r = 0; r < x.plans.size(); ++r) {
            Plan& p = x.plans[r];
            for (int i = 0; i < p.count; ++i) {
                auto& a         = p.item[i];
                int const its   = a.peer / ranks % p.stages;
                bool const from = a.peer >= 0 && p.stage() == stage && its == stage + 1;
                bool const to   = a.peer >= 0 && its == stage && p.stage() == stage + 1;
                if (from) a.peer = other(a.peer);
                if (to) a.peer = a.peer / ranks * ranks + (a.peer % ranks + ranks - 1) % ranks;
            }
        }
    }
};

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of flight_recorder.hpp: one slot of the ring, how it is written and how it is read meanwhile.
/// What an operation is, and how files are made of the ring, is not here.
#pragma once

#include <espalier/comm/flight_recorder.hpp>

#include <algorithm>

namespace espalier {

/// Two cache lines. The stamp is (ticket + 1) · 8 + phase, 0 before the first use; who has set it to `writing` or `ending` owns the
/// fields until the next stamp. It is set by plain stores: two threads meet in a slot only if one is a whole turn of the ring behind.
/// ```
///   begin   writing ─ fields ─→ under_way                  end   under_way ─→ ending ─ ends ─→ done | failed
/// ```
/// Every field is stored with release and loaded with acquire: a reader that sees a field of a later operation then sees the later
/// stamp too, and reads again. That is what fences would do, which the thread sanitizer does not know.
struct alignas(64) flight_recorder::slot {
    enum phase : std::uint64_t { writing = 0, under_way = 1, ending = 2, done = 3, failed = 4 };

    std::atomic<std::uint64_t> stamp{0};
    std::atomic<std::uint64_t> group{0}, sequence{0};
    std::atomic<char const*> operation{""}, element{""}, reduction{""}, parameter_name{""}, file{""}, function{""};
    std::atomic<std::uint64_t> lengths{0};  ///< of the element's name, and of the reduction's times 2³²
    std::atomic<std::int64_t> count{0}, parameter{0}, begins{0}, ends{0};
    std::atomic<std::uint64_t> place{0};  ///< 2 · line + is_posted

    [[nodiscard]] static constexpr std::uint64_t stamp_of(ticket t, phase p) noexcept { return (t + 1) * 8 + p; }
    [[nodiscard]] static constexpr phase phase_of(std::uint64_t stamp) noexcept { return static_cast<phase>(stamp % 8); }

    /// Takes the slot for an operation; false where another thread is in it, or has taken it for a later one.
    [[nodiscard]] bool take(ticket t) noexcept {
        std::uint64_t const before = stamp.load(std::memory_order_acquire);
        bool const is_owned        = before != 0 && (phase_of(before) == writing || phase_of(before) == ending);
        if (is_owned || before >= stamp_of(t, writing)) return false;
        stamp.store(stamp_of(t, writing), std::memory_order_release);
        return true;
    }
    void write(flight_entry const& e, std::int64_t now) noexcept {
        constexpr auto order = std::memory_order_release;
        auto const text      = [](char const* t) { return t != nullptr ? t : ""; };
        group.store(e.group, order);
        sequence.store(e.sequence, order);
        operation.store(text(e.operation), order);
        element.store(e.element.data(), order);
        reduction.store(e.reduction.data(), order);
        lengths.store((e.element.size() & 0xffffffff) | (e.reduction.size() << 32), order);
        count.store(e.count, order);
        parameter_name.store(text(e.parameter_name), order);
        parameter.store(e.parameter, order);
        file.store(text(e.at.file), order);
        function.store(text(e.at.function), order);
        place.store(static_cast<std::uint64_t>(e.at.line) * 2 + (e.is_posted ? 1 : 0), order);
        begins.store(now, order);
        ends.store(0, order);
    }
    /// The record, with times still in ticks.
    [[nodiscard]] flight_record read(ticket t) const noexcept {
        constexpr auto order      = std::memory_order_acquire;
        std::uint64_t const sizes = lengths.load(order), line = place.load(order);
        flight_record r;
        r.ticket               = t;
        r.entry.group          = group.load(order);
        r.entry.sequence       = sequence.load(order);
        r.entry.operation      = operation.load(order);
        r.entry.element        = {element.load(order), sizes & 0xffffffff};
        r.entry.count          = count.load(order);
        r.entry.reduction      = {reduction.load(order), sizes >> 32};
        r.entry.parameter_name = parameter_name.load(order);
        r.entry.parameter      = parameter.load(order);
        r.entry.at             = {file.load(order), function.load(order), static_cast<int>(line / 2)};
        r.entry.is_posted      = line % 2 != 0;
        r.begins_ns            = begins.load(order);
        r.ends_ns              = ends.load(order);
        return r;
    }
};

inline flight_recorder::flight_recorder() : ring_{std::make_unique<slot[]>(capacity)}, made_{clock_.look()} {}

inline flight_recorder::ticket flight_recorder::begin(flight_entry const& e) noexcept {
    std::int64_t const now = clock_.now();
    ticket const t         = next_.fetch_add(1, std::memory_order_relaxed);
    slot& s                = ring_[t % capacity];
    if (s.take(t)) {
        s.write(e, now);
        s.stamp.store(slot::stamp_of(t, slot::under_way), std::memory_order_release);
    }
    return t;
}

inline void flight_recorder::end(ticket t, bool failed) noexcept {
    slot& s = ring_[t % capacity];
    if (s.stamp.load(std::memory_order_acquire) != slot::stamp_of(t, slot::under_way)) return;
    s.stamp.store(slot::stamp_of(t, slot::ending), std::memory_order_release);
    s.ends.store(clock_.now(), std::memory_order_release);
    s.stamp.store(slot::stamp_of(t, failed ? slot::failed : slot::done), std::memory_order_release);
}

inline bool flight_recorder::read(ticket t, flight_record& r) const noexcept {
    slot const& s = ring_[t % capacity];
    for (int look = 0; look < 100; ++look) {  // its writer needs a few nanoseconds, unless it was stopped within
        std::uint64_t const before = s.stamp.load(std::memory_order_acquire);
        if (before >= slot::stamp_of(t + 1, slot::writing)) return false;
        if (before < slot::stamp_of(t, slot::under_way)) continue;
        r = s.read(t);
        if (s.stamp.load(std::memory_order_relaxed) != before) continue;
        auto const phase = slot::phase_of(before);
        r.state          = phase == slot::done ? flight_state::done : phase == slot::failed ? flight_state::failed : flight_state::under_way;
        return true;
    }
    return false;
}

inline std::vector<flight_record> flight_recorder::records() const {
    ticket const end   = begun();
    ticket const first = end < capacity ? 0 : end - capacity;
    std::vector<flight_record> out;
    out.reserve(static_cast<std::size_t>(end - first));
    flight_record r;
    for (ticket t = first; t < end; ++t)
        if (read(t, r)) out.push_back(r);
    auto const now = clock_.look();
    for (flight_record& each : out) {  // an end on another core may be counted a few ticks before its beginning
        each.begins_ns = detail::tick_clock::to_steady_ns(each.begins_ns, made_, now);
        each.ends_ns   = each.state == flight_state::under_way ? 0 : std::max(each.begins_ns, detail::tick_clock::to_steady_ns(each.ends_ns, made_, now));
    }
    return out;
}

}  // namespace espalier

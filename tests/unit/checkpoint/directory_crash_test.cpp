// SPDX-License-Identifier: BSL-1.0
/// @file
/// What is left on a disk when a save fails, is killed, or the machine stops, at every system call: whole steps, the newest of
/// those that were committed among them. The disk is a fake; the real one, and processes, are in directory_killed_test.cpp.
#include "support/catch.hpp"
#include "support/fake_disk.hpp"

#include <espalier/checkpoint/directory.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using espalier::checkpoint::bad_checkpoint;
using espalier::checkpoint::basic_directory;
using espalier_test::calls_without_fsync;
using espalier_test::fake_calls;
using espalier_test::fake_disk;
using fault = fake_disk::fault;
using loss  = fake_disk::loss;
using steps = std::set<std::int64_t>;

namespace {

constexpr char const* run = "/disk/run";

struct part {
    int rank;
    std::string name;
    std::vector<std::byte> bytes;
};

/// Two parts of each of two ranks; a version differs from every other in each of them.
[[nodiscard]] std::vector<part> parts_of(int version) {
    std::vector<part> out;
    for (int rank : {0, 1})
        for (char const* name : {"a", "b"}) {
            std::size_t const n = 3 + static_cast<std::size_t>(version) % 2 + out.size() * 5;
            out.push_back({rank, std::to_string(rank) + name, std::vector<std::byte>(n, static_cast<std::byte>(version))});
        }
    return out;
}

/// How far a save came, and what it threw.
struct outcome {
    bool committed = false, removing = false, removed = false;
    std::string error;
};

/// Saves as whoever saves does: discard, the parts of all ranks, commit, then an older step goes (-1: none).
template <class Calls>
outcome save(Calls calls, std::int64_t step, int version, std::int64_t old) {
    using place = basic_directory<Calls>;
    outcome out;
    try {
        std::array<place, 2> ranks{place{run, {}, calls}, place{run, {}, calls}};
        ranks[0].discard(step);
        for (auto const& p : parts_of(version)) ranks[static_cast<std::size_t>(p.rank)].put(step, p.name, p.bytes);
        ranks[0].commit(step);
        out.committed = true;
        if (old < 0) return out;
        out.removing = true;
        ranks[0].remove(old);
        out.removed = true;
    } catch (bad_checkpoint const& e) {
        out.error = e.what();
    }
    return out;
}

/// What a disk may hold, by step its versions, and the steps that it must.
struct truth {
    std::map<std::int64_t, std::set<int>> may;
    steps must;

    void committed(std::int64_t step, int version) {
        may[step] = {version};
        must.insert(step);
    }
    void removed(std::int64_t step) {
        may.erase(step);
        must.erase(step);
    }
    /// After a save that came as far as `o`. A save that failed, but was not killed, has changed nothing; one whose flush
    /// failed may yet, where the machine then stops.
    void happened(outcome const& o, bool may_surface, std::int64_t step, int version, std::int64_t old) {
        if (o.committed)
            committed(step, version);
        else if (may_surface)
            may[step].insert(version);
        if (o.removed)
            removed(old);
        else if (o.removing && may_surface)
            must.erase(old);
    }
};

/// What is wrong with the steps that a place over this disk shows; "" where nothing is.
[[nodiscard]] std::string wrong_with(fake_disk disk, truth const& expected) {
    disk.expect(fault::none, 0);
    basic_directory<fake_calls> const place{run, {}, {&disk}};
    auto const held = place.list();
    for (auto const step : expected.must)
        if (std::find(held.begin(), held.end(), step) == held.end()) return "step " + std::to_string(step) + " is lost";
    for (auto const step : held) {
        auto const allowed = expected.may.find(step);
        if (allowed == expected.may.end()) return "step " + std::to_string(step) + " is there";
        bool is_whole = false;
        for (int const version : allowed->second) {
            bool is_this = true;
            for (auto const& p : parts_of(version)) {
                try {
                    is_this = is_this && place.get(step, p.name) == p.bytes;
                } catch (bad_checkpoint const&) {
                    is_this = false;
                }
            }
            is_whole = is_whole || is_this;
        }
        if (!is_whole) return "step " + std::to_string(step) + " is torn";
    }
    return "";
}

/// What lies in the folder and is no committed step, but for the file of another.
[[nodiscard]] std::string litter_on(fake_disk& disk) {
    std::vector<espalier::checkpoint::folder_entry> entries;
    (void)disk.list(run, entries);
    std::string out;
    for (auto const& entry : entries) {
        auto const dot = entry.name.find('.'); // an attempt's number follows, or a suffix
        if (dot != std::string::npos && (entry.name[dot + 1] < '0' || entry.name[dot + 1] > '9') && entry.name != "metrics.csv")
            out += " " + entry.name;
    }
    return out;
}

/// A save on a disk with steps (0: on an empty one), and the step that is removed after it.
struct scenario {
    char const* name;
    int steps_before;
    std::int64_t step, old;
};
constexpr scenario scenarios[] = {{"the first save, where no folder is", 0, 100, -1},
                                  {"a later step", 2, 300, 100},
                                  {"the newest step again", 2, 200, 100},
                                  {"a step again, which then goes", 2, 200, 200},
                                  {"an earlier step again", 2, 100, 200}};

/// The disk and the truth before the save of a scenario; all of it lasts.
[[nodiscard]] std::pair<fake_disk, truth> before(scenario const& s) {
    std::pair<fake_disk, truth> out;
    auto& [disk, expected] = out;
    for (int i = 1; i <= s.steps_before; ++i) {
        (void)save(fake_calls{&disk}, 100 * i, i, -1);
        expected.committed(100 * i, i);
    }
    if (s.steps_before > 0) (void)disk.open("/disk/run/metrics.csv", O_WRONLY | O_CREAT | O_TRUNC);
    disk.crash(loss::nothing, 0);
    return out;
}

[[nodiscard]] std::size_t calls_of(scenario const& s) {
    auto disk = before(s).first;
    disk.expect(fault::none, 0);
    CHECK(save(fake_calls{&disk}, s.step, 11, s.old).error.empty());
    return disk.log().size();
}

/// What is wrong when a run begins on this disk, saves the same step and a later one, and the machine then stops.
[[nodiscard]] std::string wrong_afterwards(fake_disk disk, truth expected, std::int64_t step) {
    for (auto const& [again, version] : {std::pair{step, 21}, std::pair{step + 100, 22}}) {
        auto const o = save(fake_calls{&disk}, again, version, -1);
        if (!o.committed) return "a save afterwards: " + o.error;
        expected.committed(again, version);
        if (auto const litter = litter_on(disk); !litter.empty()) return "a save afterwards leaves" + litter;
        for (auto const what : {loss::everything, loss::some}) {
            fake_disk crashed = disk;
            crashed.crash(what, 5);
            if (auto const wrong = wrong_with(crashed, expected); !wrong.empty())
                return "a save and a crash afterwards: " + wrong;
        }
    }
    return "";
}

constexpr std::pair<loss, std::uint64_t> losses[] = {{loss::everything, 0}, {loss::nothing, 0}, {loss::bytes, 0},
                                                     {loss::names, 0},      {loss::some, 1},    {loss::some, 2},
                                                     {loss::some, 3},       {loss::some, 4},    {loss::some, 5}};

/// Reports where it went wrong; counts how many states were looked at.
struct tally {
    std::size_t looked_at = 0, wrong = 0;

    void operator()(std::string const& what, scenario const& s, std::string const& where) {
        ++looked_at;
        if (what.empty() || ++wrong > 5) return;
        FAIL_CHECK(s.name << ", " << where << ": " << what);
    }
};

/// Looks at a disk as a process finds it that starts after this one, and after each kind of crash.
void look(tally& count, fake_disk const& disk, truth const& now, truth const& crashed, scenario const& s,
          std::string const& where) {
    count(wrong_with(disk, now), s, where + ", seen at once");
    count(wrong_afterwards(disk, now, s.step), s, where);
    for (auto const& [what, seed] : losses) {
        fake_disk left = disk;
        left.crash(what, seed);
        auto const text = where + ", crash " + std::to_string(static_cast<int>(what)) + "/" + std::to_string(seed);
        count(wrong_with(left, crashed), s, text);
        count(wrong_afterwards(left, crashed, s.step), s, text);
    }
}

} // namespace

TEST_CASE("a save whose system calls fail one at a time leaves whole steps, and says what failed") {
    tally count;
    std::size_t calls = 0, errors = 0;
    for (auto const& s : scenarios) {
        std::size_t const n = calls_of(s);
        calls += n;
        for (std::size_t at = 0; at < n; ++at) {
            auto [disk, expected] = before(s);
            truth crashed         = expected;
            disk.expect(fault::error, at);
            auto const o     = save(fake_calls{&disk}, s.step, 11, s.old);
            auto const where = "error at " + disk.log().at(at);
            expected.happened(o, false, s.step, 11, s.old);
            crashed.happened(o, true, s.step, 11, s.old);
            count(disk.open_files() == 0 ? "" : "a file stays open", s, where);
            if (where.ends_with(".writing"))
                count(o.error.empty() ? "no error" : "", s, where); // of a part, nothing is passed over
            if (!o.error.empty()) {
                ++errors;
                bool const says = o.error.starts_with("espalier: checkpoint::directory /disk/run: requires ") &&
                                  o.error.find("; got Input/output error. Check the folder, its permissions and the space on its "
                                               "disk. See docs/policies/checkpoint.md.") != std::string::npos;
                count(says ? "" : o.error, s, where);
            }
            look(count, disk, expected, crashed, s, where);
        }
    }
    CHECK(count.wrong == 0);
    CHECK(calls > 250);
    CHECK(errors > 150); // the rest are in cleaning up, which the next save does again
    CHECK(count.looked_at > 20 * calls);
}

TEST_CASE("a save goes through when writes are short and signals interrupt calls") {
    tally count;
    std::size_t halves = 0;
    for (auto const& s : scenarios)
        for (std::size_t at = 0, n = calls_of(s); at < n; ++at)
            for (auto const kind : {fault::half, fault::interrupted}) {
                auto [disk, expected] = before(s);
                disk.expect(kind, at);
                auto const o = save(fake_calls{&disk}, s.step, 11, s.old);
                if (kind == fault::half && !disk.log().at(at).starts_with("write")) continue;
                halves += kind == fault::half;
                count(o.error, s, "interrupted at " + disk.log().at(at));
                expected.happened(o, false, s.step, 11, s.old);
                look(count, disk, expected, expected, s, "interrupted at " + disk.log().at(at));
            }
    CHECK(count.wrong == 0);
    CHECK(halves == 4 * std::size(scenarios));
}

TEST_CASE("a process that dies before any system call of a save leaves whole steps") {
    tally count;
    std::size_t deaths = 0;
    for (auto const& s : scenarios)
        for (std::size_t at = 0, n = calls_of(s); at < n; ++at) {
            auto [disk, expected] = before(s);
            disk.expect(fault::death, at);
            auto const o     = save(fake_calls{&disk}, s.step, 11, s.old);
            auto const where = "death before " + disk.log().at(at);
            deaths += disk.is_dead();
            expected.happened(o, true, s.step, 11, s.old);
            disk.expect(fault::none, 0);
            look(count, disk, expected, expected, s, where);
        }
    CHECK(count.wrong == 0);
    CHECK(deaths > 250);
}

TEST_CASE("a run that dies, and the next one as well, leave whole steps when the machine then stops") {
    tally count;
    for (auto const& s : scenarios)
        for (std::size_t at = 0, n = calls_of(s); at < n; ++at) {
            auto first = before(s);
            first.first.expect(fault::death, at);
            first.second.happened(save(fake_calls{&first.first}, s.step, 11, s.old), true, s.step, 11, s.old);
            auto const there = "death before " + first.first.log().at(at) + ", then before ";
            for (std::size_t then = 0;; ++then) {
                auto [disk, expected] = first;
                disk.expect(fault::death, then);
                auto const o = save(fake_calls{&disk}, s.step, 12, s.old);
                if (!disk.is_dead()) break;
                expected.happened(o, true, s.step, 12, s.old);
                for (auto const& [what, seed] :
                     {std::pair{loss::everything, std::uint64_t{0}}, std::pair{loss::some, std::uint64_t{at * 1000 + then}}}) {
                    fake_disk left = disk;
                    left.crash(what, seed);
                    count(wrong_with(left, expected), s, there + disk.log().at(then));
                }
            }
        }
    CHECK(count.wrong == 0);
    CHECK(count.looked_at > 20'000);
}

TEST_CASE("a disk that fills at any byte of a save is an error in the system's words, and the steps stay as they were") {
    tally count;
    for (auto const& s : scenarios) {
        auto [whole, unused]    = before(s);
        std::size_t const start = whole.used();
        std::size_t full        = 0;
        for (bool is_enough = false; !is_enough; ++full) {
            auto [disk, expected] = before(s);
            disk.capacity         = start + full;
            auto const o          = save(fake_calls{&disk}, s.step, 11, s.old);
            is_enough             = o.error.empty();
            auto const where      = std::to_string(full) + " bytes free";
            if (!is_enough)
                count(o.error.find("requires space and permission to ") != std::string::npos &&
                              o.error.find("; got No space left on device.") != std::string::npos
                          ? ""
                          : o.error,
                      s, where);
            expected.happened(o, false, s.step, 11, s.old);
            disk.capacity = SIZE_MAX;
            look(count, disk, expected, expected, s, where);
        }
        std::size_t bytes = 0;
        for (auto const& p : parts_of(11)) bytes += p.bytes.size() + fake_disk::entry_bytes;
        CHECK(full > bytes); // every size below what a save takes was tried
    }
    CHECK(count.wrong == 0);
}

TEST_CASE("each flush is needed: without it a crash after a save loses or tears a step") {
    // The same look as above finds what these places do wrong, so it would find the same in the one that is shipped.
    auto const [of, name] =
        GENERATE(std::pair{"", "all"}, std::pair{".writing", "of parts"}, std::pair{".partial", "of parts' names"},
                 std::pair{"/run", "of the step's name"}, std::pair{"/disk", "of the folder's name"},
                 std::pair{"/", "of the name of the folder above"});
    INFO("without the flush " << name);
    std::size_t wrong = 0;
    for (auto const& s : scenarios) {
        auto [disk, expected] = before(s);
        calls_without_fsync const calls{{&disk}, of};
        auto const o = save(calls, s.step, 11, s.old);
        REQUIRE(o.committed);
        expected.happened(o, true, s.step, 11, s.old);
        for (auto const& [what, seed] : losses) {
            fake_disk left = disk;
            left.crash(what, seed);
            wrong += !wrong_with(left, expected).empty();
        }
    }
    CHECK(wrong > 0);
}

TEST_CASE("what waits to be deleted under a name that is needed goes only when that name lasts") {
    auto [disk, expected]  = before(scenarios[1]);
    std::string const step = "/disk/run/step-000000000100";
    REQUIRE(disk.rename(step, step + ".removed") == 0); // by a run that was killed before it flushed
    REQUIRE(disk.mkdir(step) == 0);                     // and by another, which could not clean up
    for (auto const& p : parts_of(5)) {
        int const file = disk.open(step + "/" + p.name, O_WRONLY | O_CREAT);
        (void)disk.write(file, p.bytes.data(), p.bytes.size());
        REQUIRE(disk.fsync(file) == 0);
    }
    REQUIRE(disk.fsync(disk.open(step, O_RDONLY | O_DIRECTORY)) == 0);
    expected.may[100] = {1, 5};
    expected.must.erase(100);
    for (std::size_t at = 0;; ++at) {
        fake_disk left = disk;
        left.expect(fault::death, at);
        try {
            basic_directory<fake_calls>{run, {}, {&left}}.remove(100);
        } catch (bad_checkpoint const&) {
        }
        for (std::uint64_t seed = 0; seed < 32; ++seed) {
            fake_disk crashed = left;
            crashed.crash(loss::some, seed);
            CHECK(wrong_with(crashed, expected) == "");
        }
        if (left.is_dead()) continue;
        CHECK(at > 10);
        CHECK(litter_on(left) == "");
        break;
    }
}

TEST_CASE("a step that is being removed never shows what an earlier attempt held") {
    scenario const s{"the newest step again", 2, 200, -1};
    tally count;
    for (std::size_t at = 0, n = calls_of(s); at < n; ++at) {
        auto [disk, expected] = before(s);
        disk.expect(fault::death, at);
        auto const o = save(fake_calls{&disk}, s.step, 11, s.old);
        if (!o.committed) continue; // killed while it cleaned up: both attempts may be there
        expected.committed(200, 11);
        expected.must.erase(200);
        for (std::size_t then = 0;; ++then) {
            fake_disk removing = disk;
            removing.expect(fault::death, then);
            try {
                basic_directory<fake_calls>{run, {}, {&removing}}.remove(200);
            } catch (bad_checkpoint const&) {
            }
            bool const is_dead = removing.is_dead();
            removing.expect(fault::none, 0);
            look(count, removing, expected, expected, s, "removed after " + disk.log().at(at));
            if (!is_dead) break;
        }
    }
    CHECK(count.wrong == 0);
    CHECK(count.looked_at > 1'000);
}

TEST_CASE("a disk that cannot flush folders is used all the same, and one that takes no bytes is an error") {
    struct without_folders : fake_calls {
        int fsync(int file) const { return disk->path_of(file).ends_with(".writing") ? fake_calls::fsync(file) : -EINVAL; }
    };
    struct takes_nothing : fake_calls {
        std::int64_t write(int, std::byte const*, std::size_t) const { return 0; }
    };
    for (auto const& s : scenarios) {
        auto [disk, expected] = before(s);
        auto o                = save(without_folders{{&disk}}, s.step, 11, s.old);
        CHECK(o.error == "");
        expected.happened(o, false, s.step, 11, s.old);
        CHECK(wrong_with(disk, expected) == "");
        o = save(takes_nothing{{&disk}}, s.step, 12, s.old);
        CHECK_THAT(o.error, Catch::Matchers::ContainsSubstring("permission to write /disk/run/step-") &&
                                Catch::Matchers::ContainsSubstring(".partial/0a; got Input/output error."));
        CHECK(wrong_with(disk, expected) == "");
    }
}

TEST_CASE("reading fails with the system's words at every call, and what was read before is no longer there to be trusted") {
    auto disk = before(scenarios[1]).first;
    disk.expect(fault::none, 0);
    basic_directory<fake_calls> const place{run, {}, {&disk}};
    auto const expected = place.get(200, "1b");
    CHECK(expected == parts_of(2).back().bytes);
    std::size_t const calls = disk.log().size();
    CHECK(calls >= 5); // list, open, size, pread, close
    for (std::size_t at = 0; at < calls; ++at) {
        disk.expect(fault::interrupted, at);
        CHECK(place.get(200, "1b") == expected);
        disk.expect(fault::error, at);
        if (at + 1 == calls)
            CHECK(place.get(200, "1b") == expected); // closing a file that was read
        else
            CHECK_THROWS_WITH(place.get(200, "1b"), Catch::Matchers::ContainsSubstring("got Input/output error"));
    }
}

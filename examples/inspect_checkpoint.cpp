// SPDX-License-Identifier: BSL-1.0
// Looks into checkpoints on a disk: what they hold, whether they are sound, and how two of them differ.
//
//     examples/run inspect_checkpoint DIR                              every step of a run's folder, verified
//     examples/run inspect_checkpoint DIR --step N                     one step: its facts, files, tensors and boxes
//     examples/run inspect_checkpoint A B [--step N --other-step M]    two checkpoints, tensor by tensor; the newest steps
//     examples/run inspect_checkpoint --demo DIR                       writes a small run into DIR and does all of this with it
//
// It returns 1 where anything is damaged or two checkpoints differ, 0 where all is sound or equal, 2 for unusable options.
//
// test: --demo inspect_checkpoint_test
#include "support/command_line.hpp"

#include <espalier/espalier.hpp>

#include <fmt/core.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

using namespace espalier;
using namespace espalier::checkpoint;
using place_type = checkpoint::directory;

namespace {

/// An element of any type as a number; integers above 2^53 are rounded.
double number(std::byte const* at, dtype type) {
    auto const as = [&]<class T>(T value) {
        std::memcpy(&value, at, sizeof value);
        return static_cast<double>(value);
    };
    switch (type) {
    case dtype::f64:
        return as(double{});
    case dtype::f32:
        return as(float{});
    case dtype::i64:
        return as(std::int64_t{});
    case dtype::u64:
        return as(std::uint64_t{});
    case dtype::i32:
        return as(std::int32_t{});
    case dtype::u32:
        return as(std::uint32_t{});
    case dtype::i16:
        return as(std::int16_t{});
    case dtype::u16:
        return as(std::uint16_t{});
    case dtype::i8:
        return as(std::int8_t{});
    case dtype::u8:
    case dtype::boolean:
        return as(std::uint8_t{});
    case dtype::bf16: {
        std::uint32_t const bits = static_cast<std::uint32_t>(as(std::uint16_t{})) << 16;
        float value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    case dtype::f16: {
        auto const bits         = static_cast<unsigned>(as(std::uint16_t{}));
        int const exponent      = static_cast<int>(bits >> 10 & 31);
        unsigned const fraction = bits & 1023;
        double const size       = exponent == 31  ? (fraction != 0 ? NAN : INFINITY)
                                  : exponent == 0 ? std::ldexp(fraction, -24)
                                                  : std::ldexp(1024 + fraction, exponent - 25);
        return (bits & 0x8000) != 0 ? -size : size;
    }
    }
    return NAN;
}

std::uint64_t bytes_of_values(stored_tensor const& t) {
    return bytes_of(t.extents, t.type).value_or(0);
}

/// The step that was asked for, or the newest.
std::int64_t chosen(place_type const& place, std::optional<std::int64_t> step) {
    auto const steps = place.list();
    if (!step && steps.empty())
        throw bad_checkpoint{{"inspect_checkpoint", "a folder with a committed step", joined("none in ", place.folder().string()),
                              "Name the folder that a run was given", "policies/checkpoint.md"}};
    return step.value_or(steps.empty() ? 0 : steps.back());
}

void print_summary(manifest const& m, char const* state) {
    std::uint64_t bytes = 0;
    std::size_t boxes   = 0;
    for (auto const& [name, tensor] : m.tensors) boxes += tensor.boxes.size();
    for (auto const& [name, file] : m.files) bytes += file.bytes;
    fmt::print("step {:>12}  {} files  {} tensors in {} boxes  {} bytes  {}\n", m.step, m.files.size(), m.tensors.size(), boxes,
               bytes, state);
}

/// The folder of a run, or its folder "checkpoints" where the steps lie in that.
std::filesystem::path with_steps(std::filesystem::path const& folder) {
    return place_type{folder}.list().empty() && std::filesystem::is_directory(folder / "checkpoints") ? folder / "checkpoints" : folder;
}

/// Every step of a folder, one line each.
int list(place_type const& place) {
    static_cast<void>(chosen(place, {}));
    int damaged = 0;
    for (std::int64_t const step : place.list()) {
        try {
            print_summary(verify_state(place, step), "verified");
        } catch (error const& e) {
            fmt::print("step {:>12}  DAMAGED  {}\n", step, e.what());
            ++damaged;
        }
    }
    return damaged > 0 ? 1 : 0;
}

/// One step with all it consists of, as far as its manifest can be read.
int show(place_type const& place, std::int64_t step) {
    manifest const m = read_manifest(place, step);
    for (auto const& [key, value] : m.run) fmt::print("run     {}: {}\n", key, value);
    for (auto const& [name, file] : m.files)
        fmt::print("file    {}  {} bytes  {} checksums\n", name, file.bytes, file.sums.size());
    for (auto const& [name, tensor] : m.tensors) {
        fmt::print("tensor  {}  {} {}  {} bytes\n", name, to_string(tensor.type), to_string(tensor.extents),
                   bytes_of_values(tensor));
        for (stored_box const& b : tensor.boxes) fmt::print("            {} in {}\n", to_string(b.where), b.file);
    }
    static_cast<void>(verify_state(place, step));
    print_summary(m, "verified");
    return 0;
}

std::vector<std::byte> values(place_type const& place, manifest const& m, std::string const& name, stored_tensor const& t) {
    std::vector<std::byte> out(bytes_of_values(t));
    wanted_piece const wanted[] = {{name, t.extents, t.type, whole(t.extents), out}};
    load_state(place, m, wanted);
    return out;
}

/// How the values of one tensor differ: nothing to say where they are the same bits.
std::string difference(std::vector<std::byte> const& a, std::vector<std::byte> const& b, dtype type) {
    std::size_t const one = bytes_of(type);
    std::size_t differing = 0;
    double largest        = 0;
    for (std::size_t at = 0; at < a.size(); at += one)
        if (std::memcmp(&a[at], &b[at], one) != 0) {
            double const d = std::abs(number(&a[at], type) - number(&b[at], type));
            largest        = std::isnan(d) || d > largest ? d : largest;
            ++differing;
        }
    if (differing == 0) return {};
    return fmt::format("{} of {} elements differ, by at most {:g}", differing, a.size() / one, largest);
}

/// Facts and tensors of two checkpoints beside each other.
int compare(place_type const& a, std::int64_t a_step, place_type const& b, std::int64_t b_step) {
    manifest const first = read_manifest(a, a_step), second = read_manifest(b, b_step);
    int differences = 0;
    auto const say  = [&](std::string const& what, std::string const& how) {
        fmt::print("{}: {}\n", what, how);
        ++differences;
    };
    for (auto const& [key, value] : first.run) {
        auto const other = second.run.find(key);
        if (other == second.run.end())
            say("run " + key, "only in the first");
        else if (other->second != value)
            say("run " + key, value + " and " + other->second);
    }
    for (auto const& entry : second.run)
        if (!first.run.contains(entry.first)) say("run " + entry.first, "only in the second");
    for (auto const& [name, t] : first.tensors) {
        auto const other = second.tensors.find(name);
        if (other == second.tensors.end())
            say("tensor " + name, "only in the first");
        else if (other->second.type != t.type || other->second.extents != t.extents)
            say("tensor " + name, joined(to_string(t.type), " ", to_string(t.extents), " and ", to_string(other->second.type),
                                         " ", to_string(other->second.extents)));
        else if (auto how = difference(values(a, first, name, t), values(b, second, name, other->second), t.type); !how.empty())
            say("tensor " + name, how);
    }
    for (auto const& entry : second.tensors)
        if (!first.tensors.contains(entry.first)) say("tensor " + entry.first, "only in the second");
    fmt::print("steps {} and {}: {}\n", a_step, b_step, differences == 0 ? "equal, bit by bit" : "different");
    return differences == 0 ? 0 : 1;
}

/// Writes step 10 on three ranks, step 20 with the same values on two, step 30 with other ones and a file that is damaged; does
/// with them what the other forms do, and returns 0 where each gives the status that it should.
int demo(std::filesystem::path const& folder) {
    std::filesystem::remove_all(folder);
    place_type const place{folder, {.keep = 3}};
    std::vector<float> weight(40'000, 0.5f);
    for (std::int64_t const step : {10, 20, 30}) {
        if (step == 30) weight[7] = 0.75f;
        threads::launch(step == 10 ? 3 : 2, [&](threads& world) {
            place_type mine = place;
            std::vector<tensor_piece> pieces;
            tensor_shape const shape[] = {{{200, 200}, dtype::f32}};
            for (auto const& dealt : deal(shape, world.size())[static_cast<std::size_t>(world.rank())]) {
                auto const rows = std::span{weight}.subspan(static_cast<std::size_t>(dealt.where.first[0]) * 200,
                                                            static_cast<std::size_t>(elements(dealt.where)));
                pieces.push_back({"linear.weight", {200, 200}, dtype::f32, dealt.where, std::as_bytes(rows)});
            }
            save_state(mine, world, step, {{"network", "linear<200,200>"}, {"ranks", joined(world.size())}}, pieces);
        });
    }
    bool const is_sound     = list(place) == 0 && show(place, 10) == 0;
    bool const is_compared  = compare(place, 20, place, 20) == 0 && compare(place, 10, place, 30) == 1;
    auto const path         = folder / "step-000000000030" / "rank-1.safetensors";
    auto bytes              = read_file(path);
    bytes[bytes.size() / 2] = ~bytes[bytes.size() / 2];
    write_file(path, bytes);
    bool const is_detected = list(place) == 1;
    return is_sound && is_compared && is_detected ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::string folder, other, demo_folder;
    std::optional<std::int64_t> step, other_step;
    example::command_line line{"inspect_checkpoint", "Lists the checkpoints in a run's folder, shows one, or compares two."};
    line.add("folder", folder, "folder of a run");
    line.add("other", other, "another one, or the same, to compare with");
    line.add("--step", step, "a step of the folder; to compare, the newest without it");
    line.add("--other-step", other_step, "a step of the other folder; without it the newest");
    line.add("--demo", demo_folder, "write a small run into this folder, which is emptied before, and inspect that");
    if (auto const status = line.parse(argc, argv)) return *status;
    if (folder.empty() && demo_folder.empty()) return line.help();
    if (other.empty() && other_step) return line.refuse("--other-step", "needs another folder");
    try {
        if (!demo_folder.empty()) return demo(demo_folder);
        place_type const place{with_steps(folder)};
        if (!other.empty()) return compare(place, chosen(place, step), place_type{with_steps(other)}, chosen(place_type{with_steps(other)}, other_step));
        return step ? show(place, *step) : list(place);
    } catch (std::exception const& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 1;
    }
}

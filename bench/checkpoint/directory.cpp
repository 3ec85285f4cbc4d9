// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --bytes 4000000
// Saving to and loading from checkpoint::directory, whole and in parts, beside a plain write with fsync and a plain read of as
// many bytes on the same disk, in turns.
#include "checkpoint/encoder.hpp"
#include "checkpoint/plain_files.hpp"
#include "support/problem.hpp"
#include "support/report.hpp"

#include <espalier/checkpoint/directory.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/comm/self.hpp>

#include <array>
#include <csignal>
#include <cstring>
#include <iostream>

using namespace espalier;
using checkpoint::directory;
using checkpoint::dtype;

/// A state, a place for it, and the operations that are timed. What is written replaces what the same operation wrote before.
class measured {
public:
    measured(std::int64_t bytes, std::filesystem::path folder)
        : folder_{std::move(folder)}, network_{bytes}, values_{bench::random_values(network_.elements, 3)},
          loaded_(values_.size()) {
        std::size_t at = 0;
        for (std::size_t i = 0; i < network_.names.size(); ++i) {
            auto const& name    = network_.names[i];
            auto const& extents = network_.extents[i];
            auto const box      = checkpoint::whole(extents);
            auto const count    = static_cast<std::size_t>(checkpoint::elements(box));
            mine_.push_back({name, extents, dtype::f32, box, std::as_bytes(std::span{values_}.subspan(at, count))});
            wanted_.push_back({name, extents, dtype::f32, box, std::as_writable_bytes(std::span{loaded_}.subspan(at, count))});
            named_.push_back({name, extents, dtype::f32, mine_.back().bytes});
            at += count;
        }
        auto const file = checkpoint::to_safetensors(named_);
        read_.resize(file.size() + bench::block_bytes);
        save();
        manifest_ = checkpoint::to_bytes(checkpoint::read_manifest(place_, step_));
    }

    [[nodiscard]] bench::encoder const& network() const noexcept { return network_; }
    [[nodiscard]] std::span<std::byte const> bytes() const { return std::as_bytes(std::span{values_}); }

    void write() { bench::plain_write(folder_ / "plain", bytes()); }
    void save() { checkpoint::save_state(place_, world_, ++step_, {}, mine_); }
    void sum() { bench::keep(checkpoint::chunk_sums_of_pieces(checkpoint::safetensors_in_pieces(named_).all())); }
    void put() { files_.put_pieces(0, "rank-0.safetensors", checkpoint::safetensors_in_pieces(named_).all()); }
    void commit() {
        manifests_.put(++step_of_manifests_, checkpoint::manifest_name, manifest_);
        manifests_.commit(step_of_manifests_);
    }
    void verify() { bench::keep(checkpoint::verify_state(place_, step_)); }
    void read() {
        for (auto const& entry : std::filesystem::recursive_directory_iterator{place_.folder()})
            if (entry.is_regular_file()) bench::plain_read(entry.path(), read_);
    }
    void find() { bench::keep(checkpoint::newest_sound(place_)); }
    void load() { checkpoint::load_state(place_, checkpoint::read_manifest(place_, step_), wanted_); }
    void resume() { checkpoint::load_state(place_, checkpoint::newest_sound(place_)->contents, wanted_); }

    /// Whether what is loaded once more, over zeros, is what was saved.
    [[nodiscard]] bool is_right() {
        std::fill(loaded_.begin(), loaded_.end(), 0.0f);
        resume();
        return std::memcmp(loaded_.data(), values_.data(), bytes().size()) == 0;
    }

private:
    std::filesystem::path folder_;
    bench::encoder network_;
    std::vector<float> values_, loaded_;
    std::vector<std::byte> read_, manifest_;
    directory place_{folder_ / "state", {.keep = 1}}, files_{folder_ / "files"}, manifests_{folder_ / "manifests"};
    self world_;
    std::int64_t step_ = 0, step_of_manifests_ = 0;
    std::vector<checkpoint::tensor_piece> mine_;
    std::vector<checkpoint::wanted_piece> wanted_;
    std::vector<checkpoint::named_tensor> named_;
};

/// An operation, and which plain one it stands beside.
struct operation {
    std::string name;
    void (measured::*run)();
    std::size_t plain;
};

static std::array<operation, 10> const operations{{{"write, fsync", &measured::write, 0},
                                                   {"save_state", &measured::save, 0},
                                                   {"of it: chunk_sums", &measured::sum, 0},
                                                   {"of it: put", &measured::put, 0},
                                                   {"of it: manifest, commit", &measured::commit, 0},
                                                   {"of it: verify_state", &measured::verify, 0},
                                                   {"read", &measured::read, 6},
                                                   {"newest_sound", &measured::find, 6},
                                                   {"load_state", &measured::load, 6},
                                                   {"both", &measured::resume, 6}}};

[[nodiscard]] static double seconds_of(measured& state, operation const& op) {
    return bench::seconds_of([&] { (state.*op.run)(); });
}

static bool measure(bench::report& out, measured& state, long turns) {
    std::array<std::vector<double>, operations.size()> seconds, ratio;
    for (long turn = 0; turn <= turns; ++turn)
        for (std::size_t i = 0; i < operations.size(); ++i) {
            double const s = seconds_of(state, operations[i]);
            if (turn == 0) continue;
            seconds[i].push_back(s);
            ratio[i].push_back(s / seconds[operations[i].plain].back());
        }
    bool const right   = state.is_right();
    double const bytes = static_cast<double>(state.bytes().size());
    for (std::size_t i = 0; i < operations.size(); ++i)
        out.add({{"operation", operations[i].name},
                 {"MB", bytes * 1e-6},
                 {"tensors", state.network().names.size()},
                 {"ms", bench::median(seconds[i]) * 1e3},
                 {"MB/s", bytes / bench::median(seconds[i]) * 1e-6},
                 {i < operations[6].plain ? "time / plain write" : "time / plain read", bench::median(ratio[i])},
                 {"loaded", right ? "right" : "WRONG"}});
    return right;
}

/// Prints the tensors, then answers an operation's name with its seconds, until the input ends.
static int serve(measured& state) {
    auto const& network = state.network();
    for (std::size_t i = 0; i < network.names.size(); ++i) {
        std::printf("%s", network.names[i].c_str());
        for (std::int64_t const extent : network.extents[i]) std::printf(" %lld", static_cast<long long>(extent));
        std::printf("\n");
    }
    std::printf("\n");
    std::fflush(stdout);
    for (std::string name; std::getline(std::cin, name);) {
        auto const op = std::find_if(operations.begin(), operations.end(), [&](operation const& o) { return o.name == name; });
        if (op == operations.end()) return 2;
        std::printf("%.6f\n", seconds_of(state, *op));
        std::fflush(stdout);
    }
    return state.is_right() ? 0 : 1;
}

int main(int argc, char** argv) try {
    bench::arguments args{argc, argv,
                          "Saves and loads a state of float tensors, in turns with plain writes and reads of as many bytes.\n"
                          "One rank, one thread. What is read was just written: it comes from the page cache, not from a disk.\n"
                          "  --folder F  where to write; a folder is made there, and deleted unless the run is killed (beside it)\n"
                          "  --bytes N   a state of so many bytes only (64 MB and 512 MB)\n"
                          "  --turns N   how often each is run (9)\n"
                          "  --serve     prints the tensors, an empty line, then answers an operation's name with its seconds\n"
                          "  --json      one JSON object a line\n"};
    bool const json = args.flag("--json"), serves = args.flag("--serve");
    long const turns = args.number("--turns", 9), bytes = args.number("--bytes", 0);
    auto const beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "checkpoint_directory.files";
    auto const above = args.word("--folder", beside.string());
    args.finish();
    std::signal(SIGPIPE, SIG_IGN); // who no longer reads the figures is not to leave files behind
    bench::scratch_folder const folder{above};
    if (serves) {
        measured state{bytes > 0 ? bytes : 64'000'000, folder.path()};
        return serve(state);
    }
    bench::report out{args.command(), json};
    bool right = true;
    for (long const size : {64'000'000L, 512'000'000L}) {
        if (bytes > 0 && size > 64'000'000L) break;
        measured state{bytes > 0 ? bytes : size, folder.path() / std::to_string(size)};
        right = measure(out, state, turns) && right;
    }
    return right ? 0 : 1;
} catch (std::exception const& e) { // caught, so that the folder is deleted
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}

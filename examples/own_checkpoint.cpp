// SPDX-License-Identifier: BSL-1.0
// A checkpoint place of one's own: a folder with one file a step.
//
//     examples/run own_checkpoint
//
// It trains on two ranks to step 6, forgets everything but the files, goes on to step 20 on three ranks, and returns 1 unless the
// weights are those of a run that never stopped.
//
// test:
#include <espalier/espalier.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <mutex>

#include <unistd.h>

using namespace espalier;

/// Keeps every step in a safetensors file of its own: each part is a tensor of bytes. Nothing is forgotten but by `remove`.
/// For ranks that are threads: parts wait in this process's memory until they are committed.
class step_files {
public:
    static constexpr bool keeps = true;
    explicit step_files(std::filesystem::path folder) : state_{std::make_shared<state>()} {
        std::filesystem::create_directories(folder);
        state_->folder = std::move(folder);
    }

    void put(std::int64_t step, std::string_view name, std::span<std::byte const> bytes) {
        std::scoped_lock const lock{state_->guard};
        state_->pending[step][std::string{name}].assign(bytes.begin(), bytes.end());
    }
    void commit(std::int64_t step) {
        std::scoped_lock const lock{state_->guard};
        auto const parts = state_->pending.extract(step);
        if (parts.empty()) throw rejected(joined("parts that were put for step ", step), "none", "Put the parts, then commit");
        std::vector<checkpoint::named_tensor> tensors;
        for (auto const& [name, bytes] : parts.mapped())
            tensors.push_back({name, {static_cast<std::int64_t>(bytes.size())}, checkpoint::dtype::u8, bytes});
        checkpoint::write_safetensors(path_of(step), tensors); // written aside, then renamed: whole or not at all
    }
    void discard(std::int64_t step) {
        std::scoped_lock const lock{state_->guard};
        state_->pending.erase(step);
    }
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name) const {
        checkpoint::safetensors_file const file{path_of(step)}; // says what is missing: the step's file, or the part in it
        auto const bytes = file.bytes(name);
        return {bytes.begin(), bytes.end()};
    }
    [[nodiscard]] std::vector<std::byte> get(std::int64_t step, std::string_view name, std::size_t offset, std::size_t n) const {
        auto const whole = get(step, name);
        if (offset > whole.size() || n > whole.size() - offset)
            throw rejected(joined("a range of ", whole.size(), " bytes"), joined(n, " from byte ", offset), "Ask for less");
        auto const first = whole.begin() + static_cast<std::ptrdiff_t>(offset);
        return {first, first + static_cast<std::ptrdiff_t>(n)};
    }
    [[nodiscard]] std::vector<std::int64_t> list() const {
        std::vector<std::int64_t> steps;
        for (auto const& entry : std::filesystem::directory_iterator{state_->folder})
            if (entry.path().extension() == ".safetensors") steps.push_back(std::stoll(entry.path().stem().string()));
        std::sort(steps.begin(), steps.end());
        return steps;
    }
    void remove(std::int64_t step) {
        if (!std::filesystem::remove(path_of(step))) throw rejected(joined("a step ", step), "none", "Take one of list()");
    }

private:
    struct state {
        std::mutex guard;
        std::filesystem::path folder;
        std::map<std::int64_t, std::map<std::string, std::vector<std::byte>>> pending;
    };
    [[nodiscard]] std::filesystem::path path_of(std::int64_t step) const { return state_->folder / joined(step, ".safetensors"); }
    [[nodiscard]] static checkpoint::bad_checkpoint rejected(std::string required, std::string got, char const* fix) {
        return checkpoint::bad_checkpoint{{"step_files", std::move(required), std::move(got), fix, "policies/checkpoint.md"}};
    }
    std::shared_ptr<state> state_; // shared by copies: each rank holds one
};
static_assert(checkpoint::CheckpointPlace<step_files>);

using learned    = model<sequence<linear<4, 16>, relu, linear<16, 1>>, mean_squared_error, adamw>;
using trainer_of = trainer<learned, data_parallel<lanes<4>, samples<8>>, threads, step_files>;

std::string weights_at(std::int64_t step, int ranks, step_files place) {
    std::vector<float> x, y;
    random_key const key{1, "data"};
    for (std::uint64_t i = 0; i < 320; ++i) {
        for (std::uint32_t word : key.at(i).word) x.push_back(to_unit(word));
        y.push_back(to_unit(key.at(i).word[0]) * to_unit(key.at(i).word[1]));
    }
    in_memory<float> const data{dims(4), dims(1), std::move(x), std::move(y)};
    std::string hash;
    launch<trainer_of>(ranks, [&](auto& world) {
        trainer_of t{world, {.seed = 7}, place};
        std::int64_t const from = t.resume().step;
        t.fit(data, {.epochs = 100, .steps = step});
        if (world.rank() != 0) return;
        hash = checkpoint::weights_hash(t.weights());
        std::cout << "steps " << from << " to " << t.steps_done() << " on " << ranks << " ranks: weights xxh128 " << hash << '\n';
    });
    return hash;
}

int main() {
    auto const folder = std::filesystem::temp_directory_path() / joined("espalier_own_checkpoint_", getpid());
    (void)weights_at(6, 2, step_files{folder / "run"});
    std::string const resumed = weights_at(20, 3, step_files{folder / "run"}); // a new place over the same files
    std::string const whole   = weights_at(20, 1, step_files{folder / "other"});
    std::filesystem::remove_all(folder);
    return resumed == whole && whole.size() == 32 ? 0 : 1;
}

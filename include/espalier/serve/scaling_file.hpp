// SPDX-License-Identifier: BSL-1.0
/// @file
/// A scaling as a JSON file beside a model's weights, so that another program can forecast with them.
/// Weights themselves travel as safetensors (checkpoint/weights.hpp).
#pragma once

#include <espalier/checkpoint/files.hpp>
#include <espalier/data/window_scaling.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace espalier {

/// Writes a scaling; whoever reads the path sees the former file or the whole of the new one.
/// @throws bad_checkpoint where the file cannot be written
inline void write_scaling(std::filesystem::path const& path, window_scaling const& s) {
    nlohmann::ordered_json tickers = nlohmann::ordered_json::object();
    for (auto const& [ticker, scaler] : s.tickers) tickers[ticker] = {{"mean", scaler.mean}, {"scale", scaler.scale}};
    nlohmann::ordered_json const file{{"format", "espalier window scaling"},
                                      {"version", 1},
                                      {"features", s.features},
                                      {"steps", s.steps},
                                      {"horizon", s.horizon},
                                      {"target_scale", s.target_scale},
                                      {"session", s.session},
                                      {"fill_minutes", s.fill_minutes},
                                      {"tickers", tickers}};
    std::string const text = file.dump(2) + '\n';
    checkpoint::write_file(path, std::as_bytes(std::span{text}));
}

/// Reads a scaling; its numbers come back bit for bit.
/// @throws bad_checkpoint where the file cannot be read; bad_data where it is no scaling, with what is wrong
[[nodiscard]] inline window_scaling read_scaling(std::filesystem::path const& path) {
    auto const bytes  = checkpoint::read_file(path);
    auto const reject = [&](std::string const& got) {
        throw bad_data{{"window_scaling", joined("a file that write_scaling wrote (", path.string(), ")"), got,
                        "Take the file that lies beside the weights", "howto/predict.md"}};
    };
    window_scaling s;
    try {
        auto const file = nlohmann::json::parse(reinterpret_cast<char const*>(bytes.data()),
                                                reinterpret_cast<char const*>(bytes.data()) + bytes.size());
        if (file.at("format") != "espalier window scaling") reject("another format");
        if (file.at("version") != 1) reject(joined("version ", file.at("version").dump()));
        file.at("features").get_to(s.features);
        file.at("steps").get_to(s.steps);
        file.at("horizon").get_to(s.horizon);
        file.at("target_scale").get_to(s.target_scale);
        file.at("session").get_to(s.session);
        file.at("fill_minutes").get_to(s.fill_minutes);
        for (auto const& [ticker, of] : file.at("tickers").items())
            s.tickers[ticker] = {of.at("mean").get<std::vector<double>>(), of.at("scale").get<std::vector<double>>()};
    } catch (nlohmann::json::exception const& e) {
        reject(e.what());
    }
    if (s.steps < 1 || s.horizon < 1) reject(joined(s.steps, " steps and a horizon of ", s.horizon));
    for (auto const& [ticker, of] : s.tickers)
        if (of.mean.size() != s.features.size() || of.scale.size() != s.features.size())
            reject(joined(of.mean.size(), " means and ", of.scale.size(), " scales of ", s.features.size(), " features for ", ticker));
    return s;
}

} // namespace espalier

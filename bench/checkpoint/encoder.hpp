// SPDX-License-Identifier: BSL-1.0
/// @file
/// The tensors of a BERT-like encoder as names and extents: a few large, many small. It holds no values and computes nothing.
#pragma once

#include <espalier/core/error.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace bench {

/// 12 layers of H units with 4H between, H of BERT-base or a half, a quarter, … of it so that layers take up to two thirds of
/// the bytes; the vocabulary takes the rest.
/// @par Source    Devlin et al. 2019, BERT, section 3: 12 layers, 768 units, 3072 between, 512 positions
struct encoder {
    std::vector<std::string> names;
    std::vector<std::vector<std::int64_t>> extents;
    std::int64_t elements = 0;

    explicit encoder(std::int64_t bytes) {
        std::int64_t const wanted = bytes / static_cast<std::int64_t>(sizeof(float));
        std::int64_t h            = 768;
        while (h > 6 && 12 * 12 * h * h > wanted / 3 * 2) h /= 2;
        add("embeddings.position.weight", {512, h});
        add("embeddings.type.weight", {2, h});
        norm("embeddings.norm", h);
        for (int i = 0; i < 12; ++i) {
            std::string const layer = espalier::joined("layer.", i, ".");
            for (char const* name : {"query", "key", "value", "attention"}) linear(layer + name, h, h);
            norm(layer + "attention.norm", h);
            linear(layer + "between", 4 * h, h);
            linear(layer + "output", h, 4 * h);
            norm(layer + "output.norm", h);
        }
        linear("pooler", h, h);
        add("embeddings.word.weight", {std::max<std::int64_t>(1, (wanted - elements) / h), h});
    }

private:
    void add(std::string name, std::vector<std::int64_t> e) {
        elements += std::accumulate(e.begin(), e.end(), std::int64_t{1}, std::multiplies<>{});
        names.push_back(std::move(name));
        extents.push_back(std::move(e));
    }
    void linear(std::string const& name, std::int64_t out, std::int64_t in) {
        add(name + ".weight", {out, in});
        add(name + ".bias", {out});
    }
    void norm(std::string const& name, std::int64_t n) {
        add(name + ".weight", {n});
        add(name + ".bias", {n});
    }
};

} // namespace bench

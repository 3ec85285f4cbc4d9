// SPDX-License-Identifier: BSL-1.0
/// @file
/// The JSON header of a safetensors file that is to be written: tensors in name order, without holes, padded to 8 bytes.
/// The values follow it in safetensors.hpp.
#pragma once

#include <espalier/checkpoint/detail/safetensors_header.hpp>
#include <espalier/checkpoint/tensor.hpp>

#include <cstddef>
#include <locale>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace espalier::checkpoint::detail {

/// A string as JSON writes it.
[[nodiscard]] inline std::string json_string(std::string const& s) try {
    return nlohmann::json(s).dump();
} catch (nlohmann::json::exception const&) {
    throw bad_checkpoint{{.entity   = "to_safetensors",
                          .required = "names and metadata in UTF-8",
                          .got      = in_quotes(s),
                          .fix      = "Write them in UTF-8",
                          .page     = page}};
}

/// The header for tensors in this order; a locale that groups digits does not enter.
[[nodiscard]] inline std::string safetensors_json(std::span<named_tensor const* const> order,
                                                  std::map<std::string, std::string> const& metadata) {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << '{';
    char const* separator = "";
    if (!metadata.empty()) {
        out << "\"__metadata__\":{";
        for (auto const& [key, value] : metadata) {
            out << separator << json_string(key) << ':' << json_string(value);
            separator = ",";
        }
        out << '}';
    }
    std::size_t first = 0;
    for (named_tensor const* t : order) {
        if (t->name == "__metadata__")
            throw bad_checkpoint{{.entity   = "to_safetensors",
                                  .required = "tensors named otherwise than the format's own \"__metadata__\"",
                                  .got      = "a tensor of that name",
                                  .fix      = "Rename the tensor",
                                  .page     = page}};
        out << separator << json_string(t->name) << ":{\"dtype\":\"" << to_string(t->type) << "\",\"shape\":[";
        for (std::size_t i = 0; i < t->extents.size(); ++i) out << (i > 0 ? "," : "") << t->extents[i];
        out << "],\"data_offsets\":[" << first << ',' << first + t->bytes.size() << "]}";
        first += t->bytes.size();
        separator = ",";
    }
    out << '}';
    std::string json = std::move(out).str();
    json.append((8 - json.size() % 8) % 8, ' ');
    if (json.size() > longest_header_bytes)
        throw bad_checkpoint{{.entity   = "to_safetensors",
                              .required = joined("a header of at most ", longest_header_bytes, " bytes"),
                              .got      = joined(json.size(), " bytes"),
                              .fix      = "Write the tensors into several files",
                              .page     = page}};
    return json;
}

}  // namespace espalier::checkpoint::detail

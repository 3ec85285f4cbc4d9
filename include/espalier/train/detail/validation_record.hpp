// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a run remembers of its validations: numbers that decide when it ends, and that its checkpoints carry as facts.
/// The weights at the best validation are best_weights.hpp.
#pragma once

#include <espalier/checkpoint/errors.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <system_error>

namespace espalier::detail {

/// Whether training ends early follows from this and the options alone, so that it is never stored: a run that ended early ends again when
/// it is resumed, and one that is resumed with more patience goes on.
struct validation_record {
    std::int64_t samples       = 0;  ///< of the validation data; 0: the run is not validated
    std::int64_t best_step     = 0;  ///< 0: no epoch has been validated yet
    double best_loss           = 0;
    std::int64_t epochs_waited = 0;  ///< validations since the best

    /// Takes in the loss of an epoch.
    /// @return whether it is the best: the first, or lower than the best before by more than `min_delta`
    constexpr bool note(std::int64_t step, double loss, double min_delta) noexcept {
        if (best_step > 0 && !(loss < best_loss - min_delta)) {
            ++epochs_waited;
            return false;
        }
        best_step     = step;
        best_loss     = loss;
        epochs_waited = 0;
        return true;
    }
    /// @param patience 0: never
    [[nodiscard]] constexpr bool is_over(std::int64_t patience) const noexcept { return patience > 0 && epochs_waited >= patience; }

    friend constexpr bool operator==(validation_record const&, validation_record const&) noexcept = default;
};

/// The digits of a number, none lost: "0x1.8p-3".
[[nodiscard]] inline std::string to_hex(double x) {
    char digits[40];
    auto const end = std::to_chars(digits, digits + sizeof digits, std::fabs(x), std::chars_format::hex).ptr;
    return (std::signbit(x) ? "-0x" : "0x") + std::string(digits, end);
}

/// Adds what a checkpoint says of validations; nothing where the run has none.
inline void add_facts(validation_record const& r, std::map<std::string, std::string>& run) {
    if (r.samples == 0) return;
    run["validation_samples"]   = joined(r.samples);
    run["best_step"]            = joined(r.best_step);
    run["best_validation_loss"] = to_hex(r.best_loss);
    run["epochs_waited"]        = joined(r.epochs_waited);
}

/// What a checkpoint says of validations.
/// @throws bad_checkpoint where it says something that is no number
[[nodiscard]] inline validation_record validations_in(std::map<std::string, std::string> const& run) {
    validation_record r;
    if (!run.contains("validation_samples")) return r;
    auto const read = [&](char const* key, auto& value, auto... format) {
        auto const at          = run.find(key);
        std::string const text = at == run.end() ? "nothing" : at->second;
        bool const is_negative = text.starts_with('-');
        std::size_t const skip = sizeof...(format) == 0 ? 0 : is_negative ? 3 : 2;  // "0x" is not read by from_chars
        char const* const end  = text.data() + text.size();
        auto const [last, bad] = std::from_chars(text.data() + (skip < text.size() ? skip : text.size()), end, value, format...);
        if (bad != std::errc{} || last != end)
            throw checkpoint::bad_checkpoint{{"trainer", joined("a number as the checkpoint's ", key), checkpoint::detail::in_quotes(text),
                                              "Resume from another checkpoint, or start over (start_over(), --fresh)", "policies/checkpoint.md"}};
        if (skip == 3) value = -value;
    };
    read("validation_samples", r.samples);
    read("best_step", r.best_step);
    read("best_validation_loss", r.best_loss, std::chars_format::hex);
    read("epochs_waited", r.epochs_waited);
    return r;
}

}  // namespace espalier::detail

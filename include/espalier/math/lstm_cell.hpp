// SPDX-License-Identifier: BSL-1.0
/// @file
/// The arithmetic of one LSTM time step between its products: one pass over the gates forward, one backward.
/// Products and the order of time steps are the layer's (nn/lstm.hpp).
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/detail/lstm_block.hpp>

#include <cstdint>

namespace espalier::math {

/// Activates the gates of one step and computes the cell state and the output.
/// ```
///   i, f, o = sigmoid(gate + bias_ih + bias_hh)    g = tanh(gate + bias_ih + bias_hh)
///   c = f · c_before + i · g                       h = o · tanh(c)
/// ```
/// @par Shapes    gates (B,4H) in order i f g o: in the sums of both products, out the activated gates; biases (4H);
///                c_before (B,H), which may be c, or null for zeros; c, h (B,H)              B batch, H units, any number
/// @par Cost      one pass; allocates nothing
/// @par Numerics  float: relative error of i, f, g, o and tanh(c) at most 5·10⁻⁷ (4 units of the last place), where sigmoid is
///                not below e⁻⁴³; the same bits for every batch. A NaN in a unit's gates or state makes its c and h NaN.
/// @par Source    Hochreiter and Schmidhuber 1997, Gers 2000; gate order of torch.nn.LSTM
template <class T>
ESPALIER_NOINLINE() ESPALIER_WHOLE_VECTORS()
void lstm_cell_forward(std::int64_t batch, std::int64_t units, T* gates, T const* bias_ih, T const* bias_hh, T const* c_before,
                       T* c, T* h) {
    for (std::int64_t i = 0; i < batch; ++i) {
        detail::lstm_forward_row<T>(units, gates, bias_ih, bias_hh, c_before, c, h);
        gates += 4 * units, c += units, h += units;
        if (c_before != nullptr) c_before += units;
    }
}

/// Turns the activated gates of one step into the gradient of what was activated, and carries the cell state's gradient back.
/// tanh(c) is computed again instead of being kept.
/// ```
///   dh = dh_output + dh_recurrent                 dc += dh · o · (1 − tanh²c)
///   d_i = dc · g · i(1 − i)     d_f = dc · c_before · f(1 − f)     d_g = dc · i · (1 − g²)     d_o = dh · tanh(c) · o(1 − o)
///   dc = dc · f                 for the step before
/// ```
/// @par Shapes    gates (B,4H): in the activated gates, out their gradients before activation; c_before (B,H) or null for zeros;
///                c (B,H); dh_output, dh_recurrent (B,H), either may be null; dc (B,H), in: of this step, out: of the step before
/// @par Cost      one pass; allocates nothing
template <class T>
ESPALIER_NOINLINE() ESPALIER_WHOLE_VECTORS()
void lstm_cell_backward(std::int64_t batch, std::int64_t units, T* gates, T const* c_before, T const* c, T const* dh_output,
                        T const* dh_recurrent, T* dc) {
    for (std::int64_t i = 0; i < batch; ++i) {
        detail::lstm_backward_row<T>(units, gates, c_before, c, dh_output, dh_recurrent, dc);
        gates += 4 * units, c += units, dc += units;
        if (c_before != nullptr) c_before += units;
        if (dh_output != nullptr) dh_output += units;
        if (dh_recurrent != nullptr) dh_recurrent += units;
    }
}

}  // namespace espalier::math

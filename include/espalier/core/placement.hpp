// SPDX-License-Identifier: BSL-1.0
/// @file
/// The placement of a value along the tensor axis, as types: what each of the ranks that share a layer has of it.
/// Layers say what they take and give; who puts the exchanges between is partition/tensor/.
#pragma once

namespace espalier {

/// The dim along which a value is cut.
enum class dim : unsigned char {
    steps,     ///< the first: consecutive steps of a sequence
    features,  ///< the innermost
};

/// Every rank has the whole value.
struct replicated {};

/// Every rank has its part along a dim: rank t of T has the t-th.
template <dim Along>
struct sharded {};

/// Every rank has a summand of the value, of its whole shape. Nothing but a sum over the ranks may read it.
struct partial {};

}  // namespace espalier

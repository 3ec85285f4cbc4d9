// SPDX-License-Identifier: BSL-1.0
/// @file
/// Devices by the size of their memory, and `within`, which ties a partition to one so that every plan is proved to fit. The proof is
/// train/detail/check_device.hpp; memory that libraries take beside a plan is known at start-up only, and checked there.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace espalier {

/// The memory that one rank may use, with a name for messages: a card, a rank's share of a node. Both are known to the compiler:
/// ```
///   struct my_card {
///       static constexpr std::string_view name = "my card";
///       static constexpr std::int64_t bytes    = 24'000'000'000;
///   };
/// ```
template <class D>
concept MemoryDevice = requires {
    { D::name } -> std::convertible_to<std::string_view>;
    { D::bytes } -> std::convertible_to<std::int64_t>;
    requires std::integral<std::remove_cvref_t<decltype(D::bytes)>>;
    requires std::bool_constant<(D::bytes > 0)>::value;
};

/// Cards by the memory on their data sheets, whose GB count 10⁹ bytes here: the smaller of the two readings. What a driver and its context
/// take is not subtracted; for a card of which less is free, write a device of your own.
/// @par Source    NVIDIA, data sheets of the A100, H100, H200 and L4 Tensor Core GPUs, line "GPU memory"
namespace devices {

/// The memory of an NVIDIA A100, 40 GB.
struct a100_40gb {
    static constexpr std::string_view name = "NVIDIA A100 40 GB";
    static constexpr std::int64_t bytes    = 40'000'000'000;
};
/// The memory of an NVIDIA A100, 80 GB.
struct a100_80gb {
    static constexpr std::string_view name = "NVIDIA A100 80 GB";
    static constexpr std::int64_t bytes    = 80'000'000'000;
};
/// The memory of an NVIDIA H100, 80 GB.
struct h100_80gb {
    static constexpr std::string_view name = "NVIDIA H100 80 GB";
    static constexpr std::int64_t bytes    = 80'000'000'000;
};
/// The memory of an NVIDIA H200, 141 GB.
struct h200_141gb {
    static constexpr std::string_view name = "NVIDIA H200 141 GB";
    static constexpr std::int64_t bytes    = 141'000'000'000;
};
/// The memory of an NVIDIA L4, 24 GB.
struct l4_24gb {
    static constexpr std::string_view name = "NVIDIA L4 24 GB";
    static constexpr std::int64_t bytes    = 24'000'000'000;
};

}  // namespace devices

/// For `within`: fewer ranks than R are refused when the program starts, and nothing is proved for them.
template <int R>
struct at_least_ranks {};

/// The device that a partition names; void, where it names none.
template <class P>
struct device_of {
    using type = void;
};
/// The same of one that does.
template <class P>
    requires MemoryDevice<typename P::device_type>
struct device_of<P> {
    using type = typename P::device_type;
};

/// The fewest ranks that partition P may be started with; 1, where P does not say.
template <class P>
inline constexpr int least_ranks = 1;
template <class P>
    requires requires { P::least_ranks; }
inline constexpr int least_ranks<P> = P::least_ranks;

namespace detail {

/// What every partition has, whatever is trained, and no device yet.
template <class P>
concept NamesNoDevice = std::is_void_v<typename device_of<P>::type> && requires {
    typename P::plan_type;
    { P::max_ranks } -> std::convertible_to<int>;
};

/// The ranks that an option asks for; 0, where it is none.
template <class Option>
inline constexpr int asked_ranks = 0;
template <int R>
inline constexpr int asked_ranks<at_least_ranks<R>> = R;

/// Where arguments of `within` are refused, this stands in the place of its partition, so that compilers say why and nothing after it.
template <class P>
using partition_or_any = typename std::conditional_t<NamesNoDevice<P>, std::type_identity<P>, std::type_identity<data_parallel<samples<1>>>>::type;
template <class Least, class P>
inline constexpr bool is_in_reach = asked_ranks<Least> >= 1 && asked_ranks<Least> <= partition_or_any<P>::max_ranks;

/// The first of three arguments that is not what it has to be speaks.
template <class Device, class P, class Least>
struct can_be_within {
    static_assert(MemoryDevice<Device>,
                  "espalier: within: requires a MemoryDevice as its first argument; got the type named here. Use devices::h100_80gb, or write name and "
                  "bytes, a number above zero, both static constexpr. See docs/policies/partition.md.");
    static_assert(!MemoryDevice<Device> || NamesNoDevice<P>,
                  "espalier: within: requires a Partition that names no device yet as its second argument; got the type named here. Write "
                  "within<Device, data_parallel<lanes<8>, samples<32>>>. See docs/policies/partition.md.");
    static_assert(!MemoryDevice<Device> || !NamesNoDevice<P> || is_in_reach<Least, P>,
                  "espalier: within: requires at_least_ranks<R> as its third argument, R from 1 to the most ranks of its partition; got the type named "
                  "here. Lower R or raise lanes<L>. See docs/policies/partition.md.");
};

}  // namespace detail

/// A partition whose every plan must fit a device: `within<devices::h100_80gb, data_parallel<lanes<8>, samples<32>>>`. What it trains, and with which
/// bits, is the partition's alone.
/// The trainer proves for each number of ranks that may be started that no rank's plan is larger than the device's memory; where shards
/// or lanes make a rank's memory smaller the more ranks there are, ask for them: `within<Device, P, at_least_ranks<4>>`. When it is
/// constructed, it checks the plan and the libraries' workspace together.
/// @tparam Device a MemoryDevice; one rank has all of it
/// @tparam P      a partition that names no device yet
/// @tparam Least  `at_least_ranks<R>`, R from 1 to the most ranks of P
template <class Device, class P, class Least = at_least_ranks<1>>
struct within : detail::partition_or_any<P> {
private:
    static constexpr bool is_sound = MemoryDevice<Device> && detail::NamesNoDevice<P> && detail::is_in_reach<Least, P>;

public:
    using partition_type = detail::partition_or_any<P>;
    using device_type    = std::conditional_t<is_sound, Device, void>;
    /// Void, or the template that says which argument is not what it has to be; the trainer asks.
    using refusal = std::conditional_t<is_sound, void, detail::can_be_within<Device, P, Least>>;

    static constexpr int least_ranks = is_sound ? detail::asked_ranks<Least> : 1;

    /// @throws invalid_setting where a world of `ranks` does not fit the partition, or is smaller than was asked for
    static void check_ranks(int ranks) {
        partition_type::check_ranks(ranks);
        if (ranks >= least_ranks) return;
        throw invalid_setting{{.entity   = "within",
                               .required = joined("at least ", least_ranks, " ranks, so that plans fit the memory of ", std::string_view{device_type::name}),
                               .got      = joined("a world of ", ranks),
                               .fix      = joined("Start more ranks or lower at_least_ranks<", least_ranks, ">"),
                               .page     = "policies/partition.md"}};
    }
};

}  // namespace espalier

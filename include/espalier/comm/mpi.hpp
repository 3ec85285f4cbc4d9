// SPDX-License-Identifier: BSL-1.0
/// @file
/// `mpi`: the communicator whose ranks are processes, started by mpirun or srun on one node or many.
/// Each operation's body is a file of its own below mpi/; include this header where Boost.MPI is there, no other one includes it.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/mpi/detail/group.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <boost/mpi/communicator.hpp>

namespace espalier {

/// A rank's handle on a group of processes; made by `launch`, by `split`, or from a Boost.MPI communicator. Movable, used by the
/// thread that initialised MPI only.
/// Use it to train on several nodes, or on one where ranks must not share a process. On one node `threads` sends less.
///
/// Groups, splits and duplicates are Boost.MPI's. Its blocking calls are not used, since a rank in one of them cannot see that
/// another has died: every operation posts through MPI's C interface and polls. A wait ends with `rank_failed` as soon as a rank of
/// this node has thrown or its process has ended, with `deadline_passed` at the deadline, and with `mismatched_collective`
/// where ranks join different operations; a failure on another node ends all ranks through MPI_Abort.
/// @par Ranks     operations are collective over the group unless said otherwise; ranks in errors count in the world
/// @par Cost      one small all-gather an operation, then the elements straight from and into the caller's memory; a reduction
///                keeps as many elements of scratch as this rank receives
/// @par Numerics  sums along the lane tree; the same bits for any distribution of lanes, and as `threads`
class mpi {
public:
    using memory_space = host;
    using settings     = mpi_settings;
    class request;

    /// A handle on the ranks of `ranks`, for programs that initialise MPI themselves. Uses duplicates: no message meets theirs.
    /// @par Ranks     collective
    explicit mpi(boost::mpi::communicator const& ranks, settings const& s = {})
        : group_{std::make_shared<mpi_detail::group>(std::make_shared<mpi_detail::world>(ranks, s), ranks)} {}
    mpi(mpi&&) noexcept            = default;
    mpi& operator=(mpi&&) noexcept = default;

    [[nodiscard]] int rank() const noexcept { return group_->rank(); }
    [[nodiscard]] int size() const noexcept { return group_->size(); }

    /// Parts the group: ranks of one colour form a group, ordered by key and then by rank.
    /// @param color   from 0
    [[nodiscard]] mpi split(int color, int key, call_site at = call_site::here());
    /// Waits until every rank of the group has come.
    void barrier(call_site at = call_site::here());
    /// @par Ranks     local
    /// @throws std::bad_alloc
    [[nodiscard]] buffer<std::byte, host> allocate(std::size_t bytes) const {
        return buffer<std::byte, host>{static_cast<std::int64_t>(bytes)};
    }

    /// See `SupportsOrderedAllReduce`.
    template <class T>
    void all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at = call_site::here());
    /// See `SupportsAllReduce`.
    template <class T, class Op>
    void all_reduce(T const* in, T* out, std::int64_t n, Op op, call_site at = call_site::here());
    /// See `SupportsOrderedReduceScatter`.
    template <class T>
    void reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders, call_site at = call_site::here());
    /// See `SupportsReduceScatter`.
    template <class T, class Op>
    void reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, call_site at = call_site::here());
    /// See `SupportsAllGather`.
    template <class T>
    void all_gather(T* data, std::span<std::int64_t const> borders, call_site at = call_site::here());
    /// See `SupportsBroadcast`.
    template <class T>
    void broadcast(T* data, std::int64_t n, int root, call_site at = call_site::here());

    /// See `SupportsSendReceive`. Sends are synchronous: nothing is buffered.
    /// @par Ranks     local; a rank may post to itself
    template <class T>
    [[nodiscard]] request post_send(int to, int direction, T const* data, std::int64_t n, call_site at = call_site::here());
    template <class T>
    [[nodiscard]] request post_recv(int from, int direction, T* data, std::int64_t n, call_site at = call_site::here());
    /// Waits until both ends are posted and the elements have arrived; a request that is over already is left alone.
    /// @throws mismatched_collective on the receiver where the ends disagree in type or count
    void wait(request& r, call_site at = call_site::here());

    /// Initialises MPI, where the program has not, and runs f(world) on this process's rank of the world.
    /// Where a rank throws, its error goes to standard error and all ranks end with exit status 1: launch then does not return.
    /// A world of one rank throws the error itself.
    /// @par Ranks     collective: every process calls it, once
    /// @throws invalid_setting where `ranks` is not the size of the world that mpirun made
    template <class F>
    static void launch(int ranks, settings const& s, F&& f);
    template <class F>
    static void launch(int ranks, F&& f);
    /// The same with as many ranks as there are.
    template <class F>
    static void launch(F&& f);
    template <class F>
    static void launch(settings const& s, F&& f);

private:
    explicit mpi(std::shared_ptr<mpi_detail::group> g) noexcept : group_{std::move(g)} {}

    std::shared_ptr<mpi_detail::group> group_;
};

}  // namespace espalier

#include <espalier/comm/mpi/all_gather.hpp>
#include <espalier/comm/mpi/all_reduce.hpp>
#include <espalier/comm/mpi/broadcast.hpp>
#include <espalier/comm/mpi/launch.hpp>
#include <espalier/comm/mpi/reduce_scatter.hpp>
#include <espalier/comm/mpi/send_receive.hpp>
#include <espalier/comm/mpi/split.hpp>

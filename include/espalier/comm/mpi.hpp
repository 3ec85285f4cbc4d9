// SPDX-License-Identifier: BSL-1.0
/// @file
/// `mpi`: the communicator whose ranks are processes, started by mpirun or srun on one node or many.
/// Collective operations are those of comm/collectives.hpp; include this header where Boost.MPI is there, no other one includes it.
#pragma once

#include <espalier/comm/collectives.hpp>
#include <espalier/comm/mpi/detail/group.hpp>
#include <espalier/comm/point_to_point.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <boost/mpi/communicator.hpp>

namespace espalier {

/// A rank's handle on a group of processes; made by `launch`, by `split`, or from a Boost.MPI communicator. Movable, used by the
/// thread that initialised MPI only.
/// Use it to train on several nodes, or on one where ranks must not share a process.
///
/// Ranks of one node meet in an MPI-3 shared window and read each other's memory where `allocate` gave it; memory from elsewhere is copied through the window,
/// piece by piece. Between nodes go messages. Blocking calls of MPI are not used once all have met, since a rank in one of them cannot see that
/// another has died. A wait ends with `rank_failed` as soon as a rank of this node has thrown or its process has ended, with `deadline_passed` at the deadline,
/// and with `mismatched_collective` where ranks join different operations; a failure on another node ends all ranks through MPI_Abort.
/// Posted operations run on a thread beside the rank's own, which the first of them starts, or in `wait` where that comes first.
/// @par Ranks     operations are collective over the group unless said otherwise; ranks in errors count in the world
/// @par Cost      on one node that of `threads`, and two copies of what lies outside of shared memory
/// @par Numerics  sums along the lane tree; the same bits for any distribution of lanes, on any nodes, and as `threads`
class mpi : public collectives<mpi>, public point_to_point<mpi> {
public:
    using memory_space                  = window_space;
    using settings                      = mpi_settings;
    static constexpr char const* entity = "mpi";
    class request;

    /// A handle on the ranks of `ranks`, for programs that initialise MPI themselves. Uses duplicates: no message meets theirs.
    /// @par Ranks     collective
    explicit mpi(boost::mpi::communicator const& ranks, settings const& s = {})
        : group_{mpi_detail::group::make(std::make_shared<mpi_detail::world>(ranks, s), ranks)} {}
    mpi(mpi&&) noexcept            = default;
    mpi& operator=(mpi&&) noexcept = default;

    [[nodiscard]] int rank() const noexcept { return group_->rank(); }
    [[nodiscard]] int size() const noexcept { return group_->size(); }

    /// Parts the group: ranks of one colour form a group, ordered by key and then by rank.
    /// @param color   from 0
    [[nodiscard]] mpi split(int color, int key, call_site at = call_site::here());
    /// Memory that the ranks of this node can read: of its own size for each rank, aligned to 64 bytes, and zero.
    /// Give it back before `launch` returns. The node keeps it until all its ranks have given theirs back and one asks for more.
    /// @par Ranks     collective over the group
    /// @throws invalid_setting where the node has not so much memory to share; std::bad_alloc
    [[nodiscard]] buffer<std::byte, window_space> allocate(std::size_t bytes, call_site at = call_site::here()) {
        return mpi_detail::group::allocate(group_, bytes, at);
    }

    /// See `SupportsSendReceive`. Sends are synchronous: nothing is buffered.
    /// @par Ranks     local; a rank may post to itself
    /// @param direction 0 … 1000
    template <class T>
    [[nodiscard]] request post_send(int to, int direction, T const* data, std::int64_t n, call_site at = call_site::here());
    template <class T>
    [[nodiscard]] request post_recv(int from, int direction, T* data, std::int64_t n, call_site at = call_site::here());
    /// Waits until what was posted is over, whatever it is; a request that is over already is left alone.
    /// @throws what the blocking operation throws; mismatched_collective on the receiver where the ends of a channel disagree in type or count
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
    friend class collectives<mpi>;
    friend class point_to_point<mpi>;
    /// Behind those that users number.
    static constexpr int blocking_direction = 1001;

    explicit mpi(std::shared_ptr<mpi_detail::group> g) noexcept : group_{std::move(g)} {}

    template <class Operation>
    void perform(Operation const& op, call_site at) {
        mpi_detail::world::activity const busy{group_->the_world(), Operation::record.operation.value, at};
        group_->perform(op, at);
    }
    template <class Operation>
    [[nodiscard]] request post(Operation const& op, call_site at);

    std::shared_ptr<mpi_detail::group> group_;
};

}  // namespace espalier

#include <espalier/comm/mpi/launch.hpp>
#include <espalier/comm/mpi/send_receive.hpp>
#include <espalier/comm/mpi/split.hpp>

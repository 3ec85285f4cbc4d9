// SPDX-License-Identifier: BSL-1.0
/// @file
/// One end of a channel between two processes, while a post is in flight.
/// What the notices and elements mean is comm/mpi/send_receive.hpp's business.
#pragma once

#include <espalier/comm/mpi/detail/notice.hpp>

#include <vector>

#include <mpi.h>

namespace espalier::mpi_detail {

/// One end of a channel with a post in flight.
struct post {
    notice mine, theirs;
    std::vector<MPI_Request> requests;
    int peer = 0, direction = 0;
    bool sends          = false;
    int failure = MPI_SUCCESS;

    /// Whether all of it is over. What MPI says of each message is kept.
    [[nodiscard]] bool is_over() {
        for (auto& r : requests) {
            if (r == MPI_REQUEST_NULL) continue;
            int over = 0;
            if (int const code = MPI_Test(&r, &over, MPI_STATUS_IGNORE); code != MPI_SUCCESS) {
                failure = code;
                r       = MPI_REQUEST_NULL;
            } else if (over == 0) {
                return false;
            }
        }
        return true;
    }
};

}  // namespace espalier::mpi_detail

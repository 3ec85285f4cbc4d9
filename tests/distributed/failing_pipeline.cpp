// SPDX-License-Identifier: BSL-1.0
// A pipeline of three stages over processes, of which the one in the middle throws on its way home, in each schedule.
#include "distributed/failing_pipeline.hpp"

#include <espalier/espalier.hpp>

#include <stdexcept>

using namespace espalier;

namespace {

/// Throws in its third backward.
struct falls_over : relu {
    inline static int times = 0;
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels k) {
        if (++times == 3) throw std::runtime_error{"the layer fell over"};
        relu::backward(p, k);
    }
};
using network_type = sequence<linear<4, 8>, relu, linear<8, 8>, linear<8, 8>, falls_over, linear<8, 1>>;

template <class Schedule, class Cut>
void train(mpi& world) {
    using partition = mesh<data_parallel<lanes<6>, samples<2>>, pipeline<3, Schedule, Cut>>;
    in_memory<float> const data{dims(4), dims(1), std::vector<float>(4 * 48, 0.5f), std::vector<float>(48, 1.0f)};
    trainer<model<network_type, mean_squared_error, adamw>, partition, mpi, checkpoint::none> t{world, {.seed = 1}};
    t.fit(data, {.epochs = 100});
}

} // namespace

bool throws_in_a_pipeline(mpi& world, std::string const& schedule) {
    if (schedule == "throws in GPipe") train<gpipe, cut_at<3, 5>>(world);
    else if (schedule == "throws in 1F1B") train<one_f_one_b, cut_at<3, 5>>(world);
    else if (schedule == "throws in interleaved 1F1B") train<interleaved<2>, cut_at<1, 2, 3, 4, 5>>(world);
    else if (schedule == "throws in ZB-H1") train<zb_h1, cut_at<3, 5>>(world);
    else return false;
    return true;
}

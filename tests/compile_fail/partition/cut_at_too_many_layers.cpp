// SPDX-License-Identifier: BSL-1.0
// expect: espalier: cut_at: requires one layer fewer than there are chunks, which are stages times chunks a stage. Name where each chunk but the first begins. See docs/policies/partition.md.
// expect: cut_names_each_chunk<espalier::cut_at<1, 2>, 2>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2, gpipe, cut_at<2>>>;
#else
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2, gpipe, cut_at<1, 2>>>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

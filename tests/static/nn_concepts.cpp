// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concepts of layers and losses: types that satisfy them, and for each requirement one that misses only that.
/// What layers compute is in unit/nn/.
#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/nn/residual.hpp>

#include <string_view>
#include <type_traits>

namespace {

using namespace espalier;

static_assert(Layer<linear<3, 2>> && Layer<lstm_layer<5, 3, 2>> && Layer<last_step> && Layer<relu> && Layer<tanh_activation>);
static_assert(Layer<dropout<probability{0.5f}>> && Layer<residual<linear<3, 3>, relu>>);
static_assert(!Layer<int> && !Layer<void> && !Layer<mean_squared_error>);
// Compositions and groups are descriptions: their elements are layers.
static_assert(!Layer<sequence<relu>> && !Layer<repeat<2, relu>> && !Layer<named<text{"a"}, relu>>);
static_assert(!Layer<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 2}>>);

/// Everything that the concept asks for, and nothing else. Near misses hide one member by one of another form.
struct layer {
    static bool takes(shape);
    static shape gives(shape);
    static parameter_list<1> parameters(shape);
    template <class T>
    static void forward(forward_pass<T> const&, no_kernels);
    template <class T>
    static void backward(backward_pass<T> const&, no_kernels);
};
static_assert(Layer<layer>);
static_assert(DescribesShapes<layer> && ComputesIn<layer, float> && ComputesIn<layer, double>);
static_assert(kept_elements<layer>(dims(3), 4) == 0 && scratch_elements<layer>(dims(3), 4) == 0 &&
              state_elements<layer>(dims(3), 4) == 0);

struct does_not_say_what_it_takes : layer {
    static bool takes();
};
static_assert(!Layer<does_not_say_what_it_takes> && ComputesIn<does_not_say_what_it_takes, float>);

struct takes_a_number_of_things : layer {
    static int takes(shape);
};
static_assert(!Layer<takes_a_number_of_things>);

struct gives_a_number : layer {
    static std::int64_t gives(shape);
};
static_assert(!Layer<gives_a_number>);

struct does_not_count_its_parameters : layer {
    struct list {
        parameter item[1];
    };
    static list parameters(shape);
};
static_assert(!Layer<does_not_count_its_parameters>);

struct has_parameters_without_names : layer {
    struct list {
        static constexpr int count = 1;
        shape item[1];
    };
    static list parameters(shape);
};
static_assert(!Layer<has_parameters_without_names>);

struct goes_forward_in_float_only : layer {
    static void forward(forward_pass<float> const&, no_kernels);
};
static_assert(!Layer<goes_forward_in_float_only> && ComputesIn<goes_forward_in_float_only, float>);

struct goes_back_in_double_only : layer {
    static void backward(backward_pass<double> const&, no_kernels);
};
static_assert(!Layer<goes_back_in_double_only> && ComputesIn<goes_back_in_double_only, double>);

struct goes_forward_without_kernels : layer {
    template <class T>
    static void forward(forward_pass<T> const&);
};
static_assert(!Layer<goes_forward_without_kernels>);

struct has_a_forward_for_the_way_back : layer {
    template <class T>
    static void backward(forward_pass<T> const&, no_kernels);
};
static_assert(!Layer<has_a_forward_for_the_way_back>);

struct goes_forward_as_an_object : layer {
    template <class T>
    void forward(forward_pass<T> const&, no_kernels);
};
static_assert(!Layer<goes_forward_as_an_object>);

/// A layer with kernels is called with these.
struct with_kernels : layer {
    template <class T>
    struct kernels {};
    template <class T>
    static void forward(forward_pass<T> const&, kernels<T>&);
    template <class T>
    static void backward(backward_pass<T> const&, kernels<T>&);
    static constexpr std::int64_t keeps(shape in, std::int64_t batch) { return in.elements() * batch; }
};
static_assert(Layer<with_kernels>);
static_assert(std::is_same_v<kernels_of<with_kernels, float>, with_kernels::kernels<float>> &&
              std::is_same_v<kernels_of<layer, float>, no_kernels>);
static_assert(kept_elements<with_kernels>(dims(3), 4) == 12 && scratch_elements<with_kernels>(dims(3), 4) == 0);

struct ignores_its_kernels : with_kernels {
    template <class T>
    static void forward(forward_pass<T> const&, no_kernels);
};
static_assert(!Layer<ignores_its_kernels>);

static_assert(KnowsItsInput<linear<3, 2>> && KnowsItsInput<sequence<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 2}>>>);
static_assert(!KnowsItsInput<relu> && !KnowsItsInput<sequence<relu, linear<3, 2>>>);

static_assert(Loss<mean_squared_error> && Loss<huber<>> && Loss<huber<threshold{0.25f}>>);
static_assert(!Loss<int> && !Loss<void> && !Loss<relu>);

struct loss {
    static shape target(shape);
    template <class T>
    static loss_sum evaluate(shape, std::int64_t, T const*, T const*, T*);
};
static_assert(Loss<loss>);

struct names_no_target : loss {
    static shape target();
};
static_assert(!Loss<names_no_target>);

struct has_a_target_of_a_number : loss {
    static std::int64_t target(shape);
};
static_assert(!Loss<has_a_target_of_a_number>);

struct gives_no_weight : loss {
    template <class T>
    static double evaluate(shape, std::int64_t, T const*, T const*, T*);
};
static_assert(!Loss<gives_no_weight>);

struct gives_no_gradient : loss {
    template <class T>
    static loss_sum evaluate(shape, std::int64_t, T const*, T const*);
};
static_assert(!Loss<gives_no_gradient>);

struct evaluates_floats_only : loss {
    static loss_sum evaluate(shape, std::int64_t, float const*, float const*, float*);
};
static_assert(!Loss<evaluates_floats_only>);

struct evaluates_doubles_only : loss {
    static loss_sum evaluate(shape, std::int64_t, double const*, double const*, double*);
};
static_assert(!Loss<evaluates_doubles_only>);

struct changes_its_outputs : loss {
    template <class T>
    static loss_sum evaluate(shape, std::int64_t, T*, T const*, T*);
};
static_assert(!Loss<changes_its_outputs>);

}  // namespace

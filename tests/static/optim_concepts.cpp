// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concepts of optimizers and precisions: types that satisfy them, and for each requirement one that misses only that.
/// What optimizers compute is in unit/optim/.
#include <espalier/optim/adamw.hpp>
#include <espalier/optim/lamb.hpp>
#include <espalier/optim/precision.hpp>
#include <espalier/optim/sgd.hpp>

#include <string_view>

namespace {

using namespace espalier;

static_assert(Optimizer<adamw> && Optimizer<sgd> && Optimizer<lamb>);
static_assert(UpdatesElements<adamw> && UpdatesElements<sgd> && !UpdatesElements<lamb>);
static_assert(!UsesTensorNorms<adamw> && !UsesTensorNorms<sgd> && UsesTensorNorms<lamb>);
static_assert(!Optimizer<int> && !Optimizer<void> && !Optimizer<fp32>);

/// Everything that the concept asks for, and nothing else. Near misses hide one member by one of another form.
struct rule {
    struct settings {};
    static constexpr int states            = 0;
    static constexpr std::string_view name = "rule";
    static constexpr std::string_view state_name(int) { return ""; }
    template <class T>
    static void update(settings const&, update_pass<T> const&);
};
static_assert(Optimizer<rule>);

struct has_no_settings : rule {
private:
    using settings = int;
};
static_assert(!Optimizer<has_no_settings>);

struct does_not_count_its_states : rule {
    static constexpr std::string_view states = "two";
};
static_assert(!Optimizer<does_not_count_its_states>);

struct does_not_name_its_states : rule {
    static constexpr int state_name(int i) { return i; }
};
static_assert(!Optimizer<does_not_name_its_states>);

struct has_one_name_for_all_states : rule {
    static constexpr std::string_view state_name() { return ""; }
};
static_assert(!Optimizer<has_one_name_for_all_states>);

struct has_no_name : rule {
    static constexpr int name = 3;
};
static_assert(!Optimizer<has_no_name>);

struct updates_floats_only : rule {
    static void update(settings const&, update_pass<float> const&);
};
static_assert(!Optimizer<updates_floats_only>);

struct updates_doubles_only : rule {
    static void update(settings const&, update_pass<double> const&);
};
static_assert(!Optimizer<updates_doubles_only>);

struct updates_without_settings : rule {
    template <class T>
    static void update(update_pass<T> const&);
};
static_assert(!Optimizer<updates_without_settings>);

struct updates_as_an_object : rule {
    template <class T>
    void update(settings const&, update_pass<T> const&);
};
static_assert(!Optimizer<updates_as_an_object>);

/// The same for optimizers that use norms of tensors: all that is asked for, and no update.
struct norm_rule {
    struct settings {};
    static constexpr int states            = 0;
    static constexpr std::string_view name = "norm rule";
    static constexpr std::string_view state_name(int) { return ""; }
    template <class T>
    static void measure(settings const&, update_pass<T> const&, block_sums);
    static double trust_ratio(tensor_norms const&);
    template <class T>
    static void apply(settings const&, update_pass<T> const&, double);
};
static_assert(Optimizer<norm_rule> && UsesTensorNorms<norm_rule> && !UpdatesElements<norm_rule>);

struct norms_without_settings : norm_rule {
private:
    using settings = int;
};
static_assert(!Optimizer<norms_without_settings> && !UsesTensorNorms<norms_without_settings>);

struct norms_without_a_name : norm_rule {
    static constexpr int name = 3;
};
static_assert(!Optimizer<norms_without_a_name> && UsesTensorNorms<norms_without_a_name>);

struct measures_floats_only : norm_rule {
    static void measure(settings const&, update_pass<float> const&, block_sums);
};
static_assert(!Optimizer<measures_floats_only>);

struct measures_without_sums : norm_rule {
    template <class T>
    static void measure(settings const&, update_pass<T> const&);
};
static_assert(!Optimizer<measures_without_sums>);

struct gives_no_ratio : norm_rule {
    static void trust_ratio(tensor_norms const&);
};
static_assert(!Optimizer<gives_no_ratio>);

struct takes_one_norm : norm_rule {
    static double trust_ratio(double);
};
static_assert(!Optimizer<takes_one_norm>);

struct applies_doubles_only : norm_rule {
    static void apply(settings const&, update_pass<double> const&, double);
};
static_assert(!Optimizer<applies_doubles_only>);

struct applies_without_a_ratio : norm_rule {
    template <class T>
    static void apply(settings const&, update_pass<T> const&);
};
static_assert(!Optimizer<applies_without_a_ratio>);

static_assert(Precision<fp32> && Precision<fp64>);
static_assert(!Precision<float> && !Precision<void>);

struct single {
    using scalar                           = float;
    static constexpr std::string_view name = "single";
};
static_assert(Precision<single>);

struct names_no_scalar : single {
private:
    using scalar = float;
};
static_assert(!Precision<names_no_scalar>);

struct computes_in_integers : single {
    using scalar = int;
};
static_assert(!Precision<computes_in_integers>);

struct is_nameless : single {
private:
    using single::name;
};
static_assert(!Precision<is_nameless>);

struct is_named_by_a_number : single {
    static constexpr int name = 32;
};
static_assert(!Precision<is_named_by_a_number>);

}  // namespace

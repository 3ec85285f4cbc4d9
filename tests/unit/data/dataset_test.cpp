// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/data/dataset.hpp>

using namespace espalier;

namespace {

struct model {
    [[nodiscard]] std::int64_t size() const { return 1; }
    [[nodiscard]] shape input() const { return dims(1); }
    [[nodiscard]] shape target() const { return dims(1); }
    template <class T>
    void gather(std::span<std::int64_t const>, T*, T*) const {}
};

// Each breaks one requirement.
struct without_size : model {
    void size() const;
};
struct size_of_another_type : model {
    [[nodiscard]] int size() const { return 1; }
};
struct without_input : model {
    void input() const;
};
struct without_target : model {
    void target() const;
};
struct gathers_float_only : model {
    void gather(std::span<std::int64_t const>, float*, float*) const {}
};
struct gathers_double_only : model {
    void gather(std::span<std::int64_t const>, double*, double*) const {}
};
struct gather_is_not_const : model {
    template <class T>
    void gather(std::span<std::int64_t const>, T*, T*) {}
};

static_assert(Dataset<model>);
static_assert(!Dataset<without_size>);
static_assert(!Dataset<size_of_another_type>);
static_assert(!Dataset<without_input>);
static_assert(!Dataset<without_target>);
static_assert(!Dataset<gathers_float_only>);
static_assert(!Dataset<gathers_double_only>);
static_assert(!Dataset<gather_is_not_const>);

} // namespace

TEST_CASE("A type that gathers into float alone is half a data set") {
    CHECK(GathersInto<gathers_float_only, float>);
    CHECK_FALSE(GathersInto<gathers_float_only, double>);
    CHECK(HasSampleShapes<gathers_float_only>);
}

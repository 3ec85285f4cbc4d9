// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/math/backend.hpp>

#include <thread>

using namespace espalier;

TEST_CASE("the built-in product is always there, and oneDNN never for double") {
    STATIC_REQUIRE(math::has_product<float, math::builtin>);
    STATIC_REQUIRE(math::has_product<double, math::builtin>);
    STATIC_REQUIRE_FALSE(math::has_product<double, math::onednn>);
}

TEST_CASE("the default back-end is one that the build has") {
    STATIC_REQUIRE(math::has_product<float, math::default_backend<float>>);
    STATIC_REQUIRE(math::has_product<double, math::default_backend<double>>);
}

TEST_CASE("the name of the arithmetic tells the library and the built-in kernels' width") {
    std::string const name = math::backend_name();
    CAPTURE(name);
    using Catch::Matchers::ContainsSubstring;
    if (ESPALIER_HAS_ONEDNN()) CHECK_THAT(name, ContainsSubstring("oneDNN ") && ContainsSubstring("built-in"));
    if (!ESPALIER_HAS_ONEDNN() && ESPALIER_HAS_CBLAS()) CHECK_THAT(name, ContainsSubstring("CBLAS"));
    if (!ESPALIER_HAS_ONEDNN() && !ESPALIER_HAS_CBLAS()) CHECK(name == math::builtin_name());
    CHECK(name == math::backend_name());
}

TEST_CASE("one thread is set in the calling thread, where there is an OpenMP runtime") {
    auto* const threads = math::detail::symbol<int()>("omp_get_max_threads");
    int seen            = 1;
    std::thread{[&] {
        math::use_one_thread();
        if (threads != nullptr) seen = threads();
    }}.join();
    CHECK(seen == 1);
}

# SPDX-License-Identifier: BSL-1.0
# A consumer that builds espalier as a part of itself gets none of its tests and none of what they need.
foreach(target IN ITEMS espalier_development espalier_test_main Catch2::Catch2 benchmark::benchmark CLI11::CLI11 fmt::fmt)
    if(TARGET ${target})
        message(FATAL_ERROR "the consumer sees ${target}")
    endif()
endforeach()

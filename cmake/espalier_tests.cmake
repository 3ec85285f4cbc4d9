# SPDX-License-Identifier: BSL-1.0
# How a test becomes known to ctest. Every test has a time limit, the label of its folder, and a way to be skipped:
# a line "SKIPPED: <reason>" in what it prints.
set(ESPALIER_TEST_TIMEOUT 300 CACHE STRING "Seconds after which ctest ends a test")

# Catch2 2.13 or 3, and the `main` of every test executable.
find_package(Catch2 QUIET)
if(NOT TARGET Catch2::Catch2)
    include(espalier_fetch)
    espalier_fetch_project(Catch2 https://github.com/catchorg/Catch2.git v3.7.1)
    set(Catch2_VERSION 3.7.1)
endif()
string(REGEX MATCH "^[0-9]+" espalier_catch_major "${Catch2_VERSION}")
add_library(espalier_test_main STATIC "${PROJECT_SOURCE_DIR}/tests/support/main.cpp")
target_link_libraries(espalier_test_main PUBLIC espalier_development Catch2::Catch2)
target_include_directories(espalier_test_main PUBLIC "${PROJECT_SOURCE_DIR}/tests")
target_compile_definitions(espalier_test_main PUBLIC ESPALIER_TEST_DATA="${ESPALIER_TEST_DATA}"
                                                     ESPALIER_TEST_REFERENCE="${ESPALIER_TEST_REFERENCE}")

# Properties that all tests share.
function(espalier_test_properties name label)
    set_tests_properties("${name}" PROPERTIES LABELS "${label}" TIMEOUT ${ESPALIER_TEST_TIMEOUT}
                                              SKIP_REGULAR_EXPRESSION "SKIPPED: ")
endfunction()

# One Catch2 executable of `sources`; each of its test cases is a test "<folder>: <name of the test case>".
function(espalier_catch_tests folder sources)
    string(REPLACE "/" "_" target "test_${folder}")
    string(REGEX MATCH "^[^/]+" label "${folder}")
    add_executable(${target} ${sources})
    target_link_libraries(${target} PRIVATE espalier_test_main)
    set(tests_file "${CMAKE_CURRENT_BINARY_DIR}/${target}.cmake")
    add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS "${tests_file}" VERBATIM
        COMMAND "${CMAKE_COMMAND}" -D "EXECUTABLE=$<TARGET_FILE:${target}>" -D CATCH_MAJOR=${espalier_catch_major}
                -D "PREFIX=${folder}" -D "LABEL=${label}" -D TIMEOUT=${ESPALIER_TEST_TIMEOUT}
                -D "DIRECTORY=${CMAKE_CURRENT_BINARY_DIR}" -D "OUTPUT=${tests_file}"
                -P "${PROJECT_SOURCE_DIR}/cmake/espalier_discover.cmake")
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake"
         "if(EXISTS \"${tests_file}\")\n    include(\"${tests_file}\")\n"
         "else()\n    add_test([==[${folder}: is built]==] \"${CMAKE_COMMAND}\" -E false)\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
endfunction()

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
set_source_files_properties("${PROJECT_SOURCE_DIR}/tests/support/main.cpp" PROPERTIES COMPILE_OPTIONS -O1) # nothing of espalier is in it
target_link_libraries(espalier_test_main PUBLIC espalier_development Catch2::Catch2)
target_include_directories(espalier_test_main PUBLIC "${PROJECT_SOURCE_DIR}/tests")
target_compile_definitions(espalier_test_main PUBLIC ESPALIER_TEST_DATA="${ESPALIER_TEST_DATA}"
                                                     ESPALIER_TEST_REFERENCE="${ESPALIER_TEST_REFERENCE}")

# Properties that all tests share.
function(espalier_test_properties name label)
    set_tests_properties("${name}" PROPERTIES LABELS "${label}" TIMEOUT ${ESPALIER_TEST_TIMEOUT}
                                              SKIP_REGULAR_EXPRESSION "SKIPPED: ")
endfunction()

# Folders whose tests take the compiler minutes and run in seconds: with -O1 it needs a half to two thirds of the time that -O3 takes.
# Kernels, ranks and whole runs are tested as users compile them, with -O3. Examples and benchmarks have
# -O1 here too (espalier_program).
option(ESPALIER_OPTIMISE_ALL_TESTS "Compile every test with -O3, as users compile" OFF)
set(espalier_tests_with_o1 unit/allocations unit/checkpoint unit/data unit/models unit/nn unit/observe unit/partition unit/serve unit/train)

# One Catch2 executable of `sources`; each of its test cases is a test "<folder>: <name of the test case>".
function(espalier_catch_tests folder sources)
    string(REPLACE "/" "_" target "test_${folder}")
    string(REGEX MATCH "^[^/]+" label "${folder}")
    add_executable(${target} ${sources})
    target_link_libraries(${target} PRIVATE espalier_test_main)
    if(folder IN_LIST espalier_tests_with_o1 AND NOT ESPALIER_OPTIMISE_ALL_TESTS)
        set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release>:-O1>") # the last -O counts
    endif()
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

# A test that cannot run here, and why.
function(espalier_skipped_test name label reason)
    add_test(NAME "${name}" COMMAND "${CMAKE_COMMAND}" -E echo "SKIPPED: ${reason}")
    espalier_test_properties("${name}" "${label}")
endfunction()

# A test that runs a Python program of this folder; skipped where there is no Python.
function(espalier_python_test name label)
    if(Python3_EXECUTABLE)
        add_test(NAME "${name}" COMMAND "${Python3_EXECUTABLE}" -B ${ARGN})
        espalier_test_properties("${name}" "${label}")
    else()
        espalier_skipped_test("${name}" "${label}" "needs python3")
    endif()
endfunction()

# --- both compilers on one file ------------------------------------------------------------------------------------
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(ESPALIER_GCC "${CMAKE_CXX_COMPILER}" CACHE FILEPATH "g++ for tests of headers and messages")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set(ESPALIER_CLANG "${CMAKE_CXX_COMPILER}" CACHE FILEPATH "clang++ for tests of headers and messages")
endif()
find_program(ESPALIER_GCC g++)
find_program(ESPALIER_CLANG NAMES clang++ clang++-20 clang++-19 clang++-18 clang++-17 clang++-16 clang++-15 clang++-14)

# What both compilers are given to see espalier and what it includes; ours with warnings, the others' as system headers.
# Folders that the compiler searches anyway stay out: -isystem would change their order.
set(is_ours_or_default "^(${PROJECT_SOURCE_DIR}/include|${PROJECT_SOURCE_DIR}/tests|/usr/include|/usr/local/include)$")
string(REPLACE "+" "[+]" is_ours_or_default "${is_ours_or_default}")
set(system_includes "$<FILTER:$<TARGET_PROPERTY:espalier_test_main,INTERFACE_INCLUDE_DIRECTORIES>,EXCLUDE,${is_ours_or_default}>")
set(definitions "$<TARGET_PROPERTY:espalier_test_main,INTERFACE_COMPILE_DEFINITIONS>")
set(espalier_syntax_flags "${PROJECT_BINARY_DIR}/syntax_flags.txt")
set(espalier_header_flags "${PROJECT_BINARY_DIR}/header_flags.txt") # the same, to compile a header ahead
list(JOIN espalier_warnings "\n" warning_lines)
set(flags_of_both
"-std=c++20
${warning_lines}
-Werror
-I\"${PROJECT_SOURCE_DIR}/include\"
-I\"${PROJECT_SOURCE_DIR}/tests\"
$<$<BOOL:${system_includes}>:-isystem\"$<JOIN:$<REMOVE_DUPLICATES:${system_includes}>,\"\n-isystem\">\"\n>\
$<$<BOOL:${definitions}>:'-D$<JOIN:$<REMOVE_DUPLICATES:${definitions}>,'\n'-D>'\n>")
file(GENERATE OUTPUT "${espalier_syntax_flags}" CONTENT "-fsyntax-only\n${flags_of_both}")
file(GENERATE OUTPUT "${espalier_header_flags}" CONTENT "${flags_of_both}")

# Tests "<name> with g++" and "<name> with clang++" that run a command in which COMPILER stands for the compiler, and UMBRELLA_AHEAD for
# what makes it take <espalier/espalier.hpp> from where espalier_compile_umbrella_ahead has put it.
function(espalier_both_compilers name label)
    foreach(compiler IN ITEMS g++ clang++)
        if(compiler STREQUAL "g++")
            set(path "${ESPALIER_GCC}")
            set(ahead "-I${PROJECT_BINARY_DIR}/umbrella")
        else()
            set(path "${ESPALIER_CLANG}")
            set(ahead "-include-pch;${PROJECT_BINARY_DIR}/umbrella/espalier.pch")
        endif()
        if(path)
            string(REPLACE "COMPILER" "${path}" command "${ARGN}")
            string(REPLACE "UMBRELLA_AHEAD" "${ahead}" command "${command}")
            add_test(NAME "${name} with ${compiler}" COMMAND ${command})
            espalier_test_properties("${name} with ${compiler}" "${label}")
            if("${ARGN}" MATCHES "UMBRELLA_AHEAD")
                set_tests_properties("${name} with ${compiler}" PROPERTIES FIXTURES_REQUIRED "umbrella ${compiler}")
            endif()
        else()
            espalier_skipped_test("${name} with ${compiler}" "${label}" "needs ${compiler}")
        endif()
    endforeach()
endfunction()

# The tests "<label>: the umbrella, compiled ahead with <compiler>": many small programs that include it then take half the time.
function(espalier_compile_umbrella_ahead label)
    set(header "${PROJECT_BINARY_DIR}/umbrella/espalier/espalier.hpp") # g++ rejects #pragma once in what it compiles
    file(CONFIGURE OUTPUT "${header}" CONTENT "#include \"${PROJECT_SOURCE_DIR}/include/espalier/espalier.hpp\"\n")
    foreach(compiler IN ITEMS g++ clang++)
        if(compiler STREQUAL "g++")
            set(path "${ESPALIER_GCC}")
            set(out "${header}.gch")
            set(instantiates "")
        else()
            set(path "${ESPALIER_CLANG}")
            set(out "${PROJECT_BINARY_DIR}/umbrella/espalier.pch")
            set(instantiates -fpch-instantiate-templates) # once here instead of in each program
        endif()
        if(path)
            set(test "${label}: the umbrella, compiled ahead with ${compiler}")
            add_test(NAME "${test}" COMMAND "${path}" "@${espalier_header_flags}" ${instantiates} -x c++-header "${header}" -o "${out}")
            espalier_test_properties("${test}" "${label}")
            set_tests_properties("${test}" PROPERTIES FIXTURES_SETUP "umbrella ${compiler}")
        endif()
    endforeach()
endfunction()

# The file is accepted by both compilers without a warning.
function(espalier_syntax_tests name label source)
    espalier_both_compilers("${name}" "${label}" COMPILER "@${espalier_syntax_flags}" "${source}")
endfunction()

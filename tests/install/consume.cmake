# SPDX-License-Identifier: BSL-1.0
# Builds and runs one consumer from nothing: WAY is find_package, add_subdirectory, fetch_content or bare.
#   SOURCE (espalier's root), WORK (an empty folder, made here), COMPILER, GENERATOR, PRODUCT, HINTS (a file of cmake options)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(consumer "${SOURCE}/tests/install/${WAY}")

include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(STRINGS "${HINTS}" hints)
set(options -G "${GENERATOR}" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DESPALIER_PRODUCT=${PRODUCT}"
            ${hints})

if(WAY STREQUAL "bare")
    # One line, no build system: the compiler's own folders are searched, else also those where the headers were found; the
    # product is the built-in one.
    file(WRITE "${WORK}/probe.cpp" "#include <thrust/version.h>\n#include <nlohmann/json.hpp>\n#include <xxhash.h>\n")
    set(folders "")
    execute_process(COMMAND "${COMPILER}" -std=c++20 -fsyntax-only "${WORK}/probe.cpp" RESULT_VARIABLE status ERROR_QUIET)
    if(NOT status EQUAL 0)
        foreach(hint IN LISTS hints)
            if(hint MATCHES "^-DESPALIER_(thrust|json|xxhash)_INCLUDE_DIR=([^;]+)")
                list(APPEND folders "${CMAKE_MATCH_2}")
            endif()
        endforeach()
        list(REMOVE_ITEM folders /usr/include) # naming it would change the order of the compiler's own
        list(TRANSFORM folders PREPEND "-isystem")
    endif()
    run("${WORK}" "${COMPILER}" -std=c++20 -I "${SOURCE}/include" ${folders} "${SOURCE}/tests/install/main.cpp" -o "${WORK}/consumer")
    set(program "${WORK}/consumer")
else()
    if(WAY STREQUAL "find_package")
        run("${WORK}" "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/espalier" ${options} -DESPALIER_BUILD_TESTS=OFF
            -DESPALIER_BUILD_EXAMPLES=OFF -DESPALIER_BUILD_BENCH=OFF)
        run("${WORK}" "${CMAKE_COMMAND}" --install "${WORK}/espalier" --prefix "${WORK}/prefix")
        list(APPEND options "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
    elseif(WAY STREQUAL "fetch_content")
        find_commit("${SOURCE}")
        if(NOT commit)
            return()
        endif()
        list(APPEND options "-DESPALIER_SOURCE=${SOURCE}" "-DESPALIER_COMMIT=${commit}")
    else()
        list(APPEND options "-DESPALIER_SOURCE=${SOURCE}")
    endif()
    run("${WORK}" "${CMAKE_COMMAND}" -S "${consumer}" -B "${WORK}/build" ${options})
    run("${WORK}" "${CMAKE_COMMAND}" --build "${WORK}/build")
    set(program "${WORK}/build/consumer")
endif()

execute_process(COMMAND "${program}" OUTPUT_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT output MATCHES "^6627e8d5\n") # Salmon et al. 2011, the known answer for counter 0, key 0
    message(FATAL_ERROR "the program ended with ${status} and printed: ${output}")
endif()
if(EXISTS "${WORK}/build/consumer_mpi")
    execute_process(COMMAND "${WORK}/build/consumer_mpi" OUTPUT_VARIABLE mpi_output RESULT_VARIABLE status)
    if(NOT status EQUAL 0 OR NOT mpi_output STREQUAL "42\n")
        message(FATAL_ERROR "the program over MPI ended with ${status} and printed: ${mpi_output}")
    endif()
endif()
if(WAY STREQUAL "bare" AND NOT output MATCHES "\nbuilt-in")
    message(FATAL_ERROR "a bare compiler line must use the built-in product; the program printed: ${output}")
endif()
message("${WAY}: ${output}")

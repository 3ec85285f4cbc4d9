# SPDX-License-Identifier: BSL-1.0
# Builds and runs one consumer from nothing: WAY is find_package, add_subdirectory, fetch_content or bare.
#   SOURCE (espalier's root), WORK (an empty folder, made here), COMPILER, GENERATOR, PRODUCT, HINTS (a file of cmake options)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(consumer "${SOURCE}/tests/install/${WAY}")

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
    endif()
endfunction()

file(STRINGS "${HINTS}" hints)
set(options -G "${GENERATOR}" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DESPALIER_PRODUCT=${PRODUCT}"
            ${hints})

if(WAY STREQUAL "bare")
    # One line, no build system: only the compiler's own folders are searched, and the product is the built-in one.
    file(WRITE "${WORK}/probe.cpp" "#include <thrust/version.h>\n#include <nlohmann/json.hpp>\n#include <xxhash.h>\n")
    execute_process(COMMAND "${COMPILER}" -std=c++20 -fsyntax-only "${WORK}/probe.cpp" RESULT_VARIABLE status ERROR_QUIET)
    if(NOT status EQUAL 0)
        message("SKIPPED: needs Thrust, nlohmann-json and xxHash in folders that the compiler searches by itself")
        return()
    endif()
    run("${COMPILER}" -std=c++20 -I "${SOURCE}/include" "${SOURCE}/tests/install/main.cpp" -o "${WORK}/consumer")
    set(program "${WORK}/consumer")
else()
    if(WAY STREQUAL "find_package")
        run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/espalier" ${options} -DESPALIER_BUILD_TESTS=OFF
            -DESPALIER_BUILD_EXAMPLES=OFF -DESPALIER_BUILD_BENCH=OFF)
        run("${CMAKE_COMMAND}" --install "${WORK}/espalier" --prefix "${WORK}/prefix")
        list(APPEND options "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
    elseif(WAY STREQUAL "fetch_content")
        find_program(git git)
        if(git)
            execute_process(COMMAND "${git}" -C "${SOURCE}" rev-parse HEAD OUTPUT_VARIABLE commit ERROR_VARIABLE errors
                            OUTPUT_STRIP_TRAILING_WHITESPACE)
        endif()
        if(NOT commit)
            message("SKIPPED: needs git and a clone to fetch from ${errors}")
            return()
        endif()
        list(APPEND options "-DESPALIER_SOURCE=${SOURCE}" "-DESPALIER_COMMIT=${commit}")
    else()
        list(APPEND options "-DESPALIER_SOURCE=${SOURCE}")
    endif()
    run("${CMAKE_COMMAND}" -S "${consumer}" -B "${WORK}/build" ${options})
    run("${CMAKE_COMMAND}" --build "${WORK}/build")
    set(program "${WORK}/build/consumer")
endif()

execute_process(COMMAND "${program}" OUTPUT_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT output STREQUAL "6627e8d5\n") # Salmon et al. 2011, the known answer for counter 0, key 0
    message(FATAL_ERROR "the program ended with ${status} and printed: ${output}")
endif()
message("${WAY}: ${output}")

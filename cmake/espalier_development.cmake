# SPDX-License-Identifier: BSL-1.0
# Flags of our own programs (tests, examples, benchmarks): warnings as errors, this machine's instructions, sanitizers.
# Consumers see none of them.
option(ESPALIER_NATIVE "Compile our own programs for this machine (-march=native)" ON)
option(ESPALIER_WERROR "Warnings are errors in our own programs" ON)
set(ESPALIER_SANITIZE "" CACHE STRING "Sanitizers for our own programs: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Type of the build" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)

set(espalier_warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
add_library(espalier_development INTERFACE)
target_compile_options(espalier_development INTERFACE
    ${espalier_warnings}
    $<$<BOOL:${ESPALIER_WERROR}>:-Werror>
    $<$<CONFIG:Release>:-O3>
    $<$<BOOL:${ESPALIER_NATIVE}>:-march=native>)
target_link_libraries(espalier_development INTERFACE espalier::espalier)
if(ESPALIER_SANITIZE)
    set(sanitize -fsanitize=${ESPALIER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
    target_compile_options(espalier_development INTERFACE ${sanitize})
    target_link_options(espalier_development INTERFACE ${sanitize})
    # g++ sees uninitialised values in std::regex and std::function once they are instrumented, where there are none.
    target_compile_options(espalier_development INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

# What Open MPI wants to be told by tests: that it may run as root, and more ranks than cores.
set(espalier_mpi_environment OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1)
if(ESPALIER_SANITIZE MATCHES "address")
    list(APPEND espalier_mpi_environment ASAN_OPTIONS=detect_leaks=0) # Open MPI keeps memory until the process ends
endif()

# --- programs of one file -----------------------------------------------------------------------------------------
# A program of one file (an example, a benchmark). With tests built it is a test "<label>: <name>" too, run with the arguments of
# its line `// test: <arguments>`, which ask for its shortest run; without that line the test is skipped and says so. A line
# `// after: <name>` names a program before it in the alphabet whose test must have run, because this one reads what it wrote.
# One whose name ends in _mpi is there where MPI is, and its test runs two processes of it.
function(espalier_program name label source)
    set(launcher "")
    set(labels ${label})
    if(name MATCHES "_mpi$")
        list(APPEND labels mpi)
        if(NOT TARGET espalier::mpi)
            if(ESPALIER_BUILD_TESTS)
                add_test(NAME "${label}: ${name}" COMMAND "${CMAKE_COMMAND}" -E echo "SKIPPED: needs MPI and Boost.MPI (libboost-mpi-dev)")
                set_tests_properties("${label}: ${name}" PROPERTIES LABELS "${labels}" SKIP_REGULAR_EXPRESSION "SKIPPED: ")
            endif()
            return()
        endif()
        set(launcher "${MPIEXEC_EXECUTABLE}" ${MPIEXEC_NUMPROC_FLAG} 2)
        list(APPEND ARGN espalier::mpi)
    endif()
    add_executable(${name} "${source}")
    target_link_libraries(${name} PRIVATE espalier_development ${ARGN})
    target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    if(ESPALIER_BUILD_TESTS AND NOT ESPALIER_OPTIMISE_ALL_TESTS)
        set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release>:-O1>") # shown to run; examples/run and bench/run have -O3
    endif()
    if(ESPALIER_BUILD_TESTS)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
        file(STRINGS "${source}" line REGEX "^// test:" LIMIT_COUNT 1)
        if(line)
            string(REGEX REPLACE "^// test: *" "" arguments "${line}")
            separate_arguments(arguments UNIX_COMMAND "${arguments}")
            add_test(NAME "${label}: ${name}" COMMAND ${launcher} "$<TARGET_FILE:${name}>" ${arguments})
        else()
            add_test(NAME "${label}: ${name}"
                     COMMAND "${CMAKE_COMMAND}" -E echo "SKIPPED: needs a line '// test: <arguments>' in ${name}'s file")
        endif()
        set_tests_properties("${label}: ${name}" PROPERTIES LABELS "${labels}" TIMEOUT 300 SKIP_REGULAR_EXPRESSION "SKIPPED: "
                             ENVIRONMENT "${espalier_mpi_environment}")
        file(STRINGS "${source}" before REGEX "^// after:" LIMIT_COUNT 1)
        if(before)
            string(REGEX REPLACE "^// after: *" "" before "${before}")
            set_tests_properties("${label}: ${before}" PROPERTIES FIXTURES_SETUP "${before}")
            set_tests_properties("${label}: ${name}" PROPERTIES FIXTURES_REQUIRED "${before}")
        endif()
    endif()
endfunction()

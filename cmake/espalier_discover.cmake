# SPDX-License-Identifier: BSL-1.0
# Run after a test executable is linked: asks it for its test cases and writes one ctest test for each. Tags that change
# how a test is chosen become labels. Works with Catch2 2.13 and 3, whose own scripts differ.
#   EXECUTABLE, CATCH_MAJOR, PREFIX (of the names), LABEL (folder of tests/), TIMEOUT in seconds, DIRECTORY, OUTPUT file

set(tags data soak mpi checkpoint cuda)

# The names of the test cases that SPEC chooses, a line each; Catch2 2.13 returns their number as its exit status.
function(list_tests variable spec)
    if(CATCH_MAJOR EQUAL 3)
        set(list_names --list-tests --verbosity quiet)
    else()
        set(list_names --list-test-names-only)
    endif()
    execute_process(COMMAND "${EXECUTABLE}" ${spec} ${list_names}
                    OUTPUT_VARIABLE names ERROR_VARIABLE errors RESULT_VARIABLE status)
    if(NOT status MATCHES "^[0-9]+$" OR errors)
        message(FATAL_ERROR "espalier: ${EXECUTABLE}: requires a list of its tests; got status ${status}: ${errors}${names}")
    endif()
    set(${variable} "\n${names}\n" PARENT_SCOPE)
endfunction()

# A name that chooses no test case must not pass; version 3 sees to that itself.
set(no_tests "")
if(CATCH_MAJOR EQUAL 2)
    set(no_tests " --warn NoTests")
endif()

list_tests(rest "*")
foreach(tag IN LISTS tags)
    list_tests(names_${tag} "[${tag}]")
endforeach()

set(script "")
while(rest MATCHES "^\n*([^\n]+)\n(.*)$")
    set(name "${CMAKE_MATCH_1}")
    set(rest "\n${CMAKE_MATCH_2}")
    set(labels "${LABEL}")
    foreach(tag IN LISTS tags)
        string(FIND "${names_${tag}}" "\n${name}\n" at)
        if(at GREATER_EQUAL 0)
            string(APPEND labels ";${tag}")
        endif()
    endforeach()
    string(REGEX REPLACE "([][,\\])" "\\\\\\1" spec "${name}") # characters that a Catch2 test specification reads itself
    string(APPEND script "add_test([==[${PREFIX}: ${name}]==] [==[${EXECUTABLE}]==] [==[${spec}]==]${no_tests})\n"
                         "set_tests_properties([==[${PREFIX}: ${name}]==] PROPERTIES LABELS [==[${labels}]==]"
                         " TIMEOUT ${TIMEOUT} WORKING_DIRECTORY [==[${DIRECTORY}]==]"
                         " SKIP_REGULAR_EXPRESSION [==[SKIPPED: ]==])\n")
endwhile()
file(WRITE "${OUTPUT}" "${script}")

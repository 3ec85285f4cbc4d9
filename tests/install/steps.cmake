# SPDX-License-Identifier: BSL-1.0
# What the scripts of this folder share: running a command that must succeed, and the commit to fetch.

# Runs a command in the folder FOLDER; its standard output is `output` afterwards.
function(run folder)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${folder}" RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nended with ${status}:\n${out}${err}")
    endif()
    set(output "${out}" PARENT_SCOPE)
endfunction()

# Sets `commit` to the commit of the clone SOURCE; where there is none it is empty and the test is skipped.
macro(find_commit source)
    find_program(git git)
    if(git)
        execute_process(COMMAND "${git}" -C "${source}" rev-parse HEAD OUTPUT_VARIABLE commit ERROR_VARIABLE errors
                        OUTPUT_STRIP_TRAILING_WHITESPACE)
    endif()
    if(NOT commit)
        message("SKIPPED: needs git and a clone to fetch from ${errors}")
    endif()
endmacro()

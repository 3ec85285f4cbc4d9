# SPDX-License-Identifier: BSL-1.0
# Builds one fuzz target with libFuzzer and the address sanitizer, and runs it for SECONDS from CORPUS. New inputs, and one that
# fails, stay in FOLDER.
file(MAKE_DIRECTORY "${FOLDER}/found")
file(STRINGS "${FLAGS}" lines)
list(REMOVE_ITEM lines -fsyntax-only)
list(JOIN lines "\n" text)
file(WRITE "${FOLDER}/flags.txt" "${text}\n")
execute_process(COMMAND "${COMPILER}" "@${FOLDER}/flags.txt" -O1 -g -fsanitize=fuzzer,address "${SOURCE}" -o "${FOLDER}/target"
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${FOLDER}/target" -max_total_time=${SECONDS} -max_len=4096 -print_final_stats=1
                        "-artifact_prefix=${FOLDER}/" "-dict=${DICTIONARY}" "${FOLDER}/found" "${CORPUS}"
                COMMAND_ERROR_IS_FATAL ANY)

#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Judges one compile-fail case: `check_case.py CASE.cpp COMPILER [FLAGS…]`.

The twin (-DESPALIER_TWIN) compiles without an error; the case itself gives exactly one error and nothing after it, and the
compiler's output holds every text that the case expects of this compiler. case_file.py says how a case is written.
"""
import pathlib
import re
import subprocess
import sys

import case_file

ERROR = re.compile(r"(^|\s)(fatal )?error: ")


def expected_texts(source, compiler):
    """The texts that a case promises for this compiler."""
    name = "clang++" if "clang" in compiler else "g++"
    return [text for only, text in case_file.expected(source) if only in (None, name)]


def compiler_output(case, command):
    """The exit status and everything that the compiler says about a case, one message a line; `> >` is written `>>`, as clang++ does."""
    run = subprocess.run([*command, "-fsyntax-only", str(case)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return run.returncode, run.stdout.decode("utf-8", "replace").replace("> >", ">>").replace("> >", ">>")


def faults(case, command):
    """What is wrong with a case, a line each; empty if it is as it should be."""
    source = case.read_text(encoding="utf-8")
    if found := case_file.faults_of_form(source):
        return found
    status, output = compiler_output(case, [*command, "-DESPALIER_TWIN"])
    if status != 0:
        return ["the twin does not compile:", output]
    status, output = compiler_output(case, command)
    if status == 0:
        return ["the case compiles"]
    errors = [line for line in output.splitlines() if ERROR.search(line)]
    if len(errors) != 1:
        found.append(f"{len(errors)} errors, not exactly one")
    texts = expected_texts(source, pathlib.PurePath(command[0]).name)
    if errors and texts[0] not in errors[0]:
        found.append(f"the first error is not: {texts[0]}")
    found += [f"the output does not hold: {text}" for text in texts[1:] if text not in output]
    return [*found, output] if found else []


def main():
    case, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    found = faults(case, command)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

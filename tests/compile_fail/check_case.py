#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Judges one compile-fail case: `check_case.py CASE.cpp COMPILER [FLAGS…]`.

The twin (-DESPALIER_TWIN) compiles without an error; the case itself gives exactly one error and nothing after it, and the
compiler's output holds the text of every line `// expect: <text>` at the top of the file. Such a line may name one compiler,
`// expect clang++: <text>`, where two compilers spell a type differently.
"""
import pathlib
import re
import subprocess
import sys

EXPECT = re.compile(r"^//\s*expect(?:\s+(?P<compiler>g\+\+|clang\+\+))?:\s*(?P<text>.+?)\s*$")
ERROR = re.compile(r"(^|\s)(fatal )?error: ")


def expected_texts(source, compiler):
    """The texts that the leading comment of a case promises for this compiler."""
    texts = []
    for line in source.splitlines():
        if not line.startswith("//"):
            break
        match = EXPECT.match(line)
        if match and match["compiler"] in (None, "clang++" if "clang" in compiler else "g++"):
            texts.append(match["text"])
    return texts


def compiler_output(case, command):
    """The exit status and everything that the compiler says about a case, one message a line."""
    run = subprocess.run([*command, "-fsyntax-only", str(case)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return run.returncode, run.stdout.decode("utf-8", "replace")


def faults(case, command):
    """What is wrong with a case, a line each; empty if it is as it should be."""
    source = case.read_text(encoding="utf-8")
    texts = expected_texts(source, pathlib.PurePath(command[0]).name)
    if not texts:
        return ["the file has no line `// expect: <text>` at its top"]
    if "ESPALIER_TWIN" not in source:
        return ["the file has no twin (#ifdef ESPALIER_TWIN)"]
    status, output = compiler_output(case, [*command, "-DESPALIER_TWIN"])
    if status != 0:
        return ["the twin does not compile:", output]
    status, output = compiler_output(case, command)
    if status == 0:
        return ["the case compiles"]
    found = []
    errors = [line for line in output.splitlines() if ERROR.search(line)]
    if len(errors) != 1:
        found.append(f"{len(errors)} errors, not exactly one")
    found += [f"the output does not hold: {text}" for text in texts if text not in output]
    return [*found, output] if found else []


def main():
    case, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    found = faults(case, command)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

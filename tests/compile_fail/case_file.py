# SPDX-License-Identifier: BSL-1.0
"""Reads a compile-fail case: the words that it expects, its wrong lines and its twin's. Judges nothing; see check_case.py and gallery.py.

    // SPDX-License-Identifier: BSL-1.0
    // expect: espalier: <entity>: requires <requirement>; … See docs/<page>.     the whole error, word by word
    // expect: <template with its values>                                         what the compiler names beside it
    // expect clang++: <the same, where one compiler spells it another way>
    #ifdef ESPALIER_TWIN
    …                                                                             the twin: compiles
    #else
    …                                                                             the wrong lines
    #endif
"""
import re

EXPECT = re.compile(r"^//\s*expect(?:\s+(?P<compiler>g\+\+|clang\+\+))?:\s*(?P<text>.+?)\s*$")
WHOLE_ERROR = re.compile(r"^espalier: \S+: requires .+\. See docs/\S+\.md\.$")
BRANCHES = ("#ifdef ESPALIER_TWIN", "#else", "#endif")


def expected(source):
    """(compiler, or None for both; text) of each expectation in the leading comment."""
    found = []
    for line in source.splitlines():
        if not line.startswith("//"):
            break
        if match := EXPECT.match(line):
            found.append((match["compiler"], match["text"]))
    return found


def branches(source):
    """The lines of the twin and the wrong lines, or None where a case has not exactly one of each."""
    lines = source.splitlines()
    if [line for line in lines if line.startswith(("#if", "#el", "#endif"))] != list(BRANCHES):
        return None
    twin, other, end = (lines.index(line) for line in BRANCHES)
    return lines[twin + 1:other], lines[other + 1:end]


def faults_of_form(source):
    """What a case lacks before any compiler is asked, a line each."""
    texts, found = expected(source), []
    if not texts:
        return ["the file has no line `// expect: <text>` at its top"]
    if texts[0][0] is not None or not WHOLE_ERROR.match(texts[0][1]):
        found.append("the first text is not the whole error, from `espalier: ` to `See docs/<page>.`")
    if len(texts) < 2:
        found.append("no text names the template with its values")
    parts = branches(source)
    if parts is None:
        found.append("the file has no twin (#ifdef ESPALIER_TWIN, #else, #endif, once)")
    elif not any(line.strip() for line in parts[0]) or not any(line.strip() for line in parts[1]) or parts[0] == parts[1]:
        found.append("the twin and the wrong lines are empty or alike")
    return found

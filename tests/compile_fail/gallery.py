#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compares the compile-fail cases with the page of errors (`gallery.py ROOT page`), or with the headers (`gallery.py ROOT headers`).

An entry of docs/explanation/errors.md is three blocks: wrong lines of a case, the texts that it expects, lines of its twin. Every case has
one entry, and every error that a header of espalier asserts at compile time is the error of a case.
"""
import pathlib
import re
import sys

import case_file

PAGE = pathlib.PurePath("docs/explanation/errors.md")
CASES = pathlib.PurePath("tests/compile_fail")
BLOCK = re.compile(r"(?:^<!-- from (?P<path>\S+) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
ASSERTION = re.compile(r"\bstatic_assert\(.*?\);", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Errors without a case: how each begins, and why.
WITHOUT_CASE = {
    "espalier: checkpoint: requires a little-endian machine": "the machine is what is wrong",
    "espalier: communicator: requires elements that are trivially copyable": "a second complaint follows where they are copied",
    "espalier: product: requires a back-end that this build has": "a second error follows, of the product that is not there",
    "espalier: for_each_common_run: requires parts of a network's tensors": "the trainer calls it with what it has cut itself",
}


def holds(lines, part):
    """Whether `part` stands in `lines`, nothing between its lines."""
    return bool(part) and any(lines[i:i + len(part)] == part for i in range(len(lines) - len(part) + 1))


def shown(source):
    """What the page shows of the texts of a case."""
    return [text if compiler is None else f"{compiler}: {text}" for compiler, text in case_file.expected(source)]


def blocks_of(page):
    """(line, path of the mark or None, language, lines) of each block of code."""
    return [(page.count("\n", 0, match.start()) + 1, match["path"], match["language"], match["body"].splitlines())
            for match in BLOCK.finditer(page)]


def faults_of_entry(source, wrong, said, right):
    """What three blocks and their case do not agree on."""
    twin_lines, wrong_lines = case_file.branches(source)
    if not holds(wrong_lines, wrong):
        yield "the first block is no excerpt of the wrong lines"
    if said != shown(source):
        yield "the second block is not what the case expects:\n" + "\n".join(shown(source))
    if not holds(twin_lines, right):
        yield "the third block is no excerpt of the twin"


def faults_of_page(page, cases):
    """What the page and the cases, {path: source}, do not agree on; a line each."""
    found, seen, blocks = [], [], blocks_of(page)
    while blocks:
        (line, path, _, wrong), *rest = blocks
        blocks = rest
        if path not in cases:
            continue
        seen.append(path)
        if form := case_file.faults_of_form(cases[path]):
            found.append(f"{path}: {form[0]}")
        elif [(p, language) for _, p, language, _ in rest[:2]] != [(None, "text"), (path, "cpp")]:
            found.append(f"{PAGE}:{line}: {path} is not followed by a block of text and a block of its twin")
            continue
        else:
            found += [f"{PAGE}:{line}: {path}: {text}" for text in faults_of_entry(cases[path], wrong, rest[0][3], rest[1][3])]
        blocks = rest[2:]
    found += [f"{path} has no entry on the page" for path in cases if path not in seen]
    return found + [f"{path} has several entries on the page" for path in sorted(set(seen)) if seen.count(path) > 1]


def asserted(header):
    """The texts of espalier that a header asserts."""
    texts = ("".join(LITERAL.findall(match[0])) for match in ASSERTION.finditer(header))
    return [text for text in texts if text.startswith("espalier: ")]


def faults_of_headers(headers, cases):
    """The errors of headers, {path: source}, that no case gives."""
    given = {texts[0][1] for source in cases.values() if (texts := case_file.expected(source))}
    return [f"{path}: no case gives: {text}" for path, source in headers.items() for text in asserted(source)
            if text not in given and not text.startswith(tuple(WITHOUT_CASE))]


def sources(root, folder, name):
    """{path below root: text} of the files `name` of a folder."""
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted((root / folder).rglob(name))}


def main():
    root, what = pathlib.Path(sys.argv[1]), sys.argv[2]
    cases = sources(root, CASES, "*.cpp")
    if what == "page":
        found = faults_of_page((root / PAGE).read_text(encoding="utf-8"), cases)
    else:
        found = faults_of_headers(sources(root, "include", "*.hpp"), cases)
    for line in found:
        print(line)
    print(f"{len(cases)} wrong programs, {len(found)} faults")
    return 1 if found or not cases else 0


if __name__ == "__main__":
    sys.exit(main())

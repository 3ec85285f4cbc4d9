#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that code shown in documents is code that is compiled.

A block of a document that follows a line `<!-- from PATH -->` must be a contiguous excerpt of the file PATH, line by line and
to the letter. `code_blocks.py ROOT` looks at every *.md file of the tree, prints a line for each block that is not, and ends with
status 1 if there is one or if there is no such block at all.
"""
import pathlib
import re
import sys

MARK = re.compile(r"^<!-- from (\S+) -->$")
FENCE = re.compile(r"^```(\w*)$")


def documents(root):
    """Every *.md file below `root` but those in hidden and in build folders."""
    def is_ours(path):
        return not any(part.startswith(".") or part == "build" for part in path.relative_to(root).parts[:-1])
    return sorted(path for path in root.rglob("*.md") if is_ours(path))


def marked_blocks(lines):
    """(number of the mark's line, path, lines of the block or None) for each mark."""
    for number, line in enumerate(lines):
        if match := MARK.match(line):
            if number + 1 == len(lines) or not FENCE.match(lines[number + 1]):
                yield number + 1, match[1], None
                continue
            block = lines[number + 2:]
            end = next((i for i, text in enumerate(block) if text == "```"), None)
            yield number + 1, match[1], None if end is None else block[:end]


def is_excerpt(block, lines):
    """Whether `block` stands in `lines`, nothing between its lines."""
    return any(lines[i:i + len(block)] == block for i in range(len(lines) - len(block) + 1))


def fault(root, path, block):
    """What is wrong with a marked block, or None."""
    if not block:
        return "is followed by no block of code"
    if not (root / path).is_file():
        return f"names {path}, which does not exist"
    if not is_excerpt(block, (root / path).read_text(encoding="utf-8").splitlines()):
        return f"is no excerpt of {path}"
    return None


def check(root):
    """The number of marked blocks, and a line for each that is wrong."""
    count, found = 0, []
    for document in documents(root):
        for number, path, block in marked_blocks(document.read_text(encoding="utf-8").splitlines()):
            count += 1
            if text := fault(root, path, block):
                found.append(f"{document.relative_to(root)}:{number}: the block {text}")
    return count, found


def main():
    count, found = check(pathlib.Path(sys.argv[1]))
    for line in found:
        print(line)
    print(f"{count} blocks of code, {len(found)} that are no excerpts")
    return 1 if found or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that what is referred to is there: links in documents, and pages that sources name.

`links.py ROOT` looks at every relative link of every *.md file (the file, and after '#' the heading), and at every page that a
source below include/, examples/, cmake/ or scripts/ names as "docs/….md" or as the page of a complaint. Addresses on the web are
not asked. It prints a line for each reference that leads nowhere and ends with status 1 if there is one.
"""
import pathlib
import re
import sys

from code_blocks import documents

SOURCES = ["include", "examples", "cmake", "scripts"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
WEB = re.compile(r"^[a-z]+:")
PAGE = re.compile(r'docs/([\w/-]+\.md)|"((?:[\w-]+/)*[\w-]+\.md)"')


def prose(text):
    """The lines of a document, those of code blocks left empty."""
    inside = False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        yield "" if inside else line


def anchor(heading):
    """The name that a heading can be linked by."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.strip().replace(" ", "-")


def anchors(document):
    """The names of all headings of a document."""
    return {anchor(line.lstrip("#")) for line in prose(document.read_text(encoding="utf-8")) if re.match(r"#+ ", line)}


def dead_links(root, document):
    """A line for each link of one document that leads nowhere."""
    for number, line in enumerate(prose(document.read_text(encoding="utf-8")), start=1):
        for link in LINK.findall(line):
            if WEB.match(link):
                continue
            path, _, name = link.partition("#")
            target = document.parent / path if path else document
            there = target.exists() and target.resolve().is_relative_to(root.resolve())
            if not there or (name and name not in anchors(target)):
                yield f"{document.relative_to(root)}:{number}: {link} leads nowhere"


def dead_pages(root):
    """How many pages sources name, and a line for each that does not exist."""
    count, found = 0, []
    for folder in SOURCES:
        for path in sorted(p for p in (root / folder).rglob("*") if p.is_file()):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                for match in PAGE.finditer(line):
                    page = match[1] or match[2]
                    count += 1
                    if not (root / "docs" / page).is_file():
                        found.append(f"{path.relative_to(root)}:{number}: docs/{page} does not exist")
    return count, found


def main():
    root = pathlib.Path(sys.argv[1])
    found = [line for document in documents(root) for line in dead_links(root, document)]
    count, pages = dead_pages(root)
    for line in found + pages:
        print(line)
    print(f"{len(found)} links and {len(pages)} of {count} pages lead nowhere")
    return 1 if found or pages or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that within a built site everything refers to something: links, anchors, images, styles and scripts.

`site_links.py DIR` reads every page below DIR; addresses on the web are not asked, and a page that needs one to be shown (a style,
script or image from elsewhere) is a fault. With `--build PROGRAM` it has PROGRAM write the site into DIR first, which is emptied.
It prints a line for each fault and ends with status 1 if there is one.
"""
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

WEB = re.compile(r"^[a-z][a-z0-9+.-]*:")


class Page(html.parser.HTMLParser):
    """The identifiers of a page and what it refers to: (line, target, whether the page is not whole without it)."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.twice, self.targets = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if name := given.get("id"):
            if name in self.ids:
                self.twice.append((self.getpos()[0], name))
            self.ids.add(name)
        for key in ("href", "src"):
            if given.get(key) is not None:
                self.targets.append((self.getpos()[0], given[key], key == "src" or tag == "link"))


def check(root):
    """The number of references, and a line for each that leads nowhere."""
    root = root.resolve()
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.html"))}
    count, found = 0, []
    for path, page in pages.items():
        name = path.relative_to(root).as_posix()
        found += [f"{name}:{line}: the id {twice} is there twice" for line, twice in page.twice]
        for line, target, needed in page.targets:
            count += 1
            if WEB.match(target) or target.startswith("//"):
                if needed:
                    found.append(f"{name}:{line}: needs {target} from the web")
            elif not leads_somewhere(root, pages, path, target):
                found.append(f"{name}:{line}: {target} leads nowhere")
    return count, found + dead_names(root, pages)


def leads_somewhere(root, pages, path, target):
    """Whether a reference of the page `path` meets a file of the site, and in it the anchor."""
    place, _, anchor = target.partition("#")
    there = (path.parent / urllib.parse.unquote(place)).resolve() if place else path
    if not there.is_relative_to(root) or not there.is_file():
        return False
    return not anchor or (there in pages and urllib.parse.unquote(anchor) in pages[there].ids)


def dead_names(root, pages):
    """A line for each name that the search offers and that is not where it says."""
    if not (root / "names.js").is_file():
        return []
    rows = json.loads((root / "names.js").read_text(encoding="utf-8").removeprefix("const names = ").rstrip().removesuffix(";"))
    return [f"names.js: {row[0]} is not at {row[2]}" for row in rows if not leads_somewhere(root, pages, root / "names.js", row[2])]


def main():
    root, status = pathlib.Path(sys.argv[1]), 0
    if sys.argv[2:3] == ["--build"]:
        if (root / "index.html").is_file():
            shutil.rmtree(root)
        status = subprocess.run([sys.executable, "-B", *sys.argv[3:], "--out", str(root)]).returncode
    count, found = check(root)
    for line in found:
        print(line)
    print(f"{count} references, {len(found)} faults")
    return 1 if status != 0 or found or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

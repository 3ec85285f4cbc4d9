# SPDX-License-Identifier: BSL-1.0
"""The whole site: which documents there are, where their links lead, and in which order the navigation names them.

Nothing is listed here by name but the kinds of documents; files and folders are found.
"""
import html
import pathlib
import posixpath
import shutil

import library
import reference
import sources
from code_blocks import documents
from frame import Frame, relative
from highlight import Code
from markdown import HEADING, LINK, Renderer, plain

KINDS = {"tutorial": "Tutorial", "howto": "How to", "policies": "Policies", "explanation": "Explanation"}


class Site:
    def __init__(self, root, out):
        self.root, self.out = root.resolve(), out
        self.documents = {p.resolve().relative_to(self.root).as_posix(): p.read_text(encoding="utf-8") for p in documents(self.root)}
        self.library = library.read(self.root / "include")
        self.names = reference.names_of(self.library)
        self.frame = Frame(out, self._groups())
        self.wanted = []      # files and folders that pages link to, each gets a page
        self.asked = set()
        self.dead = []

    # --- where things are ------------------------------------------------------------------------------------------
    def page_of_document(self, path):
        """The page of a document, given by its path from the root with its anchor; None where there is none."""
        path, mark, name = path.partition("#")
        if path not in self.documents:
            return None
        page = path.removesuffix(".md") + ".html"
        page = posixpath.join(posixpath.dirname(page), "index.html") if posixpath.basename(path) == "README.md" else page
        return page + mark + name

    def source_of(self, path):
        """The page of a file or folder, which is then made; None for what is not there or no text."""
        place = self.root / path
        if not place.exists() or (place.is_file() and not is_text(place)):
            return None
        if path not in self.asked:
            self.asked.add(path)
            self.wanted.append(path)
        return f"source/{path}/index.html" if place.is_dir() else f"source/{path}.html"

    def link(self, document, page, href):
        """Where a link of a document leads on the site."""
        if href.startswith("#") or ":" in href.split("/")[0]:
            return href
        path, mark, name = href.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
        if path == "include/espalier":
            return relative(page, "reference/index.html")
        if (target := self.page_of_document(path)) or (target := self.source_of(path)):
            return relative(page, target + mark + name)
        if (self.root / path).is_file():
            place = self.out / "files" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.root / path, place)
            return relative(page, f"files/{path}")
        self.dead.append(f"{document}: {href} leads nowhere")
        return href

    # --- navigation ------------------------------------------------------------------------------------------------
    def title(self, document):
        """A document's first heading."""
        lines = self.documents[document].split("\n")
        return next((plain(m[2]) for m in map(HEADING.match, lines) if m), posixpath.basename(document))

    def label(self, document):
        """A document's title up to the colon, for the navigation."""
        return "Overview" if document == "README.md" else self.title(document).split(":")[0]

    def _groups(self):
        index = "docs/README.md"
        named = [posixpath.normpath(posixpath.join("docs", m[3])) for m in LINK.finditer(self.documents.get(index, ""))]
        in_order = sorted(self.documents, key=lambda d: (named.index(d) if d in named else len(named), d))
        groups = {"Start": [d for d in ("README.md", index) if d in self.documents]}
        for kind in KINDS.values():
            groups[kind] = []
        rest = []
        for document in in_order:
            parts = pathlib.PurePosixPath(document).parts
            if document in groups["Start"]:
                continue
            if parts[0] != "docs":
                rest.append(document)
            elif len(parts) == 2:
                groups["Start"].append(document)
            else:
                groups.setdefault(KINDS.get(parts[1], parts[1].capitalize()), []).append(document)
        made = [(title, [(self.label(d), self.page_of_document(d)) for d in found]) for title, found in groups.items() if found]
        folders = [(f, f"reference/{f}.html") for f in self.library.folders]
        made.append(("Reference", [("All names", "reference/index.html"), *folders]))
        return made + [("Project", [(self.label(d), self.page_of_document(d)) for d in rest])] * bool(rest)

    # --- making ----------------------------------------------------------------------------------------------------
    def code(self, page):
        """Colours the code of one page."""
        def header(path):
            target = self.source_of(f"include/{path}")
            return relative(page, target) if target else None
        return Code(self.names, lambda n: relative(page, n.place), header)

    def make(self):
        """Writes every page; gives the number of pages."""
        for document, text in self.documents.items():
            page = self.page_of_document(document)
            code = self.code(page)
            renderer = Renderer(lambda href: self.link(document, page, href), lambda t: code.inline(t, ("espalier",)),
                                lambda language, t, source: self._block(code, page, language, t, source))
            body = renderer.render(text)
            self.frame.write(page, self.title(document), body, renderer.headings)
        for folder in self.library.folders:
            page = f"reference/{folder}.html"
            title, body, contents = reference.Reference(self.library, self.names, self.code(page), self).folder_page(folder)
            self.frame.write(page, title, body, contents, wide=True)
        page = "reference/index.html"
        title, body, contents = reference.Reference(self.library, self.names, self.code(page), self).index_page()
        self.frame.write(page, title, body, contents, wide=True)
        for path in self.wanted:  # grows while it is read: headers include others
            self._source(path)
        self.frame.write_assets(self.names)
        return len(list(self.out.rglob("*.html")))

    def _block(self, code, page, language, text, source):
        caption = ""
        if source and (target := self.source_of(source)):
            caption = f'<figcaption><a href="{html.escape(relative(page, target))}">{html.escape(source)}</a></figcaption>'
        block = f'<pre><code>{code.block(language, text, ("espalier",))}</code></pre>'
        return f"<figure>{block}{caption}</figure>" if caption else block

    def _source(self, path):
        page = self.source_of(path)
        if (self.root / path).is_dir():
            self.frame.write(page, path, sources.folder_page(self.root, path, page, self.source_of))
            return
        header = next((h for h in self.library.headers if f"include/{h.included_as}" == path), None)
        above = f"{reference.page_of(header)}#{header.path}" if header and reference.groups_of(header.declarations) else None
        self.frame.write(page, path, sources.source_page(self.root, pathlib.PurePosixPath(path), page, self.code(page), above), wide=True)


def is_text(place):
    try:
        place.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True

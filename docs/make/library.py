# SPDX-License-Identifier: BSL-1.0
"""The library as its headers declare it: folders, headers, declarations, and what is amiss with their docstrings.

It knows no HTML; the pages are made by reference.py.
"""
import dataclasses
import pathlib
import re

import docstrings
import scopes
from include_order import ORDER

MEMBERS_ELSEWHERE = re.compile(r"See (detail/[\w/]+\.hpp) for the members")


@dataclasses.dataclass
class Header:
    path: pathlib.PurePosixPath     # below include/espalier
    doc: docstrings.Docstring
    declarations: list
    text: str

    @property
    def folder(self):
        return self.path.parts[0] if len(self.path.parts) > 1 else ""

    @property
    def included_as(self):
        return f"espalier/{self.path}"


@dataclasses.dataclass
class Library:
    headers: list
    faults: list                    # lines "file:line: text"
    undocumented: dict              # qualified name -> "file:line"
    plain_members: dict             # the same of members, which their class may explain

    @property
    def folders(self):
        """The folders, bottom to top."""
        return sorted({h.folder for h in self.headers if h.folder}, key=lambda f: (ORDER.index(f) if f in ORDER else len(ORDER), f))


def is_public(path):
    return "detail" not in path.parts


def walk(declarations):
    """The declarations and all within them."""
    for d in declarations:
        yield d
        yield from walk(d.members)


def read(include):
    """The library below the folder `include`/espalier."""
    root = include / "espalier"
    headers, faults, undocumented, plain = [], [], {}, {}
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".hpp", ".cuh")):
        name = pathlib.PurePosixPath(path.relative_to(root).as_posix())
        if not is_public(name):
            continue
        text = path.read_text(encoding="utf-8")
        file_doc, declarations = scopes.read_header(text)
        header = Header(name, docstrings.parsed(file_doc), declarations, text)
        graft_members(root, header)
        headers.append(header)
        if not file_doc:
            faults.append(f"{header.included_as}:1: no @file docstring")
        faults += [f"{header.included_as}:1: {fault}" for fault in header.doc.faults]
        faults += faults_of(header)
    defined = {d.qualified for h in headers for d in h.declarations if d.doc or not d.forward}
    for header in headers:
        for d in header.declarations:
            note_undocumented(header, d, defined, undocumented, plain)
    return Library(headers, faults, undocumented, plain)


def faults_of(header):
    """A line for each docstring with an unknown section or a parameter that is not there."""
    for d in walk(header.declarations):
        doc = docstrings.parsed(d.doc)
        for fault in (*doc.faults, *docstrings.mismatches(doc, d.parameters, d.template)):
            yield f"{header.included_as}:{d.line}: {d.qualified}: {fault}"


def note_undocumented(header, d, defined, undocumented, plain):
    """Adds what has no docstring to the one dictionary or the other."""
    if d.special or (d.forward and d.qualified in defined):
        return
    place = f"{header.included_as}:{d.line}"
    if not d.doc and not d.shares:
        undocumented.setdefault(d.qualified, place)
    for m in d.members:
        if m.kind in ("function", "class", "enum") and not m.doc and not m.shares and not m.special and not m.forward:
            plain.setdefault(m.qualified, place.rpartition(":")[0] + f":{m.line}")
        elif m.kind == "class":
            note_undocumented(header, m, defined, plain, plain)


def graft_members(root, header):
    """Gives a class the members that its docstring says are in a header below detail/, in the class that has the header's name."""
    for d in header.declarations:
        if match := MEMBERS_ELSEWHERE.search(" ".join(d.doc)):
            path = root / header.path.parent / match[1]
            _, inner = scopes.read_header(path.read_text(encoding="utf-8"), with_detail=True)
            for body in walk(inner):
                if body.name == path.stem and body.members:
                    d.members = [renamed(m, body.name, d) for m in body.members]
                    d.members_from = pathlib.PurePosixPath(path.relative_to(root).as_posix())


def renamed(member, name, owner):
    """The member as one of `owner`: constructors take its name."""
    scope = (*owner.scope, owner.name)
    made = dataclasses.replace(member, scope=scope)
    if member.name == name:
        made = dataclasses.replace(made, name=owner.name, signature=re.sub(rf"\b{name}\b", owner.name, member.signature))
    return made

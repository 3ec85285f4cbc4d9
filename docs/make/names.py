# SPDX-License-Identifier: BSL-1.0
"""Every name of the library with the place of its reference.

A bare name is looked for as the compiler would: in the namespaces around it, then in espalier. A concept is found by its last
name alone, since nothing else is written like one.
"""
import dataclasses


@dataclasses.dataclass
class Name:
    qualified: str
    kind: str
    folder: str
    header: str
    sentence: str
    template: bool = False
    is_member: bool = False

    @property
    def short(self):
        return self.qualified.removeprefix("espalier::")

    @property
    def page(self):
        return f"reference/{self.folder or 'espalier'}.html"

    @property
    def place(self):
        return f"{self.page}#{self.short}"


class Names:
    def __init__(self):
        self.known = {}
        self.concepts = {}

    def add(self, name):
        """Adds a name; of overloads and of a class that is declared twice the first one stays."""
        self.known.setdefault(name.qualified, name)
        if name.kind == "concept":
            self.concepts.setdefault(name.qualified.split("::")[-1], name)

    def resolve(self, path, scope=()):
        """The entity that `path` names within `scope`, a tuple of namespaces and classes; None where it names none."""
        path = path.removeprefix("::")
        parts = tuple(scope) or ("espalier",)
        for depth in range(len(parts), -1, -1):
            if found := self.known.get("::".join((*parts[:depth], path))):
                return found
        return self.concepts.get(path)

    def __iter__(self):
        return iter(sorted(self.known.values(), key=lambda n: (n.short.split("::")[-1].lower(), n.short)))

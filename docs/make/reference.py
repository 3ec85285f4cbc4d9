# SPDX-License-Identifier: BSL-1.0
"""The reference: a page a folder of headers, made from their declarations and docstrings, and an index of all names.

What is declared is found by library.py; this file only decides how it looks.
"""
import html
import re

import docstrings
from frame import relative
from markdown import Renderer
from names import Name, Names

WIDTH = 100
PROTECTED = re.compile(r"`+[^`]+`+|!?\[[^\]]*\]\([^)\s]+\)")  # code and links, which stay as they are
DOCUMENT = re.compile(r"\bdocs/[\w/-]+\.md(?:#[\w-]+)?")
IDENTIFIER = re.compile(r"(?<![\w`:./\"])(?:\w+::)*[a-z]\w*_\w+(?![\w`:./\"(<{-])")  # looks like a name even without the marks of code
HEADER = re.compile(r"(?<![\w/.])(?:[\w-]+/)*[\w-]+\.(?:hpp|cuh)\b")


def kind_of(d):
    """The word for what is declared."""
    if d.kind == "class":
        return "struct" if re.search(r"\bstruct\b", d.signature.split("\n")[-1].split("{")[0]) else "class"
    return {"alias": "type", "variable": "constant"}.get(d.kind, d.kind)


def page_of(header):
    return f"reference/{header.folder or 'espalier'}.html"


def names_of(library):
    """Every name that the reference explains."""
    names = Names()
    for header in library.headers:
        def add(declarations, is_member):
            sentence = ""
            for d in declarations:
                if d.special or (d.forward and not d.doc):
                    continue
                sentence = sentence if d.shares else docstrings.parsed(d.doc).sentence
                names.add(Name(d.qualified, "member" if is_member and d.kind == "variable" else kind_of(d), header.folder,
                               header.included_as, sentence, bool(d.template), is_member))
                add(d.members, True)
        add(header.declarations, False)
    return names


def wrapped(signature):
    """A signature with its parameters on lines of their own where it is too long for one."""
    *head, last = signature.split("\n")
    if len(last) <= WIDTH or "(" not in last or "concept " in signature or "using " in signature:
        return signature
    start = last.index("(", last.index("operator()") + 10 if "operator()" in last else 0)
    depth, parts, begin = 0, [], start + 1
    for i in range(start, len(last)):
        depth += (last[i] in "([{<") - (last[i] in ")]}" or (last[i] == ">" and last[i - 1] != "-"))
        if depth == 0:
            parts.append(last[begin:i].strip())
            end = i
            break
        if depth == 1 and last[i] == ",":
            parts.append(last[begin:i].strip())
            begin = i + 1
    else:
        return signature
    return "\n".join([*head, last[:start + 1], *(f"    {p}{',' if p is not parts[-1] else ''}" for p in parts), last[end:]])


def groups_of(declarations):
    """Declarations that are explained together: those that share a docstring, and overloads that follow one another.

    A list of lists of lists: entries, of each its docstrings, of each the declarations that it is for.
    """
    entries = []
    for d in declarations:
        if d.special or (d.forward and not d.doc):
            continue
        if d.shares and entries:
            entries[-1][-1].append(d)
        elif entries and d.kind == "function" and d.name == entries[-1][-1][0].name:
            entries[-1].append([d])
        else:
            entries.append([[d]])
    return entries


class Reference:
    def __init__(self, library, names, code, site):
        self.library, self.names, self.code, self.site = library, names, code, site
        self.headers = {str(h.path): h for h in library.headers}

    # --- prose -----------------------------------------------------------------------------------------------------
    def prose(self, text, header, scope, hidden=(), inline=False):
        """A docstring's text as HTML: names, headers and documents in it are links."""
        page = page_of(header)
        renderer = Renderer(lambda href: href, lambda t: self.code.inline(t, scope, hidden),
                            lambda language, t, source: f"<pre><code>{self.code.block(language, t, scope)}</code></pre>")
        fenced = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)

        def known(name):
            entity = None if name in hidden else self.names.resolve(name, scope)
            return entity and entity.kind in ("class", "struct", "enum", "type")

        text = "".join(part if part.startswith("```") else self._with_links(part, header, page, known) for part in fenced)
        return renderer.inline(" ".join(text.split())) if inline else renderer.render(text)

    def _with_links(self, text, header, page, known):
        out, end = "", 0
        for kept in PROTECTED.finditer(text):
            out, end = out + self._linked(text[end:kept.start()], header, page, known) + kept[0], kept.end()
        return out + self._linked(text[end:], header, page, known)

    def place_of(self, header):
        """Where a header is explained: on its folder's page, or as a source where it declares nothing."""
        return f"{page_of(header)}#{header.path}" if groups_of(header.declarations) else self.site.source_of(f"include/{header.included_as}")

    def _linked(self, text, header, page, known):
        def document(match):
            target = self.site.page_of_document(match[0])
            return f"[{match[0]}]({relative(page, target)})" if target else match[0]

        def other(match):
            for path in (f"{header.path.parent}/{match[0]}".removeprefix("./"), f"{header.folder}/{match[0]}", match[0],
                         f"{header.path.parent}/detail/{match[0]}"):
                if path in self.headers:
                    return f"[{match[0]}]({relative(page, self.place_of(self.headers[path]))})"
                if target := self.site.source_of(f"include/espalier/{path}"):
                    return f"[{match[0]}]({relative(page, target)})"
            return match[0]

        text = IDENTIFIER.sub(lambda m: f"`{m[0]}`" if known(m[0]) else m[0], text)
        return "".join(part if part.startswith("`") else HEADER.sub(other, DOCUMENT.sub(document, part)) for part in re.split("(`[^`]*`)", text))

    def sections(self, doc, header, scope, hidden):
        """The labelled rows below a docstring's text."""
        rows = []
        for s in doc.sections:
            label = html.escape(s.label)
            name = f"<code>{html.escape(s.name)}</code> " if s.name else ""
            text = re.sub(r"^(error|std::\w+)(?=[\s;,]|$)", r"`\1`", s.text) if s.label == "Throws" else s.text
            rows.append(f'<dt>{label}</dt><dd>{name}{self.prose(text, header, scope, hidden, inline=True)}</dd>')
        return f'<dl class="sections">{"".join(rows)}</dl>' if rows else ""

    def explained(self, doc, header, d):
        scope, hidden = (*d.scope, d.name), {*d.parameters, *d.template}
        return self.prose(doc.text, header, scope, hidden) + self.sections(doc, header, scope, hidden)

    # --- declarations ----------------------------------------------------------------------------------------------
    def signature(self, declarations):
        scope = (*declarations[0].scope, declarations[0].name)
        if len(declarations) == 1 and declarations[0].signature in (f"struct {declarations[0].name}", f"class {declarations[0].name}"):
            return ""  # the heading says it
        text = "\n".join(wrapped(shortened(d)) for d in declarations)
        notes = '<span class="note">host and device</span>' if any(d.on_device for d in declarations) else ""
        hidden = {n for d in declarations for n in (*d.template, d.name)}
        return f'<pre class="signature">{notes}<code>{self.code.cpp(text, scope, hidden)}</code></pre>'

    def source_link(self, header, d):
        target = self.site.source_of(f"include/{header.included_as}")
        return f'<a class="source" href="{relative(page_of(header), target)}#L{d.line}">{header.path.name}:{d.line}</a>'

    def entry(self, entry, header, used):
        """One entity of a namespace, with its members."""
        first = entry[0][0]
        names = list(dict.fromkeys(d.name for group in entry for d in group))
        place = first.qualified.removeprefix("espalier::")
        title = place.removesuffix(names[0]) + ", ".join(names)
        out = [f'<section class="entity">{self._anchors([d for g in entry for d in g], used)}<h3><span class="kind">{kind_of(first)}</span> '
               f'{html.escape(title)}<a class="mark" href="#{html.escape(place)}" aria-label="link to this entity">#</a>{self.source_link(header, first)}</h3>']
        for group in entry:
            doc = docstrings.parsed(group[0].doc)
            out.append(self.signature(group) + self.explained(doc, header, group[0]))
        return "".join(out) + self.members(first, header, used) + "</section>"

    def _anchors(self, declarations, used):
        out = ""
        for d in declarations:
            place = d.qualified.removeprefix("espalier::")
            if place not in used:
                used.add(place)
                out += f'<a class="place" id="{html.escape(place)}"></a>'
        return out

    def members(self, owner, header, used):
        """The members of a class or an enum: enumerators and data in a table, types and functions one after the other."""
        rows, blocks = [], []
        for entry in groups_of(owner.members):
            for group in entry:
                doc = docstrings.parsed(group[0].doc)
                if group[0].kind in ("variable", "enumerator"):
                    rows += [self._row(d, docstrings.parsed(d.doc) if not d.shares else doc, header, used) for d in group]
                else:
                    inner = self.members(group[0], header, used)
                    bare = "" if doc.text or doc.sections or inner else " bare"
                    blocks.append(f'<div class="member{bare}">{self._anchors(group, used)}{self.signature(group)}'
                                  f'<div class="meaning">{self.explained(doc, header, group[0])}{inner}</div></div>')
        table = f'<div class="wide"><table class="data"><tbody>{"".join(rows)}</tbody></table></div>' if rows else ""
        return table + (f'<div class="members">{"".join(blocks)}</div>' if blocks else "")

    def _row(self, d, doc, header, used):
        scope = (*d.scope, d.name)
        value = f' <span class="value">= {self.code.cpp(short_value(d.value), scope, {d.name})}</span>' if d.value else ""
        kind = f'<td><code>{self.code.cpp(d.type, d.scope)}</code></td>' if d.kind == "variable" else ""
        meaning = self.prose(doc.text, header, scope, inline=True) + self.sections(doc, header, scope, ())
        return f"<tr><td>{self._anchors([d], used)}<code><b>{html.escape(d.name)}</b>{value}</code></td>{kind}<td>{meaning}</td></tr>"

    # --- pages -----------------------------------------------------------------------------------------------------
    def folder_page(self, folder):
        """(title, HTML, contents) of a folder's page."""
        headers = [h for h in self.library.headers if h.folder == folder]
        used, sections, rows, contents = set(), [], [], []
        for header in headers:
            entries = groups_of(header.declarations)
            where = relative(page_of(header), self.place_of(header))
            rows.append(f'<tr><td><a href="{where}"><code>{header.path}</code></a></td><td>{self.prose(header.doc.sentence, header, ("espalier",), inline=True)}</td></tr>')
            if not entries:
                continue
            contents.append((2, str(header.path), str(header.path).removeprefix(folder + "/")))
            source = relative(page_of(header), self.site.source_of(f"include/{header.included_as}"))
            sections.append(f'<h2 id="{header.path}"><code>{header.path}</code><a class="mark" href="#{header.path}" aria-label="link to this header">#</a></h2>'
                            f'{self.prose(header.doc.text, header, ("espalier",))}'
                            f'<pre class="include"><code>{self.code.cpp(f"#include <{header.included_as}>")}</code><a class="source" href="{source}">source</a></pre>')
            for entry in entries:
                sections.append(self.entry(entry, header, used))
                short = entry[0][0].qualified.removeprefix("espalier::")
                contents.append((3, short, ", ".join(dict.fromkeys(d.name for g in entry for d in g))))
        title = folder or "espalier"
        table = f'<div class="wide"><table class="headers"><tbody>{"".join(rows)}</tbody></table></div>'
        return title, f'<p class="crumb"><a href="index.html">Reference</a></p><h1>{title}</h1>{table}{"".join(sections)}', contents

    def index_page(self):
        """(title, HTML, contents) of the index of all names."""
        page, rows = "reference/index.html", []
        folders = "".join(f'<li><a href="{f}.html">{f}</a></li>' for f in self.library.folders)
        for n in self.names:
            if not n.is_member:
                space, _, last = n.short.rpartition("::")
                meaning = Renderer(code=lambda t: self.code.inline(t, ("espalier",))).inline(n.sentence)
                rows.append(f'<tr><td><a href="{html.escape(relative(page, n.place))}"><code>{html.escape(space + "::" if space else "")}<b>{html.escape(last)}</b></code></a></td>'
                            f'<td class="kind">{n.kind}</td><td>{meaning}</td></tr>')
        return "Reference", (f"<h1>Reference</h1><p>Made from the headers and their docstrings: a page a folder, each folder behind those that it may include."
                             f'</p><ul class="folders">{folders}</ul><h2 id="names">All names</h2><div class="wide"><table class="names"><tbody>{"".join(rows)}</tbody></table></div>'), []


def shortened(d):
    """A signature without an initial value that is too long to read."""
    if d.kind == "variable" and len(d.signature) > WIDTH and d.value:
        return d.signature[:d.signature.index(d.value[:20])].rstrip(" ={") + " = …;"
    return d.signature


def short_value(value):
    return value if len(value) <= 40 else "…"

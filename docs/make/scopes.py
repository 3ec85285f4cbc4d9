# SPDX-License-Identifier: BSL-1.0
"""Finds the public declarations of a header: their names, signatures, parameters and docstrings.

It reads declarations as this library writes them and passes over bodies and whatever is called detail. What the docstrings say is
docstrings.py's business.
"""
import re

from cpp_tokens import CLOSING, Header
from declaration import FILLERS, Declaration, is_detail, original_layout, parameter_name, readable, split_at_commas
from functions import function_or_variables

TYPES = ("class", "struct", "union")


class Scope:
    """Reads the declarations of one namespace or class, and those within."""

    def __init__(self, header, names=(), is_class=False, with_detail=False):
        self.header, self.tokens = header, header.tokens
        self.names, self.is_class, self.with_detail = names, is_class, with_detail
        self.found = []
        self.groups_begun = set()

    def read(self, first, last, public=True):
        i = first
        while i < last:
            text, after = self.tokens[i].text, self.tokens[i + 1].text if i + 1 < last else ""
            if self.tokens[i].kind == "directive":
                self._macro(i)
                i += 1
            elif text in ("public", "protected", "private") and after == ":":
                public = text == "public"
                i += 2
            elif text == "namespace" or (text == "inline" and after == "namespace"):
                i = self._namespace(i)
            elif text == ";":
                i += 1
            else:
                i = self._declaration(i, last, public)
        return self.found

    def _namespace(self, i):
        names = []
        while self.tokens[i].text not in ("{", ";", "="):
            if self.tokens[i].kind == "name" and self.tokens[i].text not in ("namespace", "inline"):
                names.append(self.tokens[i].text)
            i += 1
        if self.tokens[i].text != "{":
            return self.header.end_of_statement(i) + 1
        end = self.header.after(i)
        if self.with_detail or (names and not any(map(is_detail, names))):
            self.found += Scope(self.header, (*self.names, *names), with_detail=self.with_detail).read(i + 1, end - 1)
        return end

    def _macro(self, i):
        token = self.tokens[i]
        if match := re.match(r"#\s*define\s+(\w+)(\(([^)]*)\))?", token.text):
            names = [n.strip() for n in (match[3] or "").split(",") if n.strip()]
            self.found.append(Declaration("macro", match[1], token.line, match[1] + (match[2] or ""), doc=token.doc, parameters=names))

    def _declaration(self, first, last, public):
        i, template, heads = first, [], []
        while self.tokens[i].text == "template" and self.tokens[i + 1].text == "<":
            end = self.header.after_angles(i + 1)
            template += filter(None, (parameter_name(self.header, *r) for r in split_at_commas(self.header, i + 2, end - 1)))
            heads.append(self.header.slice(i, end))
            i = end
            if self.tokens[i].text == "requires":
                end = self.header.after_constraint(i + 1)
                heads.append("    " + self.header.slice(i, end))
                i = end
        made, end = self._after_head(i, last)
        if public and made:
            self._keep(first, made, end, template, heads)
        return end

    def _after_head(self, i, last):
        """What stands behind the template's head: the declarations that it makes, and the index behind it."""
        j = i
        while self.tokens[j].text == "[" or self.tokens[j].text in FILLERS or self.tokens[j].text.startswith("ESPALIER_"):
            j = self.header.after(j) if self.tokens[j].text == "[" else j + 1
            if self.tokens[j].text == "(":
                j = self.header.after(j)
        text = self.tokens[j].text
        if text in ("static_assert", "typedef") or (text in ("template", "extern") and self.tokens[i].text == text):
            return [], self.header.end_of_statement(j) + 1
        if text in ("using", "concept"):
            return self._alias_or_concept(j)
        if text in TYPES or text == "enum":
            if found := self._type(i, j):
                return found  # otherwise `struct x` only begins a variable's or a function's type
        return function_or_variables(self, i, j, last)

    def _alias_or_concept(self, i):
        end = self.header.end_of_statement(i)
        if self.tokens[i + 2].text not in ("=", "["):  # using base::base; using enum …; using namespace …;
            return [], end + 1
        kind = "alias" if self.tokens[i].text == "using" else "concept"
        signature = self.header.slice(i, end) + ";"
        if kind == "concept":
            signature = original_layout(self.header.text, self.tokens[i].start, self.tokens[end].end)
        return [Declaration(kind, self.tokens[i + 1].text, self.tokens[i].line, signature, self.names)], end + 1

    def _type(self, first, i):
        """A class, struct, union or enum and what is declared with it; None where `struct x` only begins a variable's type."""
        is_enum = self.tokens[i].text == "enum"
        if is_enum and self.tokens[i + 1].text in TYPES:
            i += 1
        i += 1
        name, path, head_end = "", [], None
        while self.tokens[i].text not in ("{", ";", ":"):
            token = self.tokens[i]
            if token.text == "[":
                i = self.header.after(i)
            elif token.text == "<":
                i = self.header.after_angles(i)
            elif token.kind == "name" and (token.text == "final" or token.text.startswith("ESPALIER_") or token.text == "alignas"):
                i = self.header.after(i + 1) if self.tokens[i + 1].text == "(" else i + 1
            elif token.kind == "name" and (not name or self.tokens[i - 1].text == "::"):
                path, name = (path + [name] if name else path), token.text
                i += 1
            elif token.text == "::":
                i += 1
            else:
                return None
            head_end = i
        signature = self.header.slice(first, head_end)
        made = Declaration("enum" if is_enum else "class", name, self.tokens[first].line, signature, (*self.names, *path))
        if self.tokens[i].text == ";":
            made.forward = True
            return [] if self.tokens[first].text == "friend" else [made], i + 1
        head_end = i
        while self.tokens[i].text != "{":
            i = self.header.after_angles(i) if self.header.opens_angles(i) else i + 1
        bases = self.header.slice(head_end, i)
        if "detail::" not in bases and len(bases) < 100 and bases:
            made.signature += " " + bases
        end = self.header.after(i)
        if is_enum:
            made.members = list(self._enumerators(i + 1, end - 1, (*made.scope, name)))
        else:
            inner = Scope(self.header, (*made.scope, name), is_class=True)
            made.members = inner.read(i + 1, end - 1, "class" not in made.signature.split("<")[0].split())
        stop = self.header.end_of_statement(end)
        if stop == end:
            return [made], end + 1
        field = Declaration("variable", self.tokens[end].text, self.tokens[end].line, "", self.names, type=name)
        field.value = self.header.slice(end + 2, stop) if self.tokens[end + 1].text == "=" else ""
        return [made, field], stop + 1

    def _enumerators(self, first, last, names):
        for begin, end in split_at_commas(self.header, first, last):
            token = self.tokens[begin]
            value = self.header.slice(begin + 2, end) if end - begin > 2 else ""
            doc = token.doc or self._behind(begin, min(end + 1, last))
            yield Declaration("enumerator", token.text, token.line, token.text, names, doc=doc, value=value)

    def _behind(self, first, last):
        """The docstring behind the declaration of tokens first … last − 1."""
        text = self.header.behind.get(self.tokens[last - 1].line)
        return [text] if text and (first == 0 or self.tokens[last - 1].line >= self.tokens[first].line) else []

    def _keep(self, first, made, end, template, heads):
        """Adds declarations to those found, with the docstring before them or behind."""
        token = self.tokens[first]
        doc = token.doc or self._behind(first, end)
        if token.group and token.group not in self.groups_begun:
            self.groups_begun.add(token.group)
            shares = False
        else:
            before = self.found[-1] if self.found else None
            adjacent = before and not token.gap and not doc and (before.doc or before.shares) and before.kind == made[0].kind
            if self.is_class:
                adjacent = adjacent and before.name == made[0].name != self.names[-1]
            shares = bool(token.group) or bool(adjacent and made[0].kind in ("function", "variable"))
        if not doc and not shares and any(is_same_function(d, made[0]) for d in self.found):
            return  # the definition of what was declared, and explained, before
        for number, d in enumerate(made):
            d.doc = doc if number == 0 or d.kind == "variable" else []
            d.template = template
            d.shares = shares
            if len(made) > 1 and made[0].kind in ("class", "enum"):
                d.doc = doc
            if heads:
                d.signature = "\n".join([*heads, d.signature])
            d.on_device = "ESPALIER_HOST_DEVICE" in d.signature
            d.signature, d.type = readable(d.signature), readable(d.type)
            self.found.append(d)


def is_same_function(one, other):
    return one.kind == other.kind == "function" and (one.name, one.parameter_types) == (other.name, other.parameter_types) and bool(one.doc or one.shares)


def read_header(text, with_detail=False):
    """The header's file docstring (lines) and its public declarations, those of detail namespaces only if asked for."""
    header = Header(text)
    return header.file_doc, Scope(header, with_detail=with_detail).read(0, len(header.tokens))

# SPDX-License-Identifier: BSL-1.0
"""Colours code, and makes the names of the library in it links to their reference.

C++ is read by its tokens; of other languages only comments are told apart.
"""
import html
import re

from cpp_tokens import raw_tokens

KEYWORDS = frozenset("""alignas alignof auto bool break case catch char class concept const consteval constexpr constinit const_cast
    continue decltype default delete do double dynamic_cast else enum explicit extern false final float for friend if inline int long
    mutable namespace new noexcept nullptr operator override private protected public reinterpret_cast requires return short signed
    sizeof static static_assert static_cast struct switch template this throw true try typedef typename union unsigned using virtual
    void volatile while""".split())
NOT_TYPES = KEYWORDS - frozenset("auto bool char double float int long short signed unsigned void".split())
COLOURS = {"comment": "c", "doc": "c", "doc_behind": "c", "string": "s", "character": "s", "number": "n", "directive": "d"}
COMMENT = re.compile(r"(^|\s)#(?!include|define).*$", re.MULTILINE)
INCLUDED = re.compile(r"<(espalier/[\w/.]+)>")


def span(kind, text):
    return f'<span class="{kind}">{html.escape(text, quote=False)}</span>'


class Code:
    """Colours code; `names` resolves what is a name of the library, `header` gives the page of an included header or None."""

    def __init__(self, names, href, header=lambda path: None):
        self.names, self.href, self.header = names, href, header

    def block(self, language, text, scope=()):
        if language in ("cpp", "c++", "hpp", "cuh"):
            return self.cpp(text, scope)
        if language in ("bash", "sh", "cmake", "python", "py", "yaml"):
            out, end = "", 0
            for m in COMMENT.finditer(text):
                out += html.escape(text[end:m.start()], quote=False) + span("c", m[0])
                end = m.end()
            return out + html.escape(text[end:], quote=False)
        return html.escape(text, quote=False)

    def inline(self, text, scope=(), hidden=()):
        """Code within prose: one name alone is linked whatever follows it."""
        bare = re.match(r"^([A-Za-z_][\w:]*)(\(\))?$", text)
        if bare and bare[1] not in hidden and (entity := self.names.resolve(bare[1], scope)):
            return f'<a href="{html.escape(self.href(entity))}">{html.escape(text)}</a>'
        return self.cpp(text, scope, hidden, colours=False)

    def cpp(self, text, scope=(), hidden=(), colours=True):
        tokens = list(raw_tokens(text))
        out, i = [], 0
        while i < len(tokens):
            token = tokens[i]
            if token.kind == "name" and token.text not in KEYWORDS:
                end = i + 1
                while end + 1 < len(tokens) and tokens[end].text == "::" and tokens[end + 1].kind == "name":
                    end += 2
                path = "".join(t.text for t in tokens[i:end])
                entity = None if path in hidden else self.names.resolve(path, scope)
                if entity and self._is_use(tokens, i, end, entity):
                    out.append(f'<a href="{html.escape(self.href(entity))}">{html.escape(path)}</a>')
                else:
                    out.append(html.escape(path))
                i = end
                continue
            if token.kind == "directive" and (m := INCLUDED.search(token.text)) and (page := self.header(m[1])):
                before, after = token.text[:m.start(1)], token.text[m.end(1):]
                out.append(span("d", before) + f'<a class="d" href="{html.escape(page)}">{m[1]}</a>' + span("d", after))
            elif colours and token.kind in COLOURS:
                out.append(span(COLOURS[token.kind], token.text))
            elif colours and token.kind == "name":
                out.append(span("k", token.text))
            else:
                out.append(html.escape(token.text, quote=False))
            i += 1
        return "".join(out)

    @staticmethod
    def _is_use(tokens, i, end, entity):
        """Whether a name in code stands for the library's entity, and is no variable, member or parameter of the same name."""
        before = next((t for t in reversed(tokens[:i]) if t.kind != "space"), None)
        after = next((t.text for t in tokens[end:] if t.kind != "space"), "")
        if before and (before.text in (".", "->", "::") or (before.kind == "name" and before.text not in NOT_TYPES)):
            return False
        if end - i > 1:
            return True
        if before and before.text in ("&", "*", ">", "&&", "...") and after in (",", ")", ";", "=", "{", "["):
            return False
        if entity.kind == "function":
            return after in ("(", "<")
        if entity.kind == "class" and entity.template:
            return after in ("<", "{")
        return after not in (".", "->", "[", "=")

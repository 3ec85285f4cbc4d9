# SPDX-License-Identifier: BSL-1.0
"""Cuts C++ into tokens, and gives each the docstring before and behind it.

It knows no grammar beyond the token: what a declaration is stands in declarations.py. Of the branches of an #if the first is
read, so that braces stay paired.
"""
import dataclasses
import re

PATTERN = re.compile(r'''
    (?P<doc_behind> ///< [^\n]* )
  | (?P<doc>        ///(?!/) [^\n]* )
  | (?P<comment>    // [^\n]* | /\*.*?\*/ )
  | (?P<string>     (?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*" )
  | (?P<character>  '(?:\\.|[^'\\\n])+' )
  | (?P<number>     \.?\d(?:[eEpP][+-]|'(?=\w)|[\w.])* )
  | (?P<name>       [A-Za-z_]\w* )
  | (?P<directive>  \#(?:\\\n|(?!//)[^\n])* )
  | (?P<sign>       <=> | ->\*? | :: | \.\.\. | && | \|\| | [<>=!+\-*/%^&|]= | \+\+ | -- | << | [^\s\w] )
  | (?P<space>      \s+ )
''', re.VERBOSE | re.DOTALL)

CONDITION = re.compile(r"#\s*(if|ifdef|ifndef|elif|else|endif)\b\s*(\w*)")
CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclasses.dataclass
class Token:
    kind: str
    text: str
    start: int
    end: int
    line: int
    doc: list = dataclasses.field(default_factory=list)  # lines of the docstring before it
    gap: bool = False    # an empty line or a docstring stands before it
    group: int = 0       # number of the `@name … @{ … @}` group that it stands in, 0: none


def raw_tokens(text):
    """Every token with its line, white space and comments included."""
    line = 1
    for match in PATTERN.finditer(text):
        yield Token(match.lastgroup if match.lastgroup != "mark" else "string", match[0], match.start(), match.end(), line)
        line += match[0].count("\n")


def first_branches(tokens):
    """The tokens without those of #elif and #else, and of `#if 0`."""
    skipping, depth = [], 0
    for token in tokens:
        if token.kind == "directive" and (match := CONDITION.match(token.text)):
            if match[1].startswith("if"):
                skipping.append(match[2] == "0" and match[1] == "if")
            elif match[1] == "endif":
                if skipping:
                    skipping.pop()
            elif skipping:
                skipping[-1] = not (skipping[-1] and match[1] == "else")
            continue
        if not any(skipping):
            yield token


class Header:
    """A header's tokens that mean something, its file docstring, and the docstrings behind lines."""

    def __init__(self, text):
        self.text = text
        self.tokens = []
        self.file_doc = []
        self.behind = {}  # line -> text of ///<
        self._read()

    def _read(self):
        doc, gap, group, groups, last_behind = [], False, 0, 0, None
        fresh = True  # nothing but white space on this line yet
        for token in first_branches(raw_tokens(self.text)):
            if token.kind == "space":
                gap = gap or token.text.count("\n") > 1
                if token.text.count("\n") > 1 and doc and doc[0] == "@file":
                    self.file_doc, doc = doc[1:], []
                fresh = fresh or "\n" in token.text
                continue
            if token.kind == "doc_behind":
                text = token.text[4:].strip()
                if fresh and last_behind is not None:
                    self.behind[last_behind] += " " + text
                else:
                    last_behind = token.line
                    self.behind[last_behind] = text
            elif token.kind == "doc":
                line = token.text[3:].removeprefix(" ").rstrip()
                if line.strip() == "@}":
                    group = 0
                elif line.strip() == "@{":
                    groups += 1
                    group = groups
                else:
                    doc.append(line)
                gap = True
            elif token.kind == "comment":
                pass
            elif token.kind == "directive":
                if doc and doc[0] == "@file":
                    self.file_doc, doc = doc[1:], []
                token.doc, token.gap, token.group = doc, gap, group
                if doc:
                    self.tokens.append(token)
                doc, gap = [], True
            else:
                token.doc, token.gap, token.group = doc, gap, group
                doc, gap = [], False
                self.tokens.append(token)
            fresh = False

    def after(self, index):
        """The index behind the bracket that opens at `index`, whichever kind it is."""
        opening = self.tokens[index].text
        closing = CLOSING[opening]
        depth = 0
        for i in range(index, len(self.tokens)):
            text = self.tokens[i].text
            if self.tokens[i].kind != "sign":
                continue
            depth += (text == opening) - (text == closing)
            if depth == 0:
                return i + 1
        raise SyntaxError(f"line {self.tokens[index].line}: '{opening}' is never closed")

    def after_angles(self, index):
        """The index behind the template brackets that open at `index`."""
        depth, i = 0, index
        while i < len(self.tokens):
            text = self.tokens[i].text
            if text in CLOSING:
                i = self.after(i)
                continue
            depth += (text == "<") - (text == ">")
            i += 1
            if depth == 0:
                return i
        raise SyntaxError(f"line {self.tokens[index].line}: '<' is never closed")

    def end_of_statement(self, i):
        """The index of the next ';' that stands in no brackets."""
        while self.tokens[i].text != ";":
            i = self.after(i) if self.tokens[i].text in CLOSING else i + 1
        return i

    def after_constraint(self, i):
        """The index behind the constraint that begins at `i`: terms joined by && and ||."""
        while True:
            while self.tokens[i].text == "!":
                i += 1
            if self.tokens[i].text == "requires":
                i = self.after(i + 1)
                if self.tokens[i - 1].text == ")":
                    i = self.after(i)
            elif self.tokens[i].text == "(":
                i = self.after(i)
            else:
                i += 1
                while self.tokens[i].text in ("::", "<") or self.tokens[i - 1].text == "::":
                    i = self.after_angles(i) if self.tokens[i].text == "<" else i + 1
            if self.tokens[i].text not in ("&&", "||"):
                return i
            i += 1

    def opens_angles(self, index):
        """Whether the '<' at `index` opens template arguments: it stands right behind a name, as clang-format writes it."""
        before = self.tokens[index - 1]
        return self.tokens[index].text == "<" and before.kind == "name" and before.end == self.tokens[index].start

    def slice(self, first, last):
        """The text of tokens first … last − 1, comments left out, white space of any length one space."""
        out, end = "", None
        for token in self.tokens[first:last]:
            if end is not None and token.start > end:
                out += " "
            out, end = out + token.text, token.end
        return out

# SPDX-License-Identifier: BSL-1.0
"""Renders the Markdown that the documents use: headings, paragraphs, lists, tables, code, quotes, links, images, emphasis.

Links, code and headings are handed to the caller's functions; HTML in documents is shown as text, comments are left out.
"""
import html
import re

FENCE = re.compile(r"^(\s*)```\s*(\w*)\s*$")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
ITEM = re.compile(r"^(\s*)([-*+]|\d+[.)])(\s+)(?=\S)")
RULE = re.compile(r"^\s*([-*_])(\s*\1){2,}\s*$")
DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
FROM = re.compile(r"<!-- from (\S+) -->")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
WEB = re.compile(r"<(https?://[^>\s]+)>")
STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*(?!\*)", re.DOTALL)
EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])", re.DOTALL)


def anchor(text, taken=()):
    """The name that a heading is linked by, as GitHub makes it."""
    kept = "".join(c for c in text.lower() if c.isalnum() or c in " -_").strip().replace(" ", "-")
    made, number = kept, 0
    while made in taken:
        number += 1
        made = f"{kept}-{number}"
    return made


def plain(text):
    """The text without its marks."""
    text = LINK.sub(lambda m: m[2], CODE.sub(lambda m: m[2], text))
    return EMPHASIS.sub(r"\1", STRONG.sub(r"\1", text))


class Renderer:
    """Renders one document; `headings` then holds (level, anchor, text) of each."""

    def __init__(self, link=lambda href: href, code=html.escape, block=None):
        self.link, self.code = link, code
        self.block = block or (lambda language, text, source: f"<pre><code>{html.escape(text)}</code></pre>")
        self.headings = []

    def render(self, text):
        return self._blocks(text.split("\n"))

    # --- blocks ----------------------------------------------------------------------------------------------------
    def _blocks(self, lines):
        out, i, source = [], 0, None
        while i < len(lines):
            line = lines[i]
            if not line.strip():
                i += 1
            elif line.lstrip().startswith("<!--"):
                source = match[1] if (match := FROM.match(line.strip())) else None
                while "-->" not in lines[i] and i + 1 < len(lines):
                    i += 1
                i += 1
                continue
            elif match := FENCE.match(line):
                end = next((k for k in range(i + 1, len(lines)) if FENCE.match(lines[k]) and not FENCE.match(lines[k])[2]), len(lines))
                indent = len(match[1])
                body = [text[indent:] if not text[:indent].strip() else text for text in lines[i + 1:end]]
                out.append(self.block(match[2], "\n".join(body), source))
                i = end + 1
            elif match := HEADING.match(line):
                out.append(self._heading(len(match[1]), match[2]))
                i += 1
            elif RULE.match(line):
                out.append("<hr>")
                i += 1
            elif line.startswith(">"):
                end = next((k for k in range(i, len(lines)) if not lines[k].startswith(">")), len(lines))
                out.append("<blockquote>" + self._blocks([text[1:].removeprefix(" ") for text in lines[i:end]]) + "</blockquote>")
                i = end
            elif "|" in line and i + 1 < len(lines) and DELIMITER.match(lines[i + 1]):
                end = next((k for k in range(i + 2, len(lines)) if "|" not in lines[k]), len(lines))
                out.append(self._table(lines[i:end]))
                i = end
            elif ITEM.match(line):
                i = self._list(lines, i, out)
            elif line.startswith("    "):
                end = next((k for k in range(i, len(lines)) if lines[k].strip() and not lines[k].startswith("    ")), len(lines))
                out.append(self.block("text", "\n".join(text[4:] for text in lines[i:end]).rstrip(), None))
                i = end
            else:
                end = i + 1
                while end < len(lines) and lines[end].strip() and not self._interrupts(lines, end):
                    end += 1
                out.append("<p>" + self.inline("\n".join(text.strip() for text in lines[i:end])) + "</p>")
                i = end
            source = None
        return "\n".join(out)

    @staticmethod
    def _interrupts(lines, i):
        """Whether line i ends a paragraph that it follows. A number does only if it is 1: prose may have one at a line's start."""
        item = ITEM.match(lines[i])
        return bool(FENCE.match(lines[i]) or HEADING.match(lines[i]) or lines[i].startswith((">", "<!--"))
                    or (item and (not item[2][0].isdigit() or item[2] in ("1.", "1)")))
                    or ("|" in lines[i] and i + 1 < len(lines) and DELIMITER.match(lines[i + 1])))

    def _heading(self, level, text):
        name = anchor(plain(text), {n for _, n, _ in self.headings})
        self.headings.append((level, name, plain(text)))
        mark = f'<a class="mark" href="#{name}" aria-label="link to this section">#</a>' if level > 1 else ""
        return f'<h{level} id="{name}">{self.inline(text)}{mark}</h{level}>'

    def _table(self, lines):
        def cells(line):
            line = line.strip().removeprefix("|")
            line = line.removesuffix("|") if not line.endswith("\\|") else line
            return [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line)]

        aligned = ["right" if c.endswith(":") and not c.startswith(":") else "center" if c.endswith(":") and c.startswith(":") else ""
                   for c in cells(lines[1])]

        def row(line, tag):
            parts = cells(line)[:len(aligned)]
            parts += [""] * (len(aligned) - len(parts))
            styled = (f'<{tag}{f" class={a}" if a else ""}>{self.inline(c)}</{tag}>' for c, a in zip(parts, aligned))
            return "<tr>" + "".join(styled) + "</tr>"

        head = f"<thead>{row(lines[0], 'th')}</thead>" if any(cells(lines[0])) else ""
        body = "".join(row(line, "td") for line in lines[2:])
        return f'<div class="wide"><table>{head}<tbody>{body}</tbody></table></div>'

    def _list(self, lines, i, out):
        """Renders the list that begins at line i; gives the index behind it."""
        first = ITEM.match(lines[i])
        indent, ordered = len(first[1]), first[2][0].isdigit()
        items, loose = [], False
        while i < len(lines):
            match = ITEM.match(lines[i])
            if not match or len(match[1]) != indent or match[2][0].isdigit() != ordered:
                break
            width = match.end()
            item, i = [lines[i][width:]], i + 1
            while i < len(lines):
                line = lines[i]
                if not line.strip():
                    follows = next((text for text in lines[i:] if text.strip()), "")
                    if len(follows) - len(follows.lstrip()) < width:
                        break
                elif len(line) - len(line.lstrip()) < width and (ITEM.match(line) or not item[-1].strip() or self._interrupts(lines, i)):
                    break
                item.append(line[width:] if not line[:width].strip() else line.strip())
                i += 1
            items.append(item)
            end = i
            while i < len(lines) and not lines[i].strip():
                i += 1
            again = ITEM.match(lines[i]) if i < len(lines) else None
            if not again or len(again[1]) != indent:
                i = end
                break
            loose = loose or i > end
        tag = "ol" if ordered else "ul"
        start = f' start="{int(first[2][:-1])}"' if ordered and first[2][:-1] != "1" else ""
        rendered = (self._blocks(item) for item in items)
        if not loose:
            rendered = (re.sub(r"^<p>(.*?)</p>", r"\1", text, count=1, flags=re.DOTALL) for text in rendered)
        out.append(f"<{tag}{start}>" + "".join(f"<li>{text}</li>" for text in rendered) + f"</{tag}>")
        return i

    # --- within a line ---------------------------------------------------------------------------------------------
    def inline(self, text):
        """Text with its marks rendered. What is done already is kept aside, so that nothing is rendered twice."""
        kept = []

        def keep(rendered):
            kept.append(rendered)
            return f"\x00{len(kept) - 1}\x00"

        def link(match):
            if match[1]:
                return keep(f'<img src="{html.escape(self.link(match[3]))}" alt="{html.escape(plain(match[2]))}">')
            return keep(f'<a href="{html.escape(self.link(match[3]))}">') + match[2] + keep("</a>")

        text = re.sub(r"\\([\\`*_{}\[\]()#+.!|<>-])", lambda m: keep(html.escape(m[1])), CODE.sub(
            lambda m: keep(f"<code>{self.code(m[2].strip() if len(m[1]) > 1 else m[2])}</code>"), text))
        text = LINK.sub(link, text)
        text = WEB.sub(lambda m: keep(f'<a href="{html.escape(m[1])}">{html.escape(m[1])}</a>'), text)
        text = html.escape(text, quote=False)
        text = EMPHASIS.sub(r"<em>\1</em>", STRONG.sub(r"<strong>\1</strong>", text))
        while "\x00" in text:
            text = re.sub("\x00(\\d+)\x00", lambda m: kept[int(m[1])], text)
        return text

# SPDX-License-Identifier: BSL-1.0
"""The frame that every page of the site has: navigation, the page's own contents, search, and where links lead.

What stands in the frame is made by pages.py, reference.py and sources.py.
"""
import html
import json
import pathlib
import posixpath

ASSETS = pathlib.Path(__file__).parent
LOGO = ('<svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round"><path class="wire" d="M2 8h28M2 16h28M2 24h28"/>'
        '<path d="M16 31V4M16 28q-1-4-6-4H5M16 28q1-4 6-4h5M16 20q-1-4-6-4H6M16 20q1-4 6-4h4M16 12q-1-4-5-4H8M16 12q1-4 5-4h3"/></g></svg>')


def relative(origin, target):
    """The link from one page of the site to another, with its anchor."""
    path, mark, name = target.partition("#")
    if path == origin and mark:
        return mark + name
    return posixpath.relpath(path, posixpath.dirname(origin) or ".") + mark + name


class Frame:
    """Puts pages into their frame. `groups` is the navigation: (title, [(label, page)])."""

    def __init__(self, out, groups):
        self.out, self.groups = out, groups

    def write(self, path, title, body, contents=(), wide=False):
        """Writes one page. `contents` are (level, anchor, text) of its headings."""
        link = lambda target: html.escape(relative(path, target))
        inner = [(level, name, text) for level, name, text in contents if level in (2, 3)]
        aside = ""
        if len(inner) > 1:
            aside = '<nav class="contents" aria-label="on this page"><p>On this page</p><ul>' + "".join(
                f'<li class="level{level}"><a href="#{html.escape(name)}">{html.escape(text)}</a></li>' for level, name, text in inner) + "</ul></nav>"
        text = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{html.escape(title)}{"" if title == "espalier" else " – espalier"}</title>
<link rel="stylesheet" href="{link('site.css')}">
</head>
<body class="{'wide-page' if wide else 'text-page'}{'' if aside else ' no-contents'}">
<a class="skip" href="#main">Skip to the text</a>
<nav class="site" id="site" aria-label="site">
<a class="brand" href="{link('index.html')}">{LOGO}<span>espalier</span></a>
<div class="search" hidden><input type="search" placeholder="Search names" aria-label="Search names" autocomplete="off"><kbd>/</kbd><ol></ol></div>
{self._navigation(path, link)}
</nav>
<main id="main"><a class="to-site" href="#site">Contents</a>
{body}
</main>
{aside}
<script src="{link('names.js')}" defer></script>
<script src="{link('search.js')}" data-root="{link('index.html').removesuffix('index.html')}" defer></script>
</body>
</html>
"""
        place = self.out / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def _navigation(self, path, link):
        out = []
        for title, entries in self.groups:
            items = "".join(f'<li><a href="{link(page)}"{" aria-current=page" if page == path else ""}>{html.escape(label)}</a></li>'
                            for label, page in entries)
            out.append(f"<p>{html.escape(title)}</p><ul>{items}</ul>")
        return "\n".join(out)

    def write_assets(self, names):
        """Writes the style, the search, and the names that it searches."""
        for asset in ("site.css", "search.js"):
            (self.out / asset).write_text((ASSETS / asset).read_text(encoding="utf-8"), encoding="utf-8")
        rows = [[n.short, n.kind, n.place, n.sentence, 1 if n.is_member else 0] for n in names]
        (self.out / "names.js").write_text("const names = " + json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + ";\n", encoding="utf-8")

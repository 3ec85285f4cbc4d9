# SPDX-License-Identifier: BSL-1.0
"""Pages for the files and folders that documents link to: the text with numbered lines, or a list of what is there."""
import html

from frame import relative


def source_page(root, path, page, code, reference=None):
    """The HTML of a file's page."""
    text = (root / path).read_text(encoding="utf-8")
    language = {".hpp": "cpp", ".cpp": "cpp", ".cuh": "cpp", ".cu": "cpp", ".py": "python", ".cmake": "cmake", ".sh": "bash"}.get(path.suffix)
    if path.name == "CMakeLists.txt":
        language = "cmake"
    elif language is None and text.startswith("#!"):
        language = "bash"
    lines = code.block(language or "text", text.rstrip("\n"), ("espalier",)).split("\n")
    numbered = "\n".join(f'<span class="line" id="L{i}">{line}</span>' for i, line in enumerate(lines, start=1))
    crumb = f'<p class="crumb"><a href="{html.escape(relative(page, reference))}">Reference of this header</a></p>' if reference else ""
    return f'{crumb}<h1><code>{html.escape(str(path))}</code></h1><pre class="file"><code>{numbered}</code></pre>'


def folder_page(root, folder, page, page_of):
    """The HTML of a folder's page: every file below it."""
    rows = []
    for path in sorted(p.relative_to(root) for p in (root / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        target = page_of(path.as_posix())
        name = html.escape(path.relative_to(folder).as_posix())
        rows.append(f'<li><a href="{html.escape(relative(page, target))}"><code>{name}</code></a></li>' if target else f"<li><code>{name}</code></li>")
    return f'<h1><code>{html.escape(folder)}/</code></h1><ul class="files">{"".join(rows)}</ul>'

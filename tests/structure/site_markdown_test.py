#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows how the Markdown of the documents is rendered; expected HTML is what CommonMark and GitHub's tables give."""
import html
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs" / "make"))
import links  # noqa: E402
import markdown  # noqa: E402


def rendered(text):
    return markdown.Renderer().render(text)


class Markdown(unittest.TestCase):
    def test_paragraphs_emphasis_and_code(self):
        self.assertEqual("<p>a <em>b</em> <strong>c <em>d</em></strong> <code>e * f_g</code> 2*3*4 x_y_z</p>",
                         rendered("a *b* **c *d*** `e * f_g` 2*3*4 x_y_z"))
        self.assertEqual("<p>a &lt; b &amp; <code>x &lt; y</code></p>", rendered("a < b & `x < y`"))
        self.assertEqual("<p><code>a`b</code> *not*</p>", rendered("``a`b`` \\*not\\*"))

    def test_links_and_images(self):
        self.assertEqual('<p><a href="a.md#b">a <code>b</code></a> <img src="c.svg" alt="d"> <a href="https://e.f">https://e.f</a></p>',
                         rendered("[a `b`](a.md#b) ![d](c.svg) <https://e.f>"))
        self.assertEqual("<p><code>[a](b)</code></p>", rendered("`[a](b)`"))

    def test_headings_have_the_names_that_the_check_of_links_knows(self):
        renderer = markdown.Renderer()
        renderer.render("# What it's for, in `3` words\n\n## Same\n\n## Same\n")
        self.assertEqual([(1, "what-its-for-in-3-words"), (2, "same"), (2, "same-1")], [h[:2] for h in renderer.headings])
        self.assertEqual(links.anchor("What it's for, in `3` words"), renderer.headings[0][1])

    def test_tables(self):
        text = "| a | n |\n|---|--:|\n| `x \\| y` | 1 |\n| b |\n\nafter"
        self.assertEqual('<div class="wide"><table><thead><tr><th>a</th><th class=right>n</th></tr></thead><tbody>'
                         '<tr><td><code>x | y</code></td><td class=right>1</td></tr><tr><td>b</td><td class=right></td></tr></tbody></table></div>\n<p>after</p>', rendered(text))
        self.assertNotIn("<thead>", rendered("| | |\n|---|---|\n| a | b |"))

    def test_lists_nest_and_go_on(self):
        self.assertEqual("<ul><li>a\nb</li><li>c\n<ul><li>d</li></ul></li></ul>\n<p>e</p>", rendered("- a\n  b\n- c\n  - d\n\ne"))
        self.assertEqual("<ol><li>a\nlazy</li><li>b</li></ol>", rendered("1. a\nlazy\n2. b"))
        self.assertEqual("<ul><li><p>a</p></li><li><p>b</p></li></ul>", rendered("- a\n\n- b"))
        self.assertEqual('<ol start="3"><li>c</li></ol>', rendered("3. c"))

    def test_code_in_a_list_keeps_to_its_item(self):
        self.assertEqual("<ol><li>a\n<pre><code>x\n  y</code></pre>\n<p>b</p></li></ol>", rendered("1. a\n\n   ```\n   x\n     y\n   ```\n\n   b").replace("<li><p>a</p>", "<li>a"))

    def test_a_number_at_the_start_of_a_line_of_prose_begins_no_list(self):
        self.assertEqual("<p>multiples of\n16. The rank</p>", rendered("multiples of\n16. The rank"))

    def test_quotes_rules_and_comments(self):
        self.assertEqual("<blockquote><p><em>e</em>: a\nb</p></blockquote>\n<hr>\n<p>c</p>", rendered("> *e*: a\n> b\n\n---\n<!-- no\nno -->\nc"))

    def test_blocks_of_code_know_their_language_and_their_file(self):
        seen = []
        renderer = markdown.Renderer(block=lambda *given: seen.append(given) or "B")
        self.assertEqual("B\nB", renderer.render("<!-- from examples/a.cpp -->\n```cpp\nint a;\n\n# no heading\n```\n```\nx\n```"))
        self.assertEqual([("cpp", "int a;\n\n# no heading", "examples/a.cpp"), ("", "x", None)], seen)

    def test_nothing_of_a_document_is_html(self):
        self.assertEqual(f"<p>{html.escape('<script>x</script>')}</p>", rendered("<script>x</script>"))


if __name__ == "__main__":
    unittest.main()

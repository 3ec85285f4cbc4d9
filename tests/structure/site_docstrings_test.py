#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows how docstrings are parted into prose and sections, and that faults in them are found with their place."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs" / "make"))
import docstrings  # noqa: E402
import library  # noqa: E402


def parsed(text):
    return docstrings.parsed(text.split("\n"))


class Docstrings(unittest.TestCase):
    def library_of(self, files):
        """The library of a tree of {header: text}."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder) / "espalier" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return library.read(pathlib.Path(folder))

    def faults(self, text):
        return self.library_of({"core/a.hpp": f"/// @file\n/// Holds a.\n\n{text}\n"}).faults

    def test_sections_end_at_the_next_one_or_at_an_empty_line(self):
        doc = parsed("Does a thing.\nMore of it.\n@par Shapes    x (B,T);\n               y (B)\n@param n  how many\n@throws bad where\n        it is\n\nAfter.")
        self.assertEqual([("Shapes", "", "x (B,T); y (B)"), ("Parameter", "n", "how many"), ("Throws", "", "bad where it is")],
                         [(s.label, s.name, s.text) for s in doc.sections])
        self.assertEqual("Does a thing.\nMore of it.\n\nAfter.", doc.text)

    def test_the_sentence_ends_where_a_new_one_begins(self):
        for text, sentence in [("One 1.5 thing. Two.", "One 1.5 thing."), ("No stop", "No stop"), ("A list:\n- x", "A list: - x"),
                               ("Of files.\n`x` is next.", "Of files."), ("First\n\nSecond.", "First")]:
            self.assertEqual(sentence, parsed(text).sentence, text)

    def test_pictures_in_characters_are_fenced_and_lists_are_not(self):
        self.assertEqual("A picture:\n```text\n    a -> b\n      -> c\n```\nEnd.", parsed("A picture:\n    a -> b\n      -> c\nEnd.").text)
        for text in ["- an item\n  that goes on", "```\n   code\n```"]:
            self.assertEqual(text, parsed(text).text)

    def test_commands_within_a_block_of_code_are_text(self):
        self.assertEqual([], parsed("```\n@par Nothing\n```").faults)

    def test_unknown_sections_and_empty_ones_are_faults(self):
        self.assertEqual(1, len(parsed("@par Speed  quick").faults))
        self.assertEqual(["@since is no command of these docstrings"], parsed("@since 1").faults)
        self.assertEqual(["Cost says nothing", "Parameter x says nothing"], parsed("@par Cost\n@param x").faults)

    def test_parameters_must_be_there(self):
        self.assertEqual([], self.faults("/// Adds.\n/// @tparam T  any\n/// @param a, b  both\ntemplate <class T>\nT add(T a, T b);"))
        self.assertEqual(["espalier/core/a.hpp:7: f: @param y names no parameter"], self.faults("/// Is.\n/// @param y  no\n\nint f(int x);"))
        self.assertEqual(["espalier/core/a.hpp:7: s: @tparam U names no parameter"],
                         self.faults("/// Is.\n/// @tparam U  no\ntemplate <class T>\nstruct s;"))

    def test_faults_of_members_and_of_files_are_found(self):
        self.assertEqual(["espalier/core/a.hpp:7: s::f: @par Speed is none of Shapes, Ranks, Units, Cost, Numerics, Stream, Source"],
                         self.faults("/// S.\nstruct s {\n    /// @par Speed  no\n    int f();\n};"))
        self.assertEqual(["espalier/core/b.hpp:1: no @file docstring"], self.library_of({"core/b.hpp": "int f();"}).faults)

    def test_what_has_no_docstring_is_told_and_what_needs_none_is_not(self):
        made = self.library_of({"core/a.hpp": "/// @file\n/// A.\n\nstruct later;\n/// B.\nstruct later { int f(); later(later const&) = delete; };\n\n"
                                              "int bare();\nnamespace detail { int g(); }\n", "core/detail/b.hpp": "int hidden();"})
        self.assertEqual({"bare": "espalier/core/a.hpp:8"}, made.undocumented)
        self.assertEqual({"later::f": "espalier/core/a.hpp:6"}, made.plain_members)

    def test_members_that_a_docstring_says_are_elsewhere_are_taken_from_there(self):
        made = self.library_of({
            "train/t.hpp": "/// @file\n/// T.\n\n/// Trains. See detail/t_body.hpp for the members.\nclass trainer : public detail::t_body {};\n",
            "train/detail/t_body.hpp": "namespace detail {\nclass t_body {\npublic:\n    /// Makes.\n    t_body(int n);\n    /// Fits.\n    void fit();\n};\n}\n"})
        self.assertEqual(["trainer::trainer", "trainer::fit"], [m.qualified for m in made.headers[0].declarations[0].members])
        self.assertEqual("trainer(int n)", made.headers[0].declarations[0].members[0].signature)


if __name__ == "__main__":
    unittest.main()

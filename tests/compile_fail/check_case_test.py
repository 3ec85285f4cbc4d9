#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that check_case.py rejects each kind of bad case: `check_case_test.py COMPILER`."""
import pathlib
import sys
import tempfile
import unittest

import check_case

COMPILER = "g++"


class CheckCase(unittest.TestCase):
    def faults(self, head, twin, case):
        """What check_case.py says about a file with this comment, twin and case."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "case.cpp"
            path.write_text(f"{head}\n#ifdef ESPALIER_TWIN\n{twin}\n#else\n{case}\n#endif\n", encoding="utf-8")
            return check_case.faults(path, [COMPILER, "-std=c++20"])

    def test_a_good_case_passes(self):
        self.assertEqual([], self.faults("// expect: four", "", 'static_assert(false, "four");'))

    def test_a_case_that_compiles_is_a_fault(self):
        self.assertEqual(["the case compiles"], self.faults("// expect: four", "", ""))

    def test_a_twin_that_does_not_compile_is_a_fault(self):
        self.assertIn("twin does not compile", self.faults("// expect: four", "int;;x", 'static_assert(false, "four");')[0])

    def test_a_second_error_is_a_fault(self):
        self.assertEqual("2 errors, not exactly one",
                         self.faults("// expect: four", "", 'static_assert(false, "four");\nint x = nothing;')[0])

    def test_another_text_is_a_fault(self):
        self.assertEqual("the output does not hold: five",
                         self.faults("// expect: four\n// expect: five", "", 'static_assert(false, "four");')[0])

    def test_a_text_for_another_compiler_is_not_expected(self):
        other = "g++" if "clang" in pathlib.PurePath(COMPILER).name else "clang++"
        head = f"// expect: four\n// expect {other}: five"
        self.assertEqual([], self.faults(head, "", 'static_assert(false, "four");'))

    def test_a_file_that_expects_nothing_or_has_no_twin_is_a_fault(self):
        self.assertIn("no line", self.faults("", "", 'static_assert(false, "four");')[0])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "case.cpp"
            path.write_text("// expect: x\n", encoding="utf-8")
            self.assertIn("no twin", check_case.faults(path, [COMPILER])[0])


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()

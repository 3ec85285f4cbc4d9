#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that include_order.py finds what it is there to find, on small trees that each break one rule."""
import pathlib
import tempfile
import unittest

import include_order


class IncludeOrder(unittest.TestCase):
    def found(self, files):
        """The violations in a tree of {header: text}."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / "espalier" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text + "\n", encoding="utf-8")
            return include_order.violations(root)

    def test_a_tree_in_order_passes(self):
        self.assertEqual([], self.found({
            "core/a.hpp": "#include <vector>",
            "train/b.hpp": "#include <espalier/core/a.hpp>\n#include <espalier/train/c.hpp>",
            "train/c.hpp": "#include <espalier/core/a.hpp>",
            "espalier.hpp": "#include <espalier/train/b.hpp>",
        }))

    def test_a_folder_above_is_found_with_file_and_line(self):
        found = self.found({"core/a.hpp": "\n#  include <espalier/train/b.hpp>", "train/b.hpp": ""})
        self.assertEqual(["espalier/core/a.hpp:2: espalier/train/b.hpp lies above core/ or beside it"], found)

    def test_data_knows_core_and_memory_only(self):
        tree = {"core/a.hpp": "", "memory/a.hpp": "", "math/a.hpp": "", "data/a.hpp": ""}
        for folder, count in [("core", 0), ("memory", 0), ("math", 1)]:
            self.assertEqual(count, len(self.found({**tree, "data/a.hpp": f"#include <espalier/{folder}/a.hpp>"})), folder)

    def test_the_umbrella_is_included_by_nobody(self):
        self.assertEqual(1, len(self.found({"serve/a.hpp": "#include <espalier/espalier.hpp>", "espalier.hpp": ""})))

    def test_a_folder_without_a_place_may_include_nothing_of_espalier(self):
        self.assertEqual(1, len(self.found({"utils/a.hpp": "#include <espalier/core/a.hpp>", "core/a.hpp": ""})))

    def test_quotes_and_missing_files_are_found(self):
        self.assertEqual(1, len(self.found({"core/a.hpp": '#include "b.hpp"', "core/b.hpp": ""})))
        self.assertEqual(1, len(self.found({"core/a.hpp": "#include <espalier/core/none.hpp>"})))

    def test_optional_dependencies_stay_in_their_folder(self):
        self.assertEqual(1, len(self.found({"train/a.hpp": "#include <mpi.h>"})))
        self.assertEqual(0, len(self.found({"comm/mpi/a.hpp": "#include <mpi.h>", "comm/mpi.hpp": "#include <boost/mpi.hpp>"})))


if __name__ == "__main__":
    unittest.main()

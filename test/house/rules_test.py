"""Proves that rules.py notices what it is there for: each test breaks one rule in a small house that keeps them all."""

import tempfile
import unittest
from pathlib import Path

from rules import problems

VERSION = """#pragma once
#define TUSK_VERSION_MAJOR 0
#define TUSK_VERSION_MINOR 3
#define TUSK_VERSION_PATCH 1
#define TUSK_VERSION_STRING "0.3.1"
"""


class Rules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("include/tusk/version.hpp", VERSION)
        self.write("CHANGELOG.md", "# Changes\n\n## Unreleased\n\n## 0.3.1\n\n## 0.3.0\n")
        self.header("core/bytes.hpp", "tusk/version.hpp", "span")
        self.header("concept/format.hpp", "tusk/core/bytes.hpp")
        self.header("format/binary.hpp", "tusk/concept/format.hpp")
        self.header("fsync/always.hpp")
        self.header("log/basic_wal.hpp", "tusk/concept/format.hpp", "tusk/core/bytes.hpp")
        self.header("wal.hpp", "tusk/log/basic_wal.hpp", "tusk/format/binary.hpp")
        self.header("topic/topic.hpp", "tusk/wal.hpp")
        self.header("tool/dump.hpp", "tusk/wal.hpp", "tusk/topic/topic.hpp")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def header(self, name, *included):
        self.write(f"include/tusk/{name}", "#pragma once\n" + "".join(f"#include <{one}>\n" for one in included))

    def expect(self, *parts):
        found = list(problems(self.root))
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])

    def test_a_house_in_order_passes(self):
        self.assertEqual(list(problems(self.root)), [])

    def test_a_quote_stands_in_its_source(self):
        self.write("example/first.cpp", "int main() {\n    return 0;\n}\n")
        self.write("README.md", "<!-- from example/first.cpp -->\n```cpp\nreturn 0;\n```\n")
        self.assertEqual(list(problems(self.root)), [])
        self.write("README.md", "<!-- from example/first.cpp -->\n```cpp\nreturn 1;\n```\n")
        self.expect("README.md: its quote of example/first.cpp is not in there")

    def test_what_proves_a_guarantee_is_there(self):
        self.write("test/crash/power.cpp", "")
        self.write("test/fuzz/record.cpp", "")
        self.write("include/tusk/log/README.md", "| fault | proved by |\n|---|---|\n| power | `crash_*`, `fuzz` |\n")
        self.assertEqual(list(problems(self.root)), [])
        self.write("include/tusk/log/README.md", "| fault | proved by |\n|---|---|\n| power | `crash_kill` |\n")
        self.expect("include/tusk/log/README.md:3: crash_kill is not in test/")

    def test_core_includes_nothing_above_it(self):
        self.header("core/bytes.hpp", "tusk/concept/backend.hpp")
        self.expect("include/tusk/core/bytes.hpp:2", "core must not include <tusk/concept/backend.hpp>")

    def test_policies_do_not_include_each_other(self):
        self.header("format/binary.hpp", "tusk/fsync/always.hpp")
        self.expect("format must not include <tusk/fsync/always.hpp>")

    def test_the_log_includes_no_model(self):
        self.header("log/basic_wal.hpp", "tusk/format/binary.hpp")
        self.expect("log must not include <tusk/format/binary.hpp>")

    def test_the_log_does_not_include_the_defaults(self):
        self.header("log/reader.hpp", "tusk/wal.hpp")
        self.expect("log must not include <tusk/wal.hpp>")

    def test_the_tool_is_at_the_end(self):
        self.header("topic/cursor.hpp", "tusk/tool/dump.hpp")
        self.expect("topic must not include <tusk/tool/dump.hpp>")

    def test_the_house_has_no_other_folders(self):
        self.header("util/misc.hpp")
        self.expect("util has no place")

    def test_headers_do_not_include_themselves_by_way_of_others(self):
        self.header("core/a.hpp", "tusk/core/b.hpp")
        self.header("core/b.hpp", "tusk/core/a.hpp")
        self.expect("core/a.hpp -> tusk/core/b.hpp -> tusk/core/a.hpp")

    def test_headers_include_with_angle_brackets(self):
        self.write("include/tusk/core/c.hpp", '#pragma once\n#include "bytes.hpp"\n')
        self.expect("core/c.hpp:2", "with <>")

    def test_headers_are_included_once(self):
        self.write("include/tusk/core/c.hpp", "#include <span>\n")
        self.expect("core/c.hpp:1", "#pragma once")

    def test_headers_bring_no_heavy_header(self):
        self.header("core/c.hpp", "filesystem")
        self.expect("core/c.hpp:2", "<filesystem>")

    def test_headers_are_short(self):
        self.write("include/tusk/core/c.hpp", "#pragma once\n" + "\n" * 399)
        self.expect("core/c.hpp", "400 lines")

    def test_tests_use_no_details(self):
        self.write("test/log/x.cpp", "#include <tusk/log/detail/x.hpp>\n")
        self.expect("test/log/x.cpp:1", "is a detail")

    def test_issues_are_not_mentioned(self):
        self.write("README.md", "fixed in issue" + " #12\n")
        self.expect("README.md:1", "issue")

    def test_paths_of_a_home_are_not_mentioned(self):
        self.write("Makefile", "x:\n\tls /" + "home/somebody\n")
        self.expect("Makefile:2", "somebody")

    def test_the_version_is_the_same_in_its_own_header(self):
        self.write("include/tusk/version.hpp", VERSION.replace("PATCH 1", "PATCH 2"))
        found = list(problems(self.root))
        self.assertTrue(any("version.hpp: has version 0.3.1" in one for one in found), found)

    def test_the_change_log_knows_the_version(self):
        self.write("CHANGELOG.md", "# Changes\n\n## 0.3.0\n")
        self.expect("CHANGELOG.md: has version 0.3.0")

    def test_the_readme_shows_the_version(self):
        self.write("README.md", "conan install --requires=tusk/0.2.9\n")
        self.expect("README.md: has version 0.2.9")


if __name__ == "__main__":
    unittest.main()

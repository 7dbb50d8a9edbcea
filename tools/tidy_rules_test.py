#!/usr/bin/python3
"""Each rule of tidy_rules.py finds what it is there to find, and nothing else."""

import sys
import unittest

sys.dont_write_bytecode = True
import tidy_rules  # noqa: E402

GUARDED = "#ifndef DAILYFEED_{0}_\n#define DAILYFEED_{0}_\n{1}#endif  // DAILYFEED_{0}_\n"
BUILD = 'package(default_visibility = ["//:above_core"])\n'

# (rule, path, text that breaks it, text that keeps it)
CASES = [
    ("files_are_short", "core/a.cc", "\n" * 601, "\n" * 600),
    ("headers_are_guarded", "core/a.h", "int a;\n", GUARDED.format("CORE_A_H", "int a;\n")),
    ("nothing_is_left_undone", "core/a.cc", "// TO" + "DO: later\n", "// done\n"),
    ("tests_do_not_sleep", "core/a_test.cc", "std::this_thread::sleep_for(x);\n",
     "// no sleep_for here\n"),
    ("locks_are_visible_to_tsan", "core/a.cc", "absl::Mutex mutex;\n", "std::mutex mutex;\n"),
    ("locks_are_visible_to_tsan", "core/a.cc", "std::atomic_thread_fence(order);\n",
     "value.load(order);\n"),
    ("locks_are_visible_to_tsan", "core/a.cc", '#include "absl/synchronization/notification.h"\n',
     '#include "absl/time/time.h"\n'),
    ("payload_switches_are_exhaustive", "core/a.cc",
     "switch (event.payload().kind_case()) {\n  case A: {\n  }\n  default:\n    break;\n}\n",
     "switch (event.payload().kind_case()) {\n  case A:\n    switch (b) {\n      default:\n"
     "        break;\n    }\n}\nswitch (c) {\n  default:\n    break;\n}\n"),
    ("no_machine_paths", "docs/a.md", "see /ho" + "me/kim/feed\n", "see /var/lib/feed\n"),
    ("no_machine_paths", "core/a_test.cc", 'Open("/tm' + 'p/feed");\n', 'Open(TempDir());\n'),
    ("libraries_stay_in_their_folders", "core/a.cc", '#include "rocksdb/db.h"\n',
     '#include "absl/time/time.h"\n'),
    ("libraries_stay_in_their_folders", "adapters/rocksdb/a.h", "#include <rocksdb/db.h>\n",
     '#include "core/ports/store.h"\n'),
    ("libraries_stay_in_their_folders", "adapters/http/a.cc", '#include "rocksdb/db.h"\n',
     "#include <boost/beast/core.hpp>\n"),
    ("includes_point_down", "core/a.cc", '#include "projections/a.h"\n', '#include "core/a.h"\n'),
    ("includes_point_down", "projections/a.cc", '#include "adapters/a.h"\n',
     '#include "core/a.h"\n'),
    ("the_domain_is_pure", "core/domain/a.cc", "#include <chrono>\n", "#include <string>\n"),
    ("dependencies_point_down", "core/BUILD.bazel", BUILD + 'deps = ["//projections/queries"]\n',
     BUILD + 'deps = ["//core/domain:types"]\n'),
    ("dependencies_point_down", "projections/BUILD.bazel", BUILD + 'deps = ["//adapters/http:api"]\n',
     BUILD + 'deps = ["@debian//:absl"]\n'),
    ("dependencies_point_down", "adapters/BUILD.bazel", BUILD + 'deps = ["//tools/cli:serve"]\n',
     BUILD + 'deps = ["@debian//:rocksdb"]\n'),
    ("dependencies_point_down", "projections/BUILD.bazel", BUILD + 'deps = ["//:dailyfeed"]\n',
     BUILD + 'deps = ["//core/engine"]\n'),
    ("dependencies_point_down", "core/BUILD.bazel", BUILD + 'deps = ["@debian//:rocksdb"]\n',
     BUILD + 'deps = ["@debian//:protobuf"]\n'),
    ("dependencies_point_down", "projections/posts/BUILD.bazel",
     BUILD + 'deps = ["@debian//:icu"]\n', BUILD + 'deps = ["@debian//:absl"]\n'),
    ("folders_have_default_visibility", "core/BUILD.bazel", 'cc_library(name = "a")\n', BUILD),
    ("folders_have_default_visibility", "core/BUILD.bazel",
     'package(default_visibility = ["//visibility:public"])\n', BUILD),
]


class RulesTest(unittest.TestCase):
    def test_each_rule_finds_its_breach_and_only_that(self):
        for name, path, bad, good in CASES:
            rule = getattr(tidy_rules, name)
            with self.subTest(rule=name, path=path):
                self.assertEqual(len(list(rule(tidy_rules.Tree({path: bad})))), 1)
                self.assertEqual(list(rule(tidy_rules.Tree({path: good}))), [])

    def test_a_file_in_no_target_is_found(self):
        rule = tidy_rules.folders_with_code_have_a_build_file
        build = BUILD + 'cc_library(name = "a", srcs = ["a.cc", "sub/b.cc"])\n'
        self.assertEqual(
            list(rule(tidy_rules.Tree({"core/BUILD.bazel": build, "core/a.cc": "",
                                       "core/sub/b.cc": ""}))), [])
        self.assertEqual(
            len(list(rule(tidy_rules.Tree({"core/BUILD.bazel": build, "core/c.cc": ""})))), 1)
        self.assertEqual(len(list(rule(tidy_rules.Tree({"core/c.cc": ""})))), 1)

    def test_a_header_of_a_private_target_may_show_a_library(self):
        rule = tidy_rules.libraries_stay_in_their_folders
        header = "#include <rocksdb/db.h>\n"
        for attributes, count in [('hdrs = ["a.h"],\n    testonly = True', 0),
                                  ('srcs = ["a.cc", "a.h"]', 0), ('hdrs = ["a.h"]', 1)]:
            build = BUILD + f'cc_library(\n    name = "a",\n    {attributes},\n)\n'
            tree = tidy_rules.Tree({"adapters/rocksdb/a.h": header,
                                    "adapters/rocksdb/BUILD.bazel": build})
            self.assertEqual(len(list(rule(tree))), count, attributes)

    def test_an_arrow_that_is_not_drawn_is_found(self):
        plan = ("| `core/a/` | one | `core/b/` |\n"
                "| `core/b/` | two | |\n")
        files = {tidy_rules.PLAN: plan, "core/b/b.h": "", "core/a/a.cc": '#include "core/b/b.h"\n'}
        rule = tidy_rules.arrows_are_those_of_the_plan
        self.assertEqual(list(rule(tidy_rules.Tree(files))), [])
        for change, count in [({"core/a/a.cc": ""}, 1), ({"core/b/b.h": '#include "core/a/a.h"\n'}, 1),
                              ({"core/c/c.cc": ""}, 1),
                              ({"core/b/b_test.cc": '#include "core/a/a.h"\n'}, 0),
                              ({tidy_rules.PLAN: plan.replace("two | |", "two | `core/a/` |")}, 2)]:
            self.assertEqual(len(list(rule(tidy_rules.Tree(files | change)))), count, change)

    def test_a_header_that_its_folder_keeps_is_found(self):
        build = BUILD + 'folder_library(\n    name = "b",\n    hdrs = ["b.h"],\n)\n'
        files = {"core/b/BUILD.bazel": build, "core/b/b.h": "", "core/b/own.h": ""}
        rule = tidy_rules.only_offered_headers_are_included
        for header, count in [("b", 0), ("own", 1)]:
            files["core/a/a.cc"] = f'#include "core/b/{header}.h"\n'
            self.assertEqual(len(list(rule(tidy_rules.Tree(files)))), count)

    def test_an_option_that_is_no_setting_is_found(self):
        files = {path: f"struct {struct} {{\n  size_t a_max = 1;  // of b;\n}};\n"
                 for path, struct, _ in tidy_rules.OPTIONS}
        files[tidy_rules.SETTINGS] = "FIELD(size_t, a_max)"
        self.assertEqual(list(tidy_rules.every_option_is_a_setting(tidy_rules.Tree(files))), [])
        path, struct, _ = tidy_rules.OPTIONS[-1]
        files[path] = f"struct {struct} {{\n  size_t a_max = 1;\n  Clock* b = nullptr;\n}};\n"
        self.assertEqual(len(list(tidy_rules.every_option_is_a_setting(tidy_rules.Tree(files)))), 1)

    def test_every_rule_has_a_case(self):
        named = {case[0] for case in CASES} | {
            "folders_with_code_have_a_build_file", "every_option_is_a_setting",
            "arrows_are_those_of_the_plan", "only_offered_headers_are_included"}
        self.assertEqual({rule.__name__ for rule in tidy_rules.RULES}, named)


if __name__ == "__main__":
    unittest.main()

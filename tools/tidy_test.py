#!/usr/bin/python3
"""The project keeps the rules of tidy_rules.py."""

import os
import sys

sys.dont_write_bytecode = True
import tidy_rules  # noqa: E402


def project_root():
    """The source tree: runfiles are links into it."""
    return os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def main():
    tree = tidy_rules.Tree.read(project_root())
    if "WORKSPACE" not in tree.files:
        print(f"{project_root()} is not the project")
        return 1
    found = tidy_rules.complaints(tree)
    for complaint in found:
        print(complaint)
    print(f"tidy: {len(tree.files)} files, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""The documentation says what the programs do.

  docs_test.py DAILYFEED PRINT_CONFIG_REFERENCE            compares
  docs_test.py --update DAILYFEED PRINT_CONFIG_REFERENCE   writes what differs

- every "$ dailyfeed ... --help" block of docs/reference/cli.md is what the program prints, and
  every subcommand has one;
- the table of docs/reference/configuration.md is the table of settings of the program;
- the snippets of README.md and docs/explanation/projections.md are the middle of the programs
  they come from, tools/host_example/host_example.cc and projections/runtime/example_test.cc;
- the bytes of docs/reference/views-format.md are those of its test;
- links between the documents lead somewhere.
"""

import os
import re
import subprocess
import sys
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


def subcommands_of(overview):
    """Every name in the list of subcommands, and before each group the word that names it."""
    names = []
    for line in overview.split("\n\n")[2].splitlines():
        name = line.strip().split("  ")[0]
        group = name.split()[0]
        if group != name and group not in names:
            names.append(group)
        names.append(name)
    return names


def command_line(text, dailyfeed):
    """cli.md with each block filled; subcommands that lack one are added."""
    overview = run([dailyfeed, "--help"])
    for name in [""] + subcommands_of(overview):
        call = " ".join(["$ dailyfeed"] + ([name] if name else []) + ["--help"])
        if call + "\n" not in text:
            text += f"\n```\n{call}\n```\n"

    def fill(match):
        words = match.group(1).split()[2:-1]
        return f"```\n{match.group(1)}\n{run([dailyfeed] + words + ['--help'])}```\n"
    return re.sub(r"(?s)```\n(\$ dailyfeed [^\n`]*--help)\n.*?```\n", fill, text)


def configuration(text, print_config_reference):
    table = run([print_config_reference])
    return re.sub(r"(?s)(\n\| setting \|.*?)(?=\n\n|\Z)", lambda _: "\n" + table.rstrip("\n"), text)


def with_snippet(text, source):
    """The C++ block of a document is what stands between two marks in a program."""
    snippet = re.search(r"(?s)// (README|DOCS)-BEGIN\n(.*?) *// \1-END", read(source)).group(2)
    return re.sub(r"(?s)```cpp\n.*?```", lambda _: "```cpp\n" + textwrap.dedent(snippet) + "```", text)


def views_format(text):
    rows = re.findall(r'R"\((.*?)\)"', read("projections/runtime/views_format_test.cc"))
    block = "```\n" + "".join(row.rstrip() + "\n" for row in rows) + "```"
    return re.sub(r"(?s)```\n.*?```", lambda _: block, text)


def dead_links():
    for folder, _, names in os.walk(os.path.join(ROOT, "docs")):
        for name in sorted(names):
            if name.endswith(".md"):
                yield from dead_links_of(os.path.relpath(os.path.join(folder, name), ROOT))
    yield from dead_links_of("README.md")


def dead_links_of(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(path)):
        if "://" in target:
            continue
        if not os.path.exists(os.path.join(ROOT, os.path.dirname(path), target)):
            yield f"{path}: {target} is not there"


def main():
    arguments = sys.argv[1:]
    update = arguments[:1] == ["--update"]
    dailyfeed, print_config_reference = arguments[-2:]
    failed = False
    for path, expected in [
            ("docs/reference/cli.md", lambda t: command_line(t, dailyfeed)),
            ("docs/reference/configuration.md", lambda t: configuration(t, print_config_reference)),
            ("docs/explanation/projections.md",
             lambda t: with_snippet(t, "projections/runtime/example_test.cc")),
            ("docs/reference/views-format.md", views_format),
            ("README.md", lambda t: with_snippet(t, "tools/host_example/host_example.cc"))]:
        text = read(path)
        wanted = expected(text)
        if text == wanted:
            continue
        if update:
            with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
                file.write(wanted)
            print(f"{path}: updated")
        else:
            failed = True
            print(f"{path} differs from the program. To update it:\n"
                  "  bazel build //tools:dailyfeed //tools/cli:print_config_reference\n"
                  "  tools/docs_test.py --update bazel-bin/tools/dailyfeed "
                  "bazel-bin/tools/cli/print_config_reference")
    for link in dead_links():
        failed = True
        print(link)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

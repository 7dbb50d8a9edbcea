#!/usr/bin/python3
"""The examples of headers as one C++ source that compiles.

  extract.py OUTPUT CONTEXTS HEADER...

The comment at the top of a header has an example: lines that begin with "//" and three spaces, up
to the next line without them. Each example becomes the body of a function, unless it is a function.
CONTEXTS says what an example takes for granted:

  [core/ports/day.h]
  const v1::Event& event;        a parameter of the function: one a line, before "--"
  --
  #include "core/domain/events.pb.h"     what it needs above the function, behind "--"

"..." stands for what an example leaves out: a line, or the statement behind an "if" or a "for". A
block without ';' is no example but a list.
"""

import re
import sys


def example_of(text):
    """The lines of the first block of code in the comment at the top; [] without one."""
    block = []
    for line in text.split("#ifndef", 1)[0].splitlines() + [""]:
        if line.startswith("//   "):
            block.append(line[5:])
        elif block:
            if any(re.search(r"[;{]\s*(//.*)?$", each) for each in block):
                return [re.sub(r"\) \.\.\.(\s*//.*)?$", ") {}", re.sub(r"^\s*\.\.\..*", "{}", each))
                        for each in block]
            block = []
    return []


def contexts_of(text):
    contexts = {}
    for section in re.split(r"(?m)^\[", text)[1:]:
        header, body = section.split("]", 1)
        parameters, _, above = body.partition("\n--\n")
        contexts[header] = ([line.strip().rstrip(";") for line in parameters.splitlines()
                             if line.strip()], above.strip("\n"))
    return contexts


def main():
    output, contexts_path, *headers = sys.argv[1:]
    with open(contexts_path, encoding="utf-8") as file:
        contexts = contexts_of(file.read())
    includes, bodies = [], []
    for number, header in enumerate(headers):
        with open(header, encoding="utf-8") as file:
            text = file.read()
        example = example_of(text)
        if not example:
            sys.exit(f"{header} has no example")
        parameters, above = contexts.pop(header, ([], ""))
        includes.append(f'#include "{header}"')
        includes += [line for line in above.splitlines() if line.startswith("#include")]
        declared = "\n".join(line for line in above.splitlines() if not line.startswith("#include"))
        namespaces = re.findall(r"(?m)^namespace (dailyfeed[\w:]*) \{", text) or ["dailyfeed"]
        code = f'#line 1 "example of {header}"\n' + "\n".join(example) + "\n"
        if not re.match(r"\w[\w:<>, *&]* \w+\(.*\) \{$", example[0]):
            code = (f"absl::Status Example({', '.join(parameters)}) {{\n{code}"
                    "return absl::OkStatus();\n}\n")
        bodies.append(f"namespace {namespaces[-1]}::example_{number} {{\n{declared}\n{code}}}\n")

    if contexts:
        sys.exit(f"{contexts_path}: nobody asked for {', '.join(contexts)}")
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(dict.fromkeys(includes)) +
                   "\n#include \"core/base/status_macros.h\"\n\n" + "\n".join(bodies))


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""A document of commands says what they do.

  transcript_test.py DAILYFEED DOCUMENT

Pastes every "sh" block of the document, in order, into one bash, with $base set to a server that
runs on an empty directory in development mode. Behind each of them the document has a "text" block
with what the commands print; "..." in it stands for anything.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading

BLOCK = re.compile(r"(?s)```sh\n(.*?)```\n+```text\n(.*?)```")
PATIENCE_SECONDS = 120


def start(dailyfeed, folder):
    """The server and its address."""
    server = subprocess.Popen(
        [dailyfeed, "serve", "--data-dir=feed", "--http=127.0.0.1:0", "--monitor=127.0.0.1:0",
         "--development"], cwd=folder, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        said = json.loads(line)
        if said["message"] == "serving":
            # Somebody has to go on reading, or the server waits.
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return server, "http://" + said["http"]
    raise SystemExit("the server did not start")


def marker(number):
    return f"--- end of block {number} ---"


def script(blocks):
    """Between the blocks a line of its own, so that what each printed can be told apart."""
    return "".join(f"{commands}\nprintf '\\n%s\\n' '{marker(number)}'\n"
                   for number, (commands, _) in enumerate(blocks))


def printed(blocks, base, folder):
    done = subprocess.run(
        ["bash", "-u", "-o", "pipefail"], input=script(blocks), cwd=folder, text=True, check=False,
        env={**os.environ, "base": base, "LC_ALL": "C.UTF-8"}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE_SECONDS)
    rest = done.stdout
    for number in range(len(blocks)):
        output, found, rest = rest.partition(f"\n{marker(number)}\n")
        yield output if found else f"{output}\n(the script ended here)"


def matches(expected, output):
    # What each command prints may or may not end with a line break.
    squeeze = re.compile(r"\s+")
    pattern = ".*?".join(re.escape(squeeze.sub("", part)) for part in expected.split("..."))
    return re.fullmatch(pattern, squeeze.sub("", output)) is not None


def main():
    dailyfeed, document = os.path.realpath(sys.argv[1]), sys.argv[2]
    with open(document, encoding="utf-8") as file:
        text = file.read()
    blocks = BLOCK.findall(text)
    if not blocks or len(blocks) != text.count("```sh\n"):
        print(f"{document}: each sh block needs a text block behind it")
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        server, base = start(dailyfeed, folder)
        try:
            for (commands, expected), output in zip(blocks, printed(blocks, base, folder)):
                if matches(expected, output):
                    continue
                failed += 1
                print(f"{document}: these commands\n{commands}\nprinted\n{output}\n"
                      f"and the document says\n{expected}")
        finally:
            server.terminate()
            server.wait()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

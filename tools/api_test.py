#!/usr/bin/python3
"""A property-based tester of APIs finds nothing: no server error, no status, content type or body
that the OpenAPI document does not have, nothing accepted that it forbids, nothing refused that it
allows.

  api_test.py DAILYFEED short|long

The tester is schemathesis, which tools/setup puts into the cache of the account. It reads
/openapi.json of a server with the sample community. Its seed is fixed and is printed with what it
finds; DAILYFEED_SEED=N is another one. The long form sends random requests too, and characters
outside of the Basic Multilingual Plane.
"""

import hashlib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from running_server import Server, cache_directory  # noqa: E402

# A stream goes on for ever; stream_test.cc has it.
STREAM = "/api/timeline/stream"
# Korean and ASCII: within them a UTF-16 unit is a character, as JSON Schema counts.
ONE_UNIT_EACH = "euc_kr"
# The examples of the document and each edge of each parameter; and random requests too.
EDGES, RANDOM = "examples,coverage", "examples,coverage,fuzzing"
RUNS = {"short": [(EDGES, 1, ONE_UNIT_EACH)],
        "long": [(RANDOM, 80, ONE_UNIT_EACH), (RANDOM, 80, "utf-8")]}
SETTINGS = """\
api.failed_login_delay_step = 0s
api.failed_logins_max = 0
api.failed_logins_per_address_max = 0
api.password_jobs_per_address_max = 0
"""


def tester_python():
    with open(os.path.join(HERE, "api_test_requirements.txt"), "rb") as file:
        name = "api-tester-" + hashlib.sha256(file.read()).hexdigest()[:12]
    python = os.path.join(cache_directory(), name, "bin/python")
    if not os.access(python, os.X_OK):
        raise SystemExit(f"there is no {python}: run tools/setup")
    return python


def find(python, server, folder, phases, examples, codec):
    """The exit code of the tester, which prints what it finds."""
    seed = os.environ.get("DAILYFEED_SEED", "1")
    command = [
        python, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run",
        server.http + "/openapi.json", "--seed", seed, "--max-examples", str(examples),
        "--generation-codec", codec, "--generation-database", "none",
        "--phases", phases, "--exclude-path", STREAM,
        "--checks", "all", "--exclude-checks", "positive_data_acceptance",
        "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "120",
        "--no-color"]
    return subprocess.run(command, cwd=folder, check=False, env={
        **os.environ, "DAILYFEED_API": server.http, "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "SCHEMATHESIS_HOOKS": "api_test_hooks", "PYTHONPATH": HERE}).returncode


def main():
    dailyfeed, form = os.path.realpath(sys.argv[1]), sys.argv[2]
    python = tester_python()
    failed = 0
    for phases, examples, codec in RUNS[form]:
        with tempfile.TemporaryDirectory() as folder:
            with Server(dailyfeed, folder, SETTINGS, ("--development", "--seed-sample-data")) as server:
                failed |= find(python, server, folder, phases, examples, codec)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

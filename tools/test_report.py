"""Adds up the test cases of one Bazel run.

Reads the build events Bazel wrote (--build_event_json_file) and the JUnit
files they name, so results of earlier runs that still lie in bazel-testlogs
are not counted. A script counts one; a target that could not be built, crashed
or failed outside its cases (a leak, a timeout) counts one failure.
"""

import argparse
import json
import os
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree


class Results:
    def __init__(self):
        self.passed = []
        self.failed = []

    def add(self, name, ok):
        (self.passed if ok else self.failed).append(name)


def cases_of(path, label):
    """(name, ok) of every case that ran, from one JUnit file."""
    cases = []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.get("status") == "notrun" or case.get("result") in ("skipped", "suppressed"):
            continue
        suite = case.get("classname") or ""
        is_script = case.get("classname") is None and case.get("result") is None
        name = label if is_script else f"{label} {suite}.{case.get('name')}"
        cases.append((name, case.find("failure") is None and case.find("error") is None))
    return cases


def junit_path(result):
    for output in result.get("testActionOutput", []):
        if output.get("name") == "test.xml":
            return urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
    return None


def add_target(results, label, attempts):
    """One target: `attempts` are its results, the last one of each shard counts."""
    latest = {}
    for shard, attempt, result in attempts:
        if shard not in latest or latest[shard][0] < attempt:
            latest[shard] = (attempt, result)
    for _, result in latest.values():
        ok = result.get("status") in ("PASSED", "FLAKY")
        path = junit_path(result)
        try:
            cases = cases_of(path, label) if path else []
        except (OSError, ElementTree.ParseError):
            cases = []
        for name, case_ok in cases:
            results.add(name, case_ok)
        if not ok and all(case_ok for _, case_ok in cases):
            results.add(f"{label} ({result.get('status', 'did not finish').lower()})", False)
        elif ok and not cases:
            results.add(label, True)


def read_events(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def collect(path, results):
    attempts = {}
    tests = set()
    built_badly = set()
    for event in read_events(path):
        event_id = event.get("id", {})
        if "testResult" in event_id and "testResult" in event:
            key = event_id["testResult"]
            place = (key.get("shard", 0), key.get("run", 0))
            attempts.setdefault(key["label"], []).append(
                (place, key.get("attempt", 0), event["testResult"]))
        elif "targetConfigured" in event_id and event.get("configured", {}).get("testSize"):
            tests.add(event_id["targetConfigured"]["label"])
        elif "targetCompleted" in event_id and not event.get("completed", {}).get("success"):
            built_badly.add(event_id["targetCompleted"]["label"])
    for label in sorted(attempts):
        add_target(results, label, attempts[label])
    for label in sorted(built_badly - set(attempts)):
        what = "test not built" if label in tests else "not built"
        results.add(f"{label} ({what})", False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events")
    parser.add_argument("--bazel-exit-code", type=int, default=0)
    parser.add_argument("--passed", action="append", default=[])
    parser.add_argument("--failed", action="append", default=[])
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()

    results = Results()
    for name in arguments.passed:
        results.add(name, True)
    for name in arguments.failed:
        results.add(name, False)
    if os.path.exists(arguments.events):
        collect(arguments.events, results)
    if arguments.bazel_exit_code != 0 and not results.failed:
        results.add(f"bazel (exit code {arguments.bazel_exit_code})", False)

    if arguments.verbose:
        for name in results.passed:
            print(f"passed {name}")
    for name in results.failed:
        print(f"FAILED {name}")
    print(f"{len(results.passed)} passed, {len(results.failed)} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())

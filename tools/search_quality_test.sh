#!/bin/bash
# `dailyfeed search-quality` from outside: the table, the JSON lines, what is left behind.
set -uo pipefail
dailyfeed="$(realpath "$1")"
export TMPDIR="$TEST_TMPDIR/work"
mkdir "$TMPDIR" || exit 1
failures=0

# expect TEXT OPTION...: exit code 0 and a part of what is printed.
expect() {
  local text="$1" output
  shift
  output="$("$dailyfeed" search-quality "$@")" || { echo "FAILED: exit code $?" >&2; failures=1; }
  [[ "$output" == *"$text"* ]] || { echo "FAILED: no \"$text\" in: $output" >&2; failures=1; }
}

expect "goal: recall of keyword: 1.000, needed 1.000: met"
expect '{"engine":"dailyfeed","peer":false,"kind":"q",' --json
[[ -z "$(ls -A "$TMPDIR")" ]] || { echo "FAILED: left behind: $(ls "$TMPDIR")" >&2; failures=1; }
exit "$failures"

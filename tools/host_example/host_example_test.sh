#!/bin/bash
# The example does its job, and says what is wrong when it cannot.
set -euo pipefail
example="$1"
directory="$TEST_TMPDIR/feed"

fail() {
  echo "FAILED: $1" >&2
  exit 1
}

answer="$("$example" "$directory")"
[[ "$answer" == "@kim: 안녕, world (1 like, 1 comment)" ]] || fail "unexpected answer: $answer"

if again="$("$example" "$directory" 2>&1)"; then fail "signed up twice: $again"; fi
[[ "$again" == host_example:* ]] || fail "no message: $again"

if missing="$("$example" "$TEST_TMPDIR/no/such" 2>&1)"; then fail "opened: $missing"; fi
[[ "$missing" == *"parent does not exist"* ]] || fail "unclear message: $missing"

if usage="$("$example" 2>&1)"; then fail "no directory, no complaint"; fi
[[ "$usage" == usage:* ]] || fail "no usage: $usage"

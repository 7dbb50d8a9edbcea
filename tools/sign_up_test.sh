#!/bin/bash
# A hundred sign-ups at once with one e-mail, and then with one handle, over HTTP: one member each,
# ninety-nine refusals, and the log says the same.
set -uo pipefail
dailyfeed="$(realpath "$1")"
cd "$TEST_TMPDIR" || exit 1
failures=0
server=""
trap '[[ -z "$server" ]] || kill -9 "$server" 2>/dev/null' EXIT

fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
start() {
  rm -f serve.log  # what the one before said is not for the loop below
  "$dailyfeed" serve --data-dir=feed --http=127.0.0.1:0 --monitor=127.0.0.1:0 2>serve.log &
  server=$!
  local line
  until line="$(grep '"message":"serving"' serve.log 2>/dev/null)"; do
    kill -0 "$server" 2>/dev/null || { cat serve.log >&2; fail "serve did not start"; exit 1; }
  done
  base="http://$(grep -o '"http":"[^"]*"' <<<"$line" | cut -d'"' -f4)"
}
stop() {
  kill -TERM "$server"
  wait "$server" || fail "the server did not stop well: $(tail -n 20 serve.log)"
  server=""
}
members() { "$dailyfeed" log stat --data-dir=feed --json | grep -o '"MemberSignedUp":[0-9]*' | cut -d: -f2; }
# EMAIL HANDLE FOLDER: what each of a hundred sends, % stands for its number; answers in the folder.
sign_up_a_hundred() {
  mkdir "$3"
  seq 100 | xargs -P 100 -I % curl -s -o "$3/%" "$base/api/authentication/signup" -d \
    "{\"email\":\"$1\",\"password\":\"Secret1!x\",\"memberName\":\"Kim\",\"handle\":\"$2\",\"gender\":\"OTHER\",\"countryCode\":\"KR\"}"
}
expect_one() {  # CODE FOLDER
  local one others
  one="$(grep -l '^{"status":201,"result":"SUCCESS"' "$2"/* | wc -l)"
  others="$(grep -l "^{\"statusCode\":400,.*\"errorCode\":\"$1\"}\$" "$2"/* | wc -l)"
  [[ "$one" == 1 && "$others" == 99 ]] || fail "$one succeeded, $others were refused with $1: $(cat "$2"/*)"
}

start
sign_up_a_hundred kim@example.com 'kim_%' email
expect_one MEMBER_ALREADY_EXISTS email
stop
[[ "$(members)" == 1 ]] || fail "the log has $(members) members, not 1"
start
sign_up_a_hundred 'lee_%@example.com' lee handle
expect_one MEMBER_HANDLE_ALREADY_EXISTS handle
stop
[[ "$(members)" == 2 ]] || fail "the log has $(members) members, not 2"
exit "$((failures > 0))"

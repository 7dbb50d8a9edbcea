#!/bin/bash
# The commands for operators beside a running server and on an idle directory: the same output, the
# same exit codes; a backup of a running server, restored.
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
start() {  # DIRECTORY: serves it on free ports; sets server
  rm -f serve.log
  "$dailyfeed" serve --data-dir="$1" --http=127.0.0.1:0 --monitor=127.0.0.1:0 --development 2>serve.log &
  server=$!
  until grep -q '"message":"serving"' serve.log 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat serve.log >&2; fail "serve did not start"; exit 1; }
  done
}
stop() {
  kill -TERM "$server" && wait "$server"
  local code=$?
  [[ "$code" == 0 ]] || { cat serve.log >&2; fail "serve ended with $code"; }
  server=""
}

"$dailyfeed" seed --data-dir=feed >/dev/null || fail "no sample data"
# Once served, so that both runs see the same pictures and generations.
start feed
stop

commands=(
  "log cat"
  "log cat --limit=3 --from=11"
  "log cat --day=20261301"
  "log cat --type=Nothing"
  "log cat --stream=post/1"
  "log verify"
  "log verify --json"
  "views stat"
  "views stat --json"
  "images gc --dry-run"
  "images gc --grace=-1s"
  "images gc --pictures-dir=elsewhere"
  "unpark"
  "unpark --all"
  "unpark --all --key=post/1"
  "unpark --projection=posts --key=post/1"
  "unpark --projection=posts --key=post/1 --json"
  "backup"
  "backup --to=feed"
  "backup --to=no/such"
  "views digest"
  "views digest posts --json"
  "views digest nothing"
  "views digest posts search"
  "views verify"
  "views verify posts"
  "views verify nothing"
  "views verify --against=previous"
  "views verify --against=no/such"
  "views verify posts --against=previous --mend"
)
run_all() {  # FOLDER: the output and the exit code of every command
  mkdir -p "$1"
  local number=0
  for command in "${commands[@]}"; do
    number=$((number + 1))
    # shellcheck disable=SC2086
    "$dailyfeed" $command --data-dir=feed >"$1/$number.out" 2>"$1/$number.err"
    echo "$?" >"$1/$number.code"
  done
  # The bytes on disk are those of the moment.
  "$dailyfeed" log stat --data-dir=feed | grep -v MiB >"$1/stat.out"
}
mkdir elsewhere
run_all idle
start feed
[[ "$(stat -c %a feed/control.sock)" == 600 ]] || fail "the control socket is for others too"
run_all running
for file in idle/*; do
  cmp -s "$file" "running/${file##*/}" && continue
  # The one difference there must be: a running server has its pictures where it has them.
  number="$(basename "${file%.*}")"
  [[ "$number" != stat && "${commands[$((number - 1))]}" == "images gc --pictures-dir=elsewhere" ]] && continue
  fail "${file##*/} differs: $(diff "$file" "running/${file##*/}" | head -5)"
done
grep -q "has its pictures in" running/12.err || fail "a running server took other pictures: $(cat running/12.err)"
[[ "$(cat running/6.out)" == *"no fault"* ]] || fail "log verify beside a server: $(cat running/6.*)"
[[ ! -e feed/verify ]] || fail "log verify left a copy"
[[ "$("$dailyfeed" log stat --data-dir=feed)" == *"secrets/"* ]] || fail "log stat shows no bytes"

# A reader who has enough, and one who cannot be written to.
{ "$dailyfeed" log cat --data-dir=feed 2>head.err || true; } | head -n 1 | grep -q '^{"position":1,' || fail "log cat | head"
if "$dailyfeed" log cat --data-dir=feed >/dev/full 2>full.err; then fail "a full disk looked like success"; fi
grep -q "standard output is not complete" full.err || fail "full: $(cat full.err)"

# Any program can ask: one line there, lines back.
answer="$(printf '{"command":"views stat","arguments":{"json":"true"}}\n' | python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect("feed/control.sock"); s.sendall(sys.stdin.buffer.read())
print(s.makefile().read())')"
[[ "$answer" == *'{"text":"{\"projection\":'* && "$answer" == *'{"exit":0}'* ]] || fail "by hand: $answer"
answer="$(python3 -c '
import socket
s = socket.socket(socket.AF_UNIX); s.connect("feed/control.sock"); s.sendall(b"{\"command\":\"stop\"}\n")
print(s.makefile().read())')"
[[ "$answer" == *'There is no command \"stop\"; there are: log stat, log cat'* ]] || fail "unknown: $answer"

# A backup of the running server, and what it is worth.
"$dailyfeed" backup --data-dir=feed --to=backup --secrets-to=secrets >backup.out || fail "backup: $(cat backup.out)"
head="$("$dailyfeed" log stat --data-dir=feed --json | grep -o '"head":[0-9]*')"
[[ "$(cat backup.out)" == "head      ${head#*:}"* ]] || fail "backup said: $(cat backup.out)"
for each in backup secrets secrets/secrets; do
  [[ "$(stat -c %a "$each")" == 700 ]] || fail "$each has mode $(stat -c %a "$each")"
done
if "$dailyfeed" backup --data-dir=feed --to=backup 2>again.err; then fail "a backup was written over"; fi
grep -q "is not empty" again.err || fail "again: $(cat again.err)"
"$dailyfeed" log cat --data-dir=feed >before.cat

# What a killed server leaves is in nobody's way.
kill -9 "$server"
wait "$server" 2>/dev/null
server=""
[[ -S feed/control.sock ]] || fail "there is no socket to replace"
"$dailyfeed" log verify --data-dir=feed >/dev/null || fail "log verify beside a dead socket"
start feed
"$dailyfeed" views stat --data-dir=feed >/dev/null || fail "views stat after a kill"
stop
[[ ! -e feed/control.sock ]] || fail "the socket outlived its server"

"$dailyfeed" restore --from=backup --secrets-from=secrets --data-dir=restored >restore.out || fail "restore: $(cat restore.out)"
"$dailyfeed" log cat --data-dir=restored | cmp - before.cat || fail "the restored log is another"
"$dailyfeed" log verify --data-dir=restored | grep -q "no fault" || fail "the restored log has a fault"
start restored
stop
[[ "$("$dailyfeed" restore --from=backup 2>&1)" == *"--data-dir=DIR is missing"* ]] || fail "restore without a directory"
[[ "$("$dailyfeed" restore --data-dir=x 2>&1)" == *"--from=DIR is missing"* ]] || fail "restore from nowhere"

exit "$((failures > 0))"

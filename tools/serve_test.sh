#!/bin/bash
# `dailyfeed serve` from outside: start, the lines tools/run prints, refusals, drain, kill -9.
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
expect() {  # CODE TEXT COMMAND...
  local code="$1" text="$2" output actual
  shift 2
  output="$("$@" 2>&1)"
  actual=$?
  [[ "$actual" == "$code" ]] || fail "$* gave exit code $actual, not $code: $output"
  [[ "$output" == *"$text"* ]] || fail "$* did not say \"$text\": $output"
}
start() {  # FLAGS...: serves feed/ on free ports; sets server, base, monitor
  rm -f serve.log
  "$dailyfeed" serve --data-dir=feed --http=127.0.0.1:0 --monitor=127.0.0.1:0 --development "$@" 2>serve.log &
  server=$!
  local line
  until line="$(grep '"message":"serving"' serve.log 2>/dev/null)"; do
    if ! kill -0 "$server" 2>/dev/null; then
      cat serve.log >&2
      fail "serve did not start"
      exit 1
    fi
  done
  base="http://$(grep -o '"http":"[^"]*"' <<<"$line" | cut -d'"' -f4)"
  monitor="http://$(grep -o '"monitor":"[^"]*"' <<<"$line" | cut -d'"' -f4)"
}
# A build that is not optimized says so before everything else.
first_line_is_honest() {
  [[ "$("$dailyfeed" version)" == *"(optimized"* ]] && return
  head -n 1 serve.log | grep -q '"message":"this program is slow' || fail "the first line: $(head -n 1 serve.log)"
}
login() {
  curl -si "$base/api/authentication/login" -d "{\"email\":\"$1\",\"password\":\"Sample1!feed\"}" |
    tr -d '\r' | sed -n 's/^[Aa]uthorization: Bearer //p'
}

# Refusals before anything is opened.
expect 2 "--data-dir=DIR is missing" "$dailyfeed" serve
expect 2 "--http is HOST:PORT" "$dailyfeed" serve --data-dir=feed --http=8080
printf 'http.threads = 1\nhttp.thread = 2\n' >bad.conf
expect 1 "bad.conf:2: there is no setting" "$dailyfeed" serve --data-dir=feed --config=bad.conf
expect 1 "cannot read the configuration file absent.conf" "$dailyfeed" serve --data-dir=feed --config=absent.conf
: >empty.conf
expect 0 "http.threads" "$dailyfeed" serve --config=empty.conf --print-config
mkdir directory.conf
expect 1 "cannot read the configuration file directory.conf" "$dailyfeed" serve --data-dir=feed --config=directory.conf
for line in "http.threads = 100000000" "api.trusted_proxies = not-an-address" "api.cors_origins = foo" \
  "engine.queue_capacity = 18446744073709551615" "identity.argon2_memory_bytes = 900GiB"; do
  echo "$line" >bad.conf
  expect 1 "bad.conf:1: ${line%% *} " "$dailyfeed" serve --data-dir=feed --config=bad.conf
done
expect 2 "neither an IP address nor a name" "$dailyfeed" serve --data-dir=feed --monitor=127.0.0.1:0 "--http=no where:0"
[[ ! -e feed ]] || fail "a refused start made a directory"
mkdir strangers && touch strangers/letter
expect 1 "it has letter in it" "$dailyfeed" serve --data-dir=strangers --http=127.0.0.1:0 --monitor=127.0.0.1:0
[[ "$(ls -A strangers)" == letter ]] || fail "a directory of somebody else was filled"

# What --print-config prints is a file that gives the same.
"$dailyfeed" serve --print-config --http=127.0.0.1:7 >one.conf
"$dailyfeed" serve --print-config --config=one.conf >two.conf
cmp one.conf two.conf || fail "--print-config does not read back"
grep -q '^http.address = 127.0.0.1:7$' one.conf || fail "--print-config ignores flags"

start --seed-sample-data
first_line_is_honest
email="$(grep -o '"email":"[^"]*"' feed/sample-logins.json | head -n 1 | cut -d'"' -f4)"
token="$(login "$email")"
[[ -n "$token" ]] || fail "no token"
posted="$(curl -s "$base/api/posts" -H "Authorization: Bearer $token" -d '{"content":"안녕하세요, hello!"}')"
[[ "$posted" == '{"status":201,'*'"content":"안녕하세요, hello!"'* ]] || fail "post: $posted"
feed="$(curl -s "$base/api/timeline/posts/followings?size=3" -H "Authorization: Bearer $token")"
[[ "$(grep -o '"authorHandle"' <<<"$feed" | wc -l)" == 3 ]] || fail "feed: $feed"
[[ "$(curl -s -o page.html -w '%{http_code}' "$base/")" == 200 ]] || fail "no start page"
[[ "$(curl -s -o /dev/null -w '%{http_code}' "$monitor/readyz")" == 200 ]] || fail "monitor: not ready"
# Not through a pipe: grep -q ends at the first match, and curl then fails.
settings="$(curl -s "$monitor/debug/config")"
[[ "$settings" == *"engine.queue_capacity"* ]] || fail "monitor: no configuration"

# One process, one directory; one port, one listener.
expect 1 "feed" "$dailyfeed" serve --data-dir=feed --http=127.0.0.1:0 --monitor=127.0.0.1:0
expect 1 "in use" "$dailyfeed" serve --data-dir=other --http="${base#http://}" --monitor=127.0.0.1:0
[[ ! -e other ]] || fail "a port in use left a new directory"
expect 0 '{"position":1,' "$dailyfeed" log cat --data-dir=feed --limit=1

# kill -9: what was answered is there.
kill -9 "$server"
wait "$server" 2>/dev/null
echo "http.drain_timeout = 1s" >quick.conf
start --http=localhost:0 --config=quick.conf
token="$(login "$email")"
mine="$(curl -s "$base/api/timeline/posts?size=1" -H "Authorization: Bearer $token")"
[[ "$mine" == *'"content":"안녕하세요, hello!"'* ]] || fail "lost after kill -9: $mine"

# Pictures are decoded in a process of its own; the next picture replaces one that died.
base64 -d >dot.png <<<iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC
upload() { curl -s "$base/api/images/upload" -H "Authorization: Bearer $token" -F image=@dot.png; }
decoders() { cat "/proc/$server"/task/*/children; }
expect 0 SUCCESS upload
first="$(decoders)"
[[ -n "$first" ]] || fail "no process decodes pictures"
kill -9 $first
expect 0 SUCCESS upload
[[ "$(decoders)" != "$first" ]] || fail "no process took the place of those that died"

# A name is an address.
grep -q '"http":"localhost:' serve.log || fail "not on localhost: $(grep serving serve.log)"

# SIGTERM: drained, exit code 0. A picture that takes for ever is not waited for.
hang="$(decoders)"
kill -STOP $hang
upload >/dev/null &
until [[ "$(curl -s "$monitor/metrics")" =~ requests_in_flight\ [1-9] ]]; do :; done
kill -TERM "$server"
wait "$server"
code=$?
[[ "$code" == 0 ]] || fail "SIGTERM gave exit code $code: $(tail -n 5 serve.log)"
server=""
for each in $hang; do
  [[ ! -e "/proc/$each" ]] || fail "a process that decodes pictures is still there"
done
grep -q '"message":"stopped"' serve.log || fail "no word about the end"
expect 0 "no fault" "$dailyfeed" log verify --data-dir=feed
exit "$((failures > 0))"

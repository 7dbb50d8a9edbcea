#!/bin/bash
# tools/kafka and its proxy with a real broker: start, produce and consume, kill,
# start, stop, wipe; and what each mode of the proxy does to a client.
set -uo pipefail
tools="$(cd "$(dirname "$1")" && pwd)"
kafka="$tools/kafka" proxy="$tools/kafka_proxy.py"
cd "$TEST_TMPDIR" || exit 1
# A range of ports of this run's own, below those that the system gives out.
port=$((20000 + ($$ % 1500) * 8))
failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
broker() { "$kafka" "$@" --dir="$TEST_TMPDIR/kafka" --port="$port"; }
trap 'broker wipe; exec 5>&-' EXIT

# Wrong calls: exit code 2 and what is wrong.
wrong() {
  local said
  said="$("$kafka" "$@" 2>&1 >/dev/null)"
  [[ $? == 2 && "$said" == error:* ]] || fail "kafka $* gave: $said"
}
wrong
wrong begin
wrong start stop
wrong start --nodes=2
wrong start --port=x
wrong start --port=80
wrong start --node=2

broker status >/dev/null && fail "status before the start"
# The first start makes topics that are used: the tests' topic is made so.
started="$(KAFKA_PROPERTIES="auto.create.topics.enable=true" broker start)"
[[ "$started" == "ready: 127.0.0.1:$port" ]] || { fail "the start"; exit 1; }
broker status | grep -q "127.0.0.1:$port" || fail "status"
[[ "$(broker start 2>/dev/null)" == "ready: 127.0.0.1:$port" ]] || fail "a second start"
first_pid="$(cut -d' ' -f1 kafka/1/pid)"
[[ "$("$kafka" start --dir="$TEST_TMPDIR/other" --port="$port" 2>&1)" == *"is taken"* ]] || fail "a taken port"
[[ "$("$kafka" start --nodes=3 --dir="$TEST_TMPDIR/kafka" --port="$port" 2>&1)" == *"made for 1"* ]] ||
  fail "other number of brokers"

produce() { printf '%s\n' "$2" | timeout 30 kcat -b "127.0.0.1:$1" -P -t "$3" -p 0 -X acks=all -X message.timeout.ms="${4:-15000}"; }
consume() { timeout 30 kcat -b "127.0.0.1:$1" -C -t "$2" -p 0 -e -q; }
# What was acknowledged survives kill -9.
produce "$port" one kept || fail "produce"
broker kill
broker status >/dev/null && fail "status after the kill"
broker start >/dev/null || fail "the start after the kill"
[[ "$(cut -d' ' -f1 kafka/1/pid)" != "$first_pid" ]] || fail "the broker lives after the kill"
[[ "$(consume "$port" kept)" == one ]] || fail "what was acknowledged is gone"
produce "$port" x never-made 2000 2>/dev/null && fail "a topic was made by using it"

# The proxy. Its commands go to descriptor 5, its answers to proxy.log.
mkfifo commands
"$proxy" $((port + 3)) $((port + 2)) <commands >proxy.log 2>proxy.err &
proxy_pid=$!
exec 5>commands
tell() {
  local before
  before="$(wc -l <proxy.log)"
  echo "$*" >&5
  for ((i = 0; i < 100; ++i)); do
    (($(wc -l <proxy.log) > before)) && return
    sleep 0.05
  done
  fail "the proxy does not answer $* ($(<proxy.err))"
}
for ((i = 0; i < 100; ++i)); do grep -q "ok ready" proxy.log && break; sleep 0.05; done
proxied=$((port + 3))
produce "$proxied" two kept || fail "produce through the proxy"
[[ "$(consume "$proxied" kept | tr '\n' ' ')" == "one two " ]] || fail "consume through the proxy"
kcat -b "127.0.0.1:$proxied" -L 2>/dev/null | grep -q "at 127.0.0.1:$proxied" || fail "the client is led around the proxy"

tell delay 300
begin="$(date +%s%N)"
produce "$proxied" three kept || fail "produce with a delay"
((($(date +%s%N) - begin) / 1000000 >= 600)) || fail "delay 300 delays nothing"
tell refuse
produce "$proxied" lost kept 1500 2>/dev/null && fail "refuse lets pass"
tell half-open
produce "$proxied" lost kept 1500 2>/dev/null && fail "half-open lets pass"
tell swallow-requests
tell cut
produce "$proxied" lost kept 1500 2>/dev/null && fail "swallow-requests lets pass"
tell pass
tell cut
produce "$proxied" four kept || fail "produce after all that"
[[ "$(consume "$proxied" kept | tail -n 1)" == four ]] || fail "consume after all that"
tell nonsense
grep -q "^error unknown command: nonsense" proxy.log || fail "an unknown command"
exec 5>&-
for ((i = 0; i < 100; ++i)); do kill -0 "$proxy_pid" 2>/dev/null || break; sleep 0.05; done
kill -0 "$proxy_pid" 2>/dev/null && fail "the proxy outlives its input"

# A stop keeps, a wipe does not.
broker stop
broker start >/dev/null || fail "the start after the stop"
[[ "$(consume "$port" kept | head -n 1)" == one ]] || fail "a stop lost something"
id="$(<kafka/cluster-id)"
broker wipe
[[ ! -e kafka ]] || fail "wipe leaves $(ls kafka)"
broker start >/dev/null || fail "the start after the wipe"
[[ "$(<kafka/cluster-id)" != "$id" ]] || fail "the same cluster id after a wipe"
consume "$port" kept >/dev/null 2>&1 && fail "the topic survived the wipe"

exit "$((failures > 0))"

#!/bin/bash
# The command line from outside: sample data, the log subcommands, exit codes, messages.
set -uo pipefail
dailyfeed="$(realpath "$1")"
cd "$TEST_TMPDIR" || exit 1
failures=0

fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
# expect CODE TEXT COMMAND...: exit code and a part of what is printed.
expect() {
  local code="$1" text="$2" output actual
  shift 2
  output="$("$@" 2>&1)"
  actual=$?
  [[ "$actual" == "$code" ]] || fail "$* gave exit code $actual, not $code: $output"
  [[ "$output" == *"$text"* ]] || fail "$* did not say \"$text\": $output"
}

expect 2 "Say what to do." "$dailyfeed"
expect 0 "usage: dailyfeed SUBCOMMAND" "$dailyfeed" --help
expect 0 "usage: dailyfeed log cat" "$dailyfeed" help log cat
expect 0 "log verify       check every invariant" "$dailyfeed" log --help
expect 0 "images gc        remove the files" "$dailyfeed" help images
expect 2 "log needs one of: stat, cat, verify." "$dailyfeed" log
expect 2 "Did you mean seed?" "$dailyfeed" seeed
expect 2 "log verify takes no --limit" "$dailyfeed" log verify --limit=3
expect 0 "dailyfeed 0." "$dailyfeed" version
if [[ "$("$dailyfeed" version)" != *"(optimized"* ]]; then
  [[ "$("$dailyfeed" bench nonsense 2>/dev/null | head -n 1)" == "this program is slow"* ]] ||
    fail "a slow build does not say so"
fi
expect 2 "there is no benchmark" "$dailyfeed" bench nonsense
expect 2 "--data-dir=DIR is missing" "$dailyfeed" log stat
expect 1 "there is no directory absent" "$dailyfeed" log stat --data-dir=absent
mkdir other
expect 1 "not a data directory of dailyfeed" "$dailyfeed" log verify --data-dir=other

expect 0 "50 members, 430 posts" "$dailyfeed" seed --data-dir=feed
expect 1 "sample data go into an empty directory" "$dailyfeed" seed --data-dir=feed
[[ "$(grep -o '"email"' feed/sample-logins.json | wc -l)" == 50 ]] || fail "not 50 logins"

expect 0 "no fault" "$dailyfeed" log verify --data-dir=feed
expect 0 '"fault":""' "$dailyfeed" log verify --data-dir=feed --json
expect 0 "PostPublished               430" "$dailyfeed" log stat --data-dir=feed
expect 0 "time zone Asia/Seoul" "$dailyfeed" log stat --data-dir=feed
expect 0 '"projection":"members","generation":1,' "$dailyfeed" views stat --data-dir=feed --json
expect 0 "checkpoint" "$dailyfeed" views stat --data-dir=feed
printf 'data_directory = feed\ntime_zone = UTC\n' >zone.conf
expect 1 "those of Asia/Seoul, not of UTC" "$dailyfeed" serve --config=zone.conf --http=127.0.0.1:0 --monitor=127.0.0.1:0
expect 0 '"PostPublished":430' "$dailyfeed" log stat --data-dir=feed --json

cat_log() { "$dailyfeed" log cat --data-dir=feed "$@" || fail "log cat $*"; }
head="$("$dailyfeed" log stat --data-dir=feed --json | grep -o '"head":[0-9]*' | cut -d: -f2)"
[[ "$(cat_log | wc -l)" == "$head" ]] || fail "log cat does not print every event"
[[ "$(cat_log --type=PostPublished | wc -l)" == 430 ]] || fail "wrong filter by type"
[[ "$(cat_log --type=MemberSignedUp,PostPublished | wc -l)" == 480 ]] || fail "wrong filter by two types"
[[ "$(cat_log --from=11 --to=20 | wc -l)" == 10 ]] || fail "wrong filter by position"
[[ "$(cat_log --from=11 --limit=3 | grep -o '^{"position":[0-9]*')" == \
  $'{"position":11\n{"position":12\n{"position":13' ]] || fail "wrong limit"
stream="$(cat_log --stream=post/1)"
[[ "$(wc -l <<<"$stream")" == 1 && "$stream" == *'"type":"PostPublished","stream":"post/1","version":1'* ]] ||
  fail "wrong filter by stream: $stream"
# The first, a middle and the last day: as many events as the statistics say.
mapfile -t days < <("$dailyfeed" log stat --data-dir=feed --json |
  grep -o '"day":[0-9]*,"events":[0-9]*' | sed 's/"day":\([0-9]*\),"events":/\1 /')
((${#days[@]} >= 15)) || fail "only ${#days[@]} days"
for entry in "${days[0]}" "${days[7]}" "${days[-1]}"; do
  read -r day events <<<"$entry"
  [[ "$(cat_log --day="$day" | grep -c "\"day\":$day,")" == "$events" ]] || fail "wrong filter by day $day"
done
sum=0
for entry in "${days[@]}"; do sum=$((sum + ${entry#* })); done
[[ "$sum" == "$head" ]] || fail "the days have $sum events, the log has $head"
if cat_log | grep -q "sample.dailyfeed.example"; then fail "an e-mail stands in the log"; fi

# What could not be written is no success; a reader who has enough is none of a failure.
for command in "log cat --data-dir=feed" "log cat --data-dir=feed --limit=1" \
  "log stat --data-dir=feed" "log stat --data-dir=feed --json" "log verify --data-dir=feed" \
  "images gc --data-dir=feed" "version" "--help" "serve --print-config"; do
  expect 1 "standard output is not complete: No space left on device" \
    bash -c '"$0" $1 >/dev/full' "$dailyfeed" "$command"
done
expect 0 '{"position":1,' bash -o pipefail -c 'trap "" PIPE; "$0" log cat --data-dir=feed | head -n 1' "$dailyfeed"
quiet="$(bash -c 'trap "" PIPE; "$0" log cat --data-dir=feed | true' "$dailyfeed" 2>&1)"
[[ -z "$quiet" ]] || fail "a closed pipe is not quiet: $quiet"

expect 2 "--data-dir=DIR is missing" "$dailyfeed" images gc
expect 1 "not a data directory of dailyfeed" "$dailyfeed" images gc --data-dir=other
mkdir -p feed/pictures/tmp
echo half >feed/pictures/tmp/1-1
expect 0 "left-overs  0" "$dailyfeed" images gc --data-dir=feed
expect 0 "left-overs  1 would be removed" "$dailyfeed" images gc --data-dir=feed --dry-run --grace=0s
expect 0 '"leftOvers":1' "$dailyfeed" images gc --data-dir=feed --grace=0s --json
expect 0 "files       0" "$dailyfeed" images gc --data-dir=feed --grace=0s
# The pictures of another feed are not this one's to remove.
expect 0 "50 members" "$dailyfeed" seed --data-dir=second
expect 1 "belongs to another feed" "$dailyfeed" images gc --data-dir=feed --pictures-dir=second/pictures --dry-run
rm second/pictures/OWNER
expect 0 "files       0" "$dailyfeed" images gc --data-dir=feed --pictures-dir=second/pictures
echo half >second/pictures/tmp/1-1
expect 1 "no mark of a feed" "$dailyfeed" images gc --data-dir=feed --pictures-dir=second/pictures --dry-run
expect 1 "no mark of a feed" "$dailyfeed" images gc --data-dir=feed --pictures-dir=second/pictures --grace=0s
[[ -f second/pictures/tmp/1-1 ]] || fail "a file of another feed is gone"

expect 2 'There is no event type "Nothing"' "$dailyfeed" log cat --data-dir=feed --type=Nothing
expect 2 "--day is a date" "$dailyfeed" log cat --data-dir=feed --day=20261301
expect 2 "--stream is a name like post/41" "$dailyfeed" log cat --data-dir=feed --stream=posts

exit "$((failures > 0))"

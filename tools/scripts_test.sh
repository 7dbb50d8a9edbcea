#!/bin/bash
# The scripts with stand-ins for everything they start: which paths tools/run hands to
# serve, what tools/dailyfeed builds and runs, what is installed for running, and what is
# said while Bazel is busy.
set -uo pipefail
# Beside the source of tools/run: tools/dailyfeed has no label of its own, because the
# program that Bazel builds has its name.
scripts="$(dirname "$(realpath "$1")")"
checks="$(realpath "$2")"
cd "$TEST_TMPDIR" || exit 1
failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

# A project of its own, where setup does nothing and a build makes a program that
# writes down how it is called and ends.
mkdir -p project/tools bin built/tools caller/inside
cp "$scripts/run" "$scripts/dailyfeed" "$scripts/tidy" "$scripts/lib.sh" project/tools/
printf '#!/bin/bash\n' >project/tools/setup
printf '#!/bin/bash\nexit 0\n' >bin/clang-tidy-14
cat >bin/bazel <<END
#!/bin/bash
if [[ -e "$PWD/busy" ]]; then
  echo "Another command (pid=7) is running. Waiting for it to complete on the server..." >&2
fi
printf '%s\n' "\$*" >>"$PWD/asked"
if [[ "\$1" == info ]]; then echo "$PWD/built"; fi
END
cat >built/tools/dailyfeed <<END
#!/bin/bash
printf '%s\n' "in \$(pwd -P)" "\$@" >"$PWD/called"
if [[ "\$1" == seed ]]; then mkdir -p "\${2#--data-dir=}/log"; fi
exit 1
END
chmod +x project/tools/setup bin/* built/tools/dailyfeed
here="$(pwd -P)"

# run ARGS...: from caller/; `called` has what the last program was called with.
run() {
  (cd caller && PATH="$here/bin:$PATH" "$here/project/tools/run" --port=1 --monitor-port=2 "$@") >run.log 2>&1
}
called() { grep -qxF -- "$1" called || fail "$2: no \"$1\" in: $(<called) ($(<run.log))"; }

run --no-sample-data --data-dir=inside -- --config=feed.conf
called "--data-dir=$here/caller/inside" "a relative directory"
called "--config=feed.conf" "flags behind --"
called "in $here/caller" "relative paths behind --"

run --no-sample-data --data-dir="$here/elsewhere"
called "--data-dir=$here/elsewhere" "an absolute directory"

run --no-sample-data
called "--data-dir=$here/project/var/dailyfeed" "no directory"

run --data-dir inside/new
called "--data-dir=$here/caller/inside/new.filling" "sample data"
[[ ! -e project/inside ]] || fail "something was made in the project"

# tools/dailyfeed: an optimized build, then the program with these arguments from where one
# stands; its output, its exit code.
rm -f asked called
output="$(cd caller && PATH="$here/bin:$PATH" "$here/project/tools/dailyfeed" log cat --from=2 'two words' 2>run.log)"
[[ $? == 1 ]] || fail "tools/dailyfeed does not end as its program does"
[[ -z "$output" ]] || fail "tools/dailyfeed prints what its program does not: $output"
called "in $here/caller" "tools/dailyfeed"
called "two words" "an argument with a space"
[[ "$(tail -n 4 called | tr '\n' ' ')" == "log cat --from=2 two words " ]] || fail "other arguments: $(<called)"
[[ "$(grep -c -- '--config=opt' asked)" == 2 && "$(wc -l <asked)" == 2 ]] || fail "not an optimized build: $(<asked)"
grep -q '//tools:dailyfeed' asked || fail "tools/dailyfeed builds something else: $(<asked)"
rm called
PATH="$here/bin:$PATH" project/tools/dailyfeed >run.log 2>&1
[[ $? == 2 && ! -e called ]] || fail "tools/dailyfeed without arguments: $(<run.log)"

# What running needs: no browser, no test library, nothing of Kafka's server.
"$scripts/setup" --run --list >list || fail "tools/setup --list failed"
if grep -E '^(chromium|libgtest|libgmock|libbenchmark|clang|openjdk|maven|kcat|nginx|redis|debootstrap)' list; then
  fail "tools/run installs what it does not need"
fi
grep -q '^librocksdb-dev ' list || fail "tools/run does not install what it needs: $(<list)"

# Every call of Bazel says that it waits: query, build, info.
echo '#include "x.pb.h"' >project/x.cc
touch busy
PATH="$here/bin:$PATH" project/tools/tidy x.cc >tidy.log 2>&1 || fail "tidy: $(<tidy.log)"
[[ "$(grep -c 'tidy: waiting for Bazel' tidy.log)" == 3 ]] || fail "tidy waits in silence: $(<tidy.log)"
run --no-sample-data
[[ "$(grep -c 'build: waiting for Bazel' run.log)" == 2 ]] || fail "run waits in silence: $(<run.log)"
rm busy
PATH="$here/bin:$PATH" project/tools/tidy x.cc >tidy.log 2>&1 || fail "tidy: $(<tidy.log)"
if grep -q waiting tidy.log; then fail "nobody is busy: $(<tidy.log)"; fi

# clang-tidy looks at our headers, whose names it knows with everything before them.
headers="$(sed -n "s/^HeaderFilterRegex: '\(.*\)'/\1/p" "$checks")"
for header in core/domain/x.h /where/it/is/./adapters/http/x.h /tree/projections/x.h /tree/tools/cli/x.h; do
  grep -qE -- "$headers" <<<"$header" || fail ".clang-tidy overlooks $header"
done
if grep -qE -- "$headers" <<</usr/include/c++/12/string; then fail ".clang-tidy looks at the system"; fi

exit "$((failures > 0))"

# Shared by the scripts in tools/. Source it; it changes to the root of the project.

# Where the script was called: what the caller types is meant from there.
CALLER="$PWD"
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
cd "$ROOT" || exit 1

# Bazel and git want a home; a service manager or a CI job may give none.
if [[ -z "${HOME:-}" || ! -d "${HOME:-}" ]]; then
  HOME="$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)"
  if [[ -z "$HOME" || ! -w "$HOME" ]]; then
    HOME="$ROOT/var/home"
    mkdir -p "$HOME"
  fi
  export HOME
fi
export LC_ALL=C.UTF-8

# Progress is redrawn on one line on a terminal and printed line by line elsewhere.
INTERACTIVE=0
if [[ -t 2 && -z "${CI:-}" && "${TERM:-dumb}" != dumb ]]; then INTERACTIVE=1; fi

say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $1"
  shift
  for line in "$@"; do say "       $line"; done
  exit 1
}
# A wrong option: what is wrong, where the right ones stand, exit code 2.
usage_error() {
  say "error: $1"
  say "       ${0##*/} --help shows the options"
  exit 2
}

LAST_PROGRESS_AT=0
# progress TEXT: redraws, or prints at most one line in five seconds.
progress() {
  if ((INTERACTIVE)); then
    local width="${COLUMNS:-100}"
    printf '\r\033[K%s' "${1:0:width-1}" >&2
  elif ((SECONDS - LAST_PROGRESS_AT >= 5)); then
    LAST_PROGRESS_AT=$SECONDS
    say "$1"
  fi
}
progress_end() { if ((INTERACTIVE)); then printf '\r\033[K' >&2; fi; }

# log_file NAME: a path for a log of that name, in the project if it is writable.
log_file() {
  if mkdir -p "$ROOT/var/log" 2>/dev/null && [[ -w "$ROOT/var/log" ]]; then
    printf '%s\n' "$ROOT/var/log/$1"
  else
    mktemp -t "dailyfeed.XXXXXX.$1"
  fi
}

# Where downloads stand that many trees share. Of the account and not of $HOME: tests
# run with a home of their own, and all of them should find the one copy.
cache_directory() {
  local home
  home="$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)"
  printf '%s\n' "${XDG_CACHE_HOME:-${home:-$HOME}/.cache}/dailyfeed"
}

# Bazel does one thing at a time in one tree, and waits without a limit.
say_waiting() {
  progress_end
  say "$1: waiting for Bazel, which is busy here with something else ($2)"
}

# ask_bazel LABEL ARGS...: what Bazel answers, and nothing else of what it says
# but that it waits.
ask_bazel() {
  local label="$1" line
  shift
  { bazel "$@" 2>&1 >&3 | while IFS= read -r line; do
    case "$line" in "Another command "*) say_waiting "$label" "$line" ;; esac
  done; } 3>&1
}

# run_bazel LABEL LOG ARGS...: Bazel with one line of progress and everything
# else in LOG. Returns Bazel's exit code.
run_bazel() {
  local label="$1" log="$2" line
  shift 2
  : >"$log" || return 1
  LAST_PROGRESS_AT=$SECONDS
  progress "$label: starting Bazel ..."
  {
    bazel "$@" 2>&1
    printf '\n%s\n' "exit $?"
  } | while IFS= read -r line; do
    case "$line" in
      "exit "*) printf '%s\n' "${line#exit }" >"$log.exit" ;;
      "Another command "*) say_waiting "$label" "$line" ;;
      "["*" / "*"]"* | Analyzing* | Loading*) progress "$label: $line" ;;
      INFO:* | "") ;;
      *) printf '%s\n' "$line" >>"$log" ;;
    esac
  done
  progress_end
  local code
  code="$(cat "$log.exit" 2>/dev/null || echo 1)"
  rm -f "$log.exit"
  return "$code"
}
BAZEL_OUTPUT=(--jobs=auto --color=no --curses=no --show_progress --show_progress_rate_limit=1)

# built_dailyfeed CONFIG...: builds the program and prints its path. Bazel decides
# whether anything has to be compiled. What it said stands in build.log.
built_dailyfeed() {
  local log program
  log="$(log_file build.log)"
  if ! run_bazel "build" "$log" build "${BAZEL_OUTPUT[@]}" "$@" //tools:dailyfeed; then
    say "---- the end of $log"
    tail -n 40 "$log" >&2
    say "----"
    die "the build failed; everything it said is in $log"
  fi
  program="$(ask_bazel "build" info "$@" bazel-bin)/tools/dailyfeed"
  [[ -x "$program" ]] || die "the build made no $program"
  printf '%s\n' "$program"
}

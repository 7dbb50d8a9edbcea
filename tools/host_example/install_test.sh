#!/bin/bash
# A host outside of the workspace, built against an installed prefix, does the job of the
# README's snippet; and the prefix shows nothing but the public class.
set -euo pipefail
install="$PWD/$1" source="$2"
prefix="$TEST_TMPDIR/prefix" host="$TEST_TMPDIR/host"

fail() {
  echo "FAILED: $1" >&2
  exit 1
}

# The runfiles are laid out like bazel-bin.
"$install" --prefix="$prefix" --built="$PWD"
installed="$(cd "$prefix" && find . -type f | sort | tr '\n' ' ')"
[[ "$installed" == "./bin/dailyfeed ./include/dailyfeed/feed.h ./lib/libdailyfeed.so ./lib/pkgconfig/dailyfeed.pc ./share/dailyfeed/events.proto " ]] ||
  fail "installed: $installed"
[[ "$("$prefix/bin/dailyfeed" version)" == "dailyfeed "* ]] || fail "the installed program"

# Again over what is there, and moved afterwards: nothing names where it was.
"$install" --prefix="$prefix" --built="$PWD"
mv "$prefix" "$TEST_TMPDIR/moved"
prefix="$TEST_TMPDIR/moved"

mkdir "$host"
cp "$source" "$host/host.cc"
cd "$host"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
[[ "$(pkg-config --modversion dailyfeed)" == "$("$prefix/bin/dailyfeed" version | cut -d' ' -f2)" ]] ||
  fail "pkg-config says version $(pkg-config --modversion dailyfeed)"
# The words of pkg-config are options of their own.
# shellcheck disable=SC2046
g++ -std=c++20 -Wall -Wextra -Werror -Wno-missing-field-initializers host.cc \
  $(pkg-config --cflags --libs dailyfeed) -Wl,-rpath,"$prefix/lib" -o host
answer="$(./host "$host/feed")"
[[ "$answer" == "@kim: 안녕, world (1 like, 1 comment)" ]] || fail "unexpected answer: $answer"

shown="$(nm -DC --defined-only "$prefix/lib/libdailyfeed.so" |
  grep -vE ' (dailyfeed::Feed::|dailyfeed::ErrorName|dailyfeed::InvalidFields)' || true)"
[[ -z "$shown" ]] || fail "the library shows more than its interface: $(head -5 <<<"$shown")"

if wrong="$("$install" --built="$PWD" 2>&1)"; then fail "no prefix, no complaint"; fi
[[ "$wrong" == *"--prefix=DIR"* ]] || fail "unclear: $wrong"
if wrong="$("$install" --prefix="$prefix" --built="$host" 2>&1)"; then fail "nothing was built: $wrong"; fi
[[ "$wrong" == *"there is no"* ]] || fail "unclear: $wrong"

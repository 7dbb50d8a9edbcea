"""The rules of style and structure that the project holds itself to.

Each rule is a function from a tree of files to complaints "path:line: what".
tidy_test.py runs them over the project; tidy_rules_test.py checks that each
one finds what it is there to find.
"""

import os
import re

LINES_MAX = 600

# path: why it may be longer.
LONG_FILES = {}

LAYERS = ["core", "projections", "adapters", "tools"]

# Which folders may include which library. Everybody else goes through an
# interface of ours.
LIBRARY_FOLDERS = {
    "rocksdb/": ["adapters/rocksdb/", "tools/bench/"],
    "boost/": ["adapters/control/", "adapters/http/", "adapters/logging/", "adapters/monitor/", "tools/"],
    "openssl/": ["adapters/crypto/", "adapters/identity/", "adapters/http/"],
    "sodium": ["adapters/crypto/", "adapters/identity/", "adapters/http/"],
    "unicode/": ["adapters/identity/personal/", "projections/search/text/"],
    "prometheus/": ["adapters/monitor/", "adapters/http/"],
    "vips/": ["adapters/images/", "tools/bench/"],
    "jpeglib": ["adapters/images/formats/"],
    "jemalloc/": ["adapters/monitor/", "tools/"],
    "sqlite3": ["tools/search_quality/"],
    "groonga": ["tools/search_quality/"],
    "librdkafka/": ["adapters/kafka/client/"],
}

# The targets of @debian that stand for those libraries.
CORE_LIBRARIES = {"absl", "protobuf", "fmt", "gtest", "gtest_main", "benchmark_main"}

# A library that one folder of core or projections needs besides. ICU reaches no
# disk and no socket: it has Unicode's tables, which search compares texts by.
CORE_EXCEPTIONS = {"icu": "projections/search/text/"}

# Every field of these structs is a setting of `dailyfeed serve`, except those
# that a file cannot set.
SETTINGS = "tools/cli/settings.cc"
OPTIONS = [
    ("adapters/control/control_server.h", "ControlServerOptions", ["directory"]),
    ("adapters/embedded/dailyfeed.h", "Options",
     ["engine", "runtime", "caches", "identity", "live", "log", "views", "secrets", "pictures", "disk"]),
    ("adapters/embedded/disk_reserve.h", "DiskOptions", ["free_bytes"]),
    ("adapters/embedded/feed_pictures.h", "PictureOptions", ["processor", "adopt_directory"]),
    ("adapters/images/picture_processor.h", "PictureProcessorOptions", ["decoder_program"]),
    ("adapters/http/api/api.h", "ApiOptions", []),
    ("adapters/http/server/server.h", "ServerOptions", ["host", "port", "on_request"]),
    ("adapters/identity/identity.h", "IdentityOptions",
     ["clock", "steady_clock", "past", "ids", "create_if_missing"]),
    ("adapters/rocksdb/log/rocks_event_log.h", "RocksLogOptions", ["env", "read_only", "time_zone"]),
    ("adapters/rocksdb/store/rocks_store.h", "RocksStoreOptions",
     ["env", "read_only", "sync_every_write", "write_ahead_log"]),
    ("core/domain/context.h", "DomainLimits", []),
    ("core/engine/engine.h", "EngineOptions", ["clock", "ids", "limits"]),
    ("projections/live/live_feed.h", "LiveOptions", []),
    ("projections/queries/queries.h", "CacheOptions", []),
    ("projections/search/search_options.h", "SearchOptions", []),
    ("projections/runtime/runtime.h", "RuntimeOptions", ["on_progress", "upkeep_thread"]),
]

SOURCE = re.compile(r"\.(h|cc)$")
CODE = re.compile(r"(\.(h|cc|py|sh|proto|bazel|bzl|rc)|^WORKSPACE|^tools/[a-z-]+|^\.ci/run)$")


class Tree:
    """The files of the project: {relative path: text}."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def read(cls, root):
        files = {}
        skipped = {".git", "var", "__pycache__", "node_modules"}
        for folder, names, entries in os.walk(root):
            names[:] = sorted(n for n in names
                              if n not in skipped and not n.startswith("bazel-"))
            for entry in sorted(entries):
                path = os.path.join(folder, entry)
                relative = os.path.relpath(path, root)
                if os.path.islink(path) or relative in (".git", "user.bazelrc"):
                    continue
                try:
                    with open(path, encoding="utf-8") as file:
                        files[relative] = file.read()
                except UnicodeDecodeError:
                    pass  # golden bytes, pictures
        return cls(files)

    def matching(self, pattern):
        for path, text in self.files.items():
            if pattern.search(path):
                yield path, text


def in_layers(path):
    return path.split("/", 1)[0] in LAYERS


def lines_matching(text, pattern):
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(pattern, line):
            yield number, line


def without_comments(text):
    """C++ text with comments and string contents blanked, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def files_are_short(tree):
    for path, text in tree.matching(CODE):
        count = text.count("\n")
        if count > LINES_MAX and path not in LONG_FILES:
            yield f"{path}:{count}: longer than {LINES_MAX} lines"
    for path in LONG_FILES:
        if path not in tree.files:
            yield f"tools/tidy_rules.py:1: LONG_FILES names {path}, which is gone"


def headers_are_guarded(tree):
    for path, text in tree.matching(re.compile(r"\.h$")):
        guard = "DAILYFEED_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
        if (f"#ifndef {guard}\n#define {guard}\n" not in text
                or f"#endif  // {guard}\n" not in text):
            yield f"{path}:1: the header guard must be {guard}"


def nothing_is_left_undone(tree):
    word = r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"
    for path, text in tree.matching(CODE):
        for number, _ in lines_matching(text, word):
            yield f"{path}:{number}: finish it or open an issue"


def tests_do_not_sleep(tree):
    for path, text in tree.matching(re.compile(r"_test(_util)?\.(cc|h)$")):
        for number, _ in lines_matching(without_comments(text),
                                        r"\b(sleep_for|sleep_until|SleepFor|usleep|nanosleep)\b"):
            yield f"{path}:{number}: wait for the event, not for time"


def locks_are_visible_to_tsan(tree):
    for path, text in tree.matching(SOURCE):
        for number, _ in lines_matching(
                without_comments(text), r"\babsl::(Mutex|MutexLock|CondVar|Notification|"
                r"ReaderMutexLock|WriterMutexLock|BlockingCounter|Barrier)\b"):
            yield f"{path}:{number}: Debian's Abseil hides its locks from tsan; use std::mutex"
        for number, _ in lines_matching(text, r'#include "absl/synchronization/'):
            yield f"{path}:{number}: Debian's Abseil hides its locks from tsan; use std::mutex"
        for number, _ in lines_matching(without_comments(text), r"\batomic_(thread|signal)_fence\b"):
            yield f"{path}:{number}: tsan knows no fences; order the accesses themselves"


def payload_switches_are_exhaustive(tree):
    for path, text in tree.matching(SOURCE):
        code = without_comments(text)
        for match in re.finditer(r"\bswitch\s*\([^{]*kind_case\(\)[^{]*\)\s*\{", code):
            depth, at = 1, match.end()
            while at < len(code) and depth:
                if code[at] == "{":
                    depth += 1
                elif code[at] == "}":
                    depth -= 1
                elif depth == 1 and re.compile(r"\bdefault\s*:").match(code, at):
                    yield (f"{path}:{code.count(chr(10), 0, at) + 1}: no default in a switch over "
                           "events; the compiler must ask for every new one")
                at += 1


def no_machine_paths(tree):
    home = r"(?<![\w.])/(wo" + r"rk|ro" + r"ot|ho" + r"me/\w+|Us" + r"ers/\w+)/"
    for path, text in tree.matching(re.compile(r"")):
        for number, _ in lines_matching(text, home):
            yield f"{path}:{number}: a path of one machine"
    for path, text in tree.matching(CODE):
        for number, _ in lines_matching(text, r"(?<![\w.])/tm" + r"p/"):
            yield f"{path}:{number}: use TEST_TMPDIR or mktemp, not a fixed path"


def offered_headers(tree, folder):
    """The headers that the BUILD file of a folder offers to other folders."""
    build = tree.files.get(f"{folder}/BUILD.bazel", "")
    offered = set()
    for target in re.findall(r"(?ms)^(?:cc|folder)_library\(\n(.*?)^\)", build):
        hdrs = re.search(r"(?s)\bhdrs = \[(.*?)\]", target)
        if hdrs and not re.search(r"\btestonly = True", target):
            offered.update(strings_of(hdrs.group(1)))
    return offered


def is_offered_beyond(tree, path, folders):
    """Whether code outside of `folders` may include the header."""
    folder, name = os.path.split(path)
    build = tree.files.get(f"{folder}/BUILD.bazel")
    if build is None:
        return True
    visibility = re.search(r"default_visibility\s*=\s*\[([^\]]*)\]", build)
    visitors = strings_of(visibility.group(1)) if visibility else []
    inside = visitors and all(label.startswith(tuple("//" + f.rstrip("/") for f in folders))
                              for label in visitors)
    return not inside and name in offered_headers(tree, folder)


def libraries_stay_in_their_folders(tree):
    for path, text in tree.matching(SOURCE):
        for number, line in lines_matching(text, r"^\s*#\s*include\s*[<\"]"):
            name = re.search(r"[<\"]([^>\"]+)[>\"]", line).group(1)
            for prefix, folders in LIBRARY_FOLDERS.items():
                if not name.startswith(prefix):
                    continue
                if not any(path.startswith(folder) for folder in folders):
                    yield f"{path}:{number}: {name} may be included only in {', '.join(folders)}"
                elif path.endswith(".h") and is_offered_beyond(tree, path, folders):
                    yield (f"{path}:{number}: {name} belongs into a .cc file or a header of a "
                           "private target; declare, do not include")


def includes_point_down(tree):
    for path, text in tree.matching(SOURCE):
        if not in_layers(path):
            continue
        layer = LAYERS.index(path.split("/", 1)[0])
        for number, line in lines_matching(text, r'^#include "'):
            if '"tools/test_support/' in line and re.search(r"_(test|benchmark|test_util)\.", path):
                continue
            first = re.search(r'"([^"/]+)/', line)
            if first and first.group(1) in LAYERS and LAYERS.index(first.group(1)) > layer:
                yield f"{path}:{number}: {LAYERS[layer]} must not know {first.group(1)}"


def strings_of(text):
    return re.findall(r'"([^"\n]*)"', re.sub(r"(?m)#.*$", "", text))


def dependencies_point_down(tree):
    for path, text in tree.matching(re.compile(r"BUILD\.bazel$")):
        if not in_layers(path):
            continue
        own = path.split("/", 1)[0]
        for label in strings_of(text):
            if label.startswith("//tools/test_support"):
                continue  # testonly: Bazel keeps it out of everything that ships
            if label.startswith("//tools/build_rules:") and label.endswith(".bzl"):
                continue  # a rule is no code that a target links
            if label == "//:dailyfeed" and own != "tools":
                yield f"{path}:1: {own} must not depend on {label}, which is for hosts"
            layer = re.match(r"//([^/:]+)", label)
            if layer and layer.group(1) in LAYERS:
                if LAYERS.index(layer.group(1)) > LAYERS.index(own):
                    yield f"{path}:1: {own} must not depend on {label}"
            library = re.match(r"@debian//:(\w+)$", label)
            if library and own in ("core", "projections") and library.group(1) not in CORE_LIBRARIES:
                if path.startswith(CORE_EXCEPTIONS.get(library.group(1), "/")):
                    continue
                yield f"{path}:1: {own} must not depend on {label}"


def folders_have_default_visibility(tree):
    for path, text in tree.matching(re.compile(r"BUILD\.bazel$")):
        if not in_layers(path):
            continue
        match = re.search(r"default_visibility\s*=\s*\[([^\]]*)\]", text)
        if not match:
            yield f"{path}:1: no default_visibility"
        elif "//visibility:public" in match.group(1):
            yield f"{path}:1: the default visibility must be a layer's group or private"


def folders_with_code_have_a_build_file(tree):
    for path, _ in tree.matching(SOURCE):
        folder, name = os.path.split(path)
        if not in_layers(path):
            continue
        owner = folder
        while owner and f"{owner}/BUILD.bazel" not in tree.files:
            owner = os.path.dirname(owner)
        if not owner:
            yield f"{path}:1: no BUILD.bazel owns this file"
            continue
        relative = os.path.relpath(path, owner)
        build = tree.files[f"{owner}/BUILD.bazel"]
        by_folder = "folder_tests(" if name.endswith("_test.cc") else "folder_library("
        if relative not in strings_of(build) and "glob(" not in build and by_folder not in build:
            yield f"{path}:1: in no target of {owner}/BUILD.bazel"


# The plan of the house: a row a folder, `folder` | what it is | `what` `it` `includes`.
PLAN = "docs/architecture.md"
FOR_EVERYBODY = "core/base"  # not drawn
# What only tests see may include whatever its layer may.
OF_TESTS = re.compile(r"(_(test|fuzz|benchmark)\.(cc|h)$)|(_(test_util|testing|test_support)\.\w+$)"
                      r"|/(testing|contracts|scenario)/")


def plan(tree):
    """{folder: the folders it includes}, as docs/architecture.md draws it."""
    rows = {}
    for line in tree.files.get(PLAN, "").splitlines():
        row = re.match(r"\| `([\w/]+)/` \|[^|]*\| ?(.*?) ?\|$", line)
        if row:
            rows[row.group(1)] = set(re.findall(r"`([\w/]+)/`", row.group(2)))
    return rows


def testonly_files(tree):
    """The sources of targets that are for tests."""
    files = set()
    for path, text in tree.matching(re.compile(r"BUILD\.bazel$")):
        for target in re.findall(r"(?ms)^\w+\(\n(.*?)^\)", text):
            if re.search(r"\btestonly = True", target):
                files.update(f"{os.path.dirname(path)}/{name}" for name in strings_of(target))
    return files


def room_of(rows, path):
    """The folder of the plan that a file stands in."""
    folder = os.path.dirname(path)
    while folder and folder not in rows:
        folder = os.path.dirname(folder)
    return folder


def arrows_are_those_of_the_plan(tree):
    rows = plan(tree)
    if not rows:
        return
    of_tests = testonly_files(tree)
    seen = {room: {} for room in rows}
    for path, text in tree.matching(SOURCE):
        if not in_layers(path) or OF_TESTS.search(path) or path in of_tests:
            continue
        room = room_of(rows, path)
        if not room:
            yield f"{path}:1: its folder has no row in {PLAN}"
            continue
        for number, line in lines_matching(text, r'^#include "'):
            other = room_of(rows, line.split('"')[1])
            if other and other not in (room, FOR_EVERYBODY):
                seen[room].setdefault(other, f"{path}:{number}")
    for room, arrows in seen.items():
        for other, place in arrows.items():
            if other not in rows[room]:
                yield f"{place}: {PLAN} draws no arrow from {room} to {other}"
        for other in rows[room] - set(arrows):
            yield f"{PLAN}:1: no file of {room} includes one of {other}"
    yield from cycles_of(rows)


def cycles_of(rows):
    done, path = set(), []

    def visit(room):
        if room in path:
            yield f"{PLAN}:1: a circle: {' -> '.join(path[path.index(room):] + [room])}"
        elif room not in done:
            path.append(room)
            for other in sorted(rows.get(room, ())):
                yield from visit(other)
            done.add(path.pop())

    for room in rows:
        yield from visit(room)


def only_offered_headers_are_included(tree):
    for path, text in tree.matching(SOURCE):
        if not in_layers(path) or OF_TESTS.search(path):
            continue
        for number, line in lines_matching(text, r'^#include "'):
            header = line.split('"')[1]
            folder = os.path.dirname(header)
            build = tree.files.get(f"{folder}/BUILD.bazel", "")
            if (folder != os.path.dirname(path) and header in tree.files and "folder_library(" in build
                    and f'"{os.path.basename(header)}"' not in build):
                yield f"{path}:{number}: {header} is not among the hdrs of its folder"


def the_domain_is_pure(tree):
    outside = re.compile(r'#include [<"](absl/time/clock\.h|absl/random/|absl/synchronization/|chrono|random|'
                         r'thread|mutex|condition_variable|atomic|fstream|filesystem|cstdio|ctime|'
                         r'sys/|unistd\.h|fcntl\.h)')
    for path, text in tree.matching(SOURCE):
        if path.startswith("core/domain/") and not OF_TESTS.search(path):
            for number, line in lines_matching(text, outside):
                yield f"{path}:{number}: the domain knows no clock, chance, thread or file"


def fields_of(text, struct):
    """The data members of a plain struct: what stands before ';', '=' or ','."""
    body = re.search(r"\bstruct " + struct + r" \{(.*?)\n\};", without_comments(text), flags=re.S)
    if not body:
        return None
    fields = []
    for declaration in body.group(1).split(";"):
        declaration = re.sub(r"<.*>|\(.*\)", "", declaration)
        if declaration.strip() and "operator" not in declaration:
            fields.append(re.search(r"(\w+)\s*$", declaration.split("=")[0]).group(1))
    return fields


def every_option_is_a_setting(tree):
    settings = tree.files.get(SETTINGS)
    if settings is None:
        return
    for path, struct, elsewhere in OPTIONS:
        fields = fields_of(tree.files.get(path, ""), struct)
        if fields is None:
            yield f"{path}:1: struct {struct} is gone; tell tools/tidy_rules.py"
            continue
        for field in fields:
            if field not in elsewhere and not re.search(rf"\b{field}\b", settings):
                yield f"{path}:1: {struct}::{field} is missing in {SETTINGS}"


RULES = [
    files_are_short,
    headers_are_guarded,
    nothing_is_left_undone,
    tests_do_not_sleep,
    locks_are_visible_to_tsan,
    payload_switches_are_exhaustive,
    no_machine_paths,
    libraries_stay_in_their_folders,
    includes_point_down,
    dependencies_point_down,
    folders_have_default_visibility,
    folders_with_code_have_a_build_file,
    arrows_are_those_of_the_plan,
    only_offered_headers_are_included,
    the_domain_is_pure,
    every_option_is_a_setting,
]


def complaints(tree):
    return [complaint for rule in RULES for complaint in rule(tree)]

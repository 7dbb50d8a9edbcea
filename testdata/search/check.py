#!/usr/bin/python3
"""Checks the posts, queries and judgements of this folder.

  check.py posts.jsonl queries.jsonl

Names every line that breaks a rule, and exits with 1 when there is one.
"""

import datetime
import json
import re
import sys
import unicodedata

POSTS_MIN = 300
QUERIES_MIN = 80
QUERIES_OF_A_KIND_MIN = 30
NFD_POSTS_MIN = 3

# The bounds of the contract, in UTF-16 units.
TEXT_UNITS_MAX = 5000
QUERY_UNITS_MAX = {"keyword": 200, "q": 500}

HANDLE = re.compile(r"[A-Za-z0-9_]{3,50}\Z")
GRADES = {1, 2, 3}
CONJOINING_HANGUL = re.compile("[\u1100-\u11ff]")


def utf16_units(text):
    return len(text.encode("utf-16-le")) // 2


def without_repeated_keys(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key is there twice")
    return dict(pairs)


def read_lines(path, fields, complain):
    """The objects of a file, one a line, and only those with exactly `fields`."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            where = f"{path}:{number}"
            if CONJOINING_HANGUL.search(line):
                complain(where, "write conjoining Hangul as \\u escapes")
            try:
                row = json.loads(line, object_pairs_hook=without_repeated_keys)
            except ValueError as error:
                complain(where, f"not JSON: {error}")
                continue
            if not isinstance(row, dict) or set(row) != set(fields):
                complain(where, f"the fields must be {', '.join(fields)}")
                continue
            rows.append((where, row))
    return rows


def check_text(where, name, text, units_max, complain):
    if not isinstance(text, str) or not text.strip():
        complain(where, f"{name} is blank")
        return
    if utf16_units(text) > units_max:
        complain(where, f"{name} has {utf16_units(text)} UTF-16 units, the maximum is {units_max}")
    forms = (unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))
    if text not in forms:
        complain(where, f"{name} is neither NFC nor NFD")


def check_day(where, day, complain):
    try:
        datetime.date.fromisoformat(day)
    except (TypeError, ValueError):
        complain(where, f"no day: {day!r}")


def check_posts(rows, complain):
    """The ids of the posts."""
    texts = {}
    day_before = ""
    for expected, (where, post) in enumerate(rows, 1):
        if post["id"] != expected:
            complain(where, f"the id is {post['id']!r}; ids are 1, 2, 3, ..., so this one is {expected}")
        if not HANDLE.match(str(post["author"])):
            complain(where, f"no handle: {post['author']!r}")
        check_day(where, post["day"], complain)
        if str(post["day"]) < day_before:
            complain(where, f"the day {post['day']} is before {day_before} of the post above")
        day_before = str(post["day"])
        check_text(where, "text", post["text"], TEXT_UNITS_MAX, complain)
        if post["text"] in texts:
            complain(where, f"the same text as post {texts[post['text']]}")
        texts[post["text"]] = post["id"]
    decomposed = sum(1 for _, post in rows if CONJOINING_HANGUL.search(str(post["text"])))
    if len(rows) < POSTS_MIN:
        complain("posts", f"{len(rows)} posts, at least {POSTS_MIN} are needed")
    if decomposed < NFD_POSTS_MIN:
        complain("posts", f"{decomposed} posts in NFD, at least {NFD_POSTS_MIN} are needed")
    return {post["id"] for _, post in rows}


def check_grades(where, grades, post_ids, complain):
    if not isinstance(grades, dict) or not grades:
        complain(where, "no grades")
        return
    for post, grade in grades.items():
        if not post.isdigit() or str(int(post)) != post or int(post) not in post_ids:
            complain(where, f"no post has the id {post!r}")
        if type(grade) is not int or grade not in GRADES:
            complain(where, f"the grade of post {post} is {grade!r}, not 1, 2 or 3")
    if 3 not in grades.values():
        complain(where, "no post has grade 3")


def check_queries(rows, post_ids, complain):
    ids = set()
    asked = set()
    of_kind = {kind: 0 for kind in QUERY_UNITS_MAX}
    for where, query in rows:
        kind = query["kind"]
        if kind not in of_kind:
            complain(where, f"unknown kind: {kind!r}")
            continue
        of_kind[kind] += 1
        if not re.match(rf"{kind[0]}\d\d\Z", str(query["id"])):
            complain(where, f"the id of a {kind} is {kind[0]} and two digits, not {query['id']!r}")
        if query["id"] in ids:
            complain(where, f"{query['id']} is there twice")
        ids.add(query["id"])
        if (kind, query["query"]) in asked:
            complain(where, f"the query {query['query']!r} is there twice")
        asked.add((kind, query["query"]))
        check_text(where, "query", query["query"], QUERY_UNITS_MAX[kind], complain)
        check_text(where, "need", query["need"], TEXT_UNITS_MAX, complain)
        check_grades(where, query["grades"], post_ids, complain)
    if len(rows) < QUERIES_MIN:
        complain("queries", f"{len(rows)} queries, at least {QUERIES_MIN} are needed")
    for kind, count in of_kind.items():
        if count < QUERIES_OF_A_KIND_MIN:
            complain("queries", f"{count} of kind {kind}, at least {QUERIES_OF_A_KIND_MIN} are needed")


def complaints(posts_path, queries_path):
    found = []

    def complain(where, what):
        found.append(f"{where}: {what}")

    posts = read_lines(posts_path, ["id", "author", "day", "text"], complain)
    post_ids = check_posts(posts, complain)
    queries = read_lines(queries_path, ["id", "kind", "query", "need", "grades"], complain)
    check_queries(queries, post_ids, complain)
    return found


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = complaints(*arguments)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

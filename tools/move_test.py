#!/usr/bin/python3
"""docs/how-to/move.md says what a server does.

  move_test.py DAILYFEED DOCUMENT

Every row of the tables has a check here of the same name, and every check a row. A check asks a
server and answers with what it saw, which must stand in the column "here".
"""

import base64
import datetime
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_server import Server  # noqa: E402

CHECKS = {}


def row(name):
    def remember(check):
        CHECKS[name] = check
        return check
    return remember


class World:
    """One server with two members, Kim and Lee, and what they have."""

    def __init__(self, dailyfeed, folder):
        self.dailyfeed = dailyfeed
        self.folder = folder
        self.server = Server(dailyfeed, folder)
        self.kim = self.server.sign_up("kim", displayName="Kimmy")
        self.lee = self.server.sign_up("lee")

    def ask(self, method, path, body=None, token=None, headers=()):
        return self.server.ask(method, path, body, token or self.kim, headers)

    def data(self, method, path, body=None, token=None, headers=()):
        status, _, answer = self.ask(method, path, body, token, headers)
        if status != 200:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return answer["data"]

    def publish(self, content="hi", **more):
        return self.data("POST", "/api/posts", {"content": content, **more})["id"]

    def refusal(self, method, path, body=None):
        status, _, answer = self.ask(method, path, body)
        return f"{status} `{answer['errorCode']}`"

    def settings(self):
        return subprocess.run([self.dailyfeed, "serve", "--print-config"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout


@row("following a member twice")
def _(world):
    world.data("POST", "/api/members/follow/2")
    return world.refusal("POST", "/api/members/follow/2")


@row("the profile of nobody")
def _(world):
    return world.refusal("GET", "/api/members/profile/999")


@row("liking a comment twice")
def _(world):
    comment = world.data("POST", "/api/comments", {"content": "c", "postId": world.publish()})["id"]
    world.data("POST", f"/api/comments/{comment}/like")
    return world.refusal("POST", f"/api/comments/{comment}/like")


@row("`statusCode` of an error")
def _(world):
    for method, path in [("GET", "/api/none"), ("PUT", "/api/posts"), ("GET", "/api/members/x"),
                         ("GET", "/api/timeline/posts/999"), ("POST", "/api/members/follow/1")]:
        status, _, answer = world.ask(method, path)
        if answer["statusCode"] != status or status < 400:
            return f"{method} {path}: {status}, and {answer['statusCode']} in the body"
    return "always the HTTP status"


@row("`size` above 100")
def _(world):
    post = world.publish()
    for number in range(101):
        world.data("POST", "/api/comments", {"content": str(number), "postId": post})
    page = world.data("GET", f"/api/timeline/posts/{post}/comments?size=500")
    return f"{len(page['content'])} rows, and `size` says so" if page["size"] == 100 else page



@row("`size=0`")
def _(world):
    default = world.data("GET", "/api/timeline/posts")["size"]
    size = world.data("GET", "/api/timeline/posts?size=0")["size"]
    return "the default of the list" if size == default else size


@row("a negative `page`")
def _(world):
    return f"page {world.data('GET', '/api/timeline/posts?page=-1')['page']}"


@row("the title of a post")
def _(world):
    post = world.publish(title="A title")
    world.data("POST", "/api/comments", {"content": "c", "postId": post})
    world.data("POST", "/api/members/follow/1", token=world.lee)
    lists = ["most-popular", "most-commented", "recent-activities", "followings", "authors/1"]
    for name in lists:
        rows = world.data("GET", f"/api/timeline/posts/{name}?size=100", token=world.lee)["content"]
        if [r["title"] for r in rows if r["id"] == post] != ["A title"]:
            return f"not in {name}"
    return "in every list"


@row("the name at a comment")
def _(world):
    post = world.publish()
    world.data("POST", "/api/comments", {"content": "c", "postId": post})
    rows = world.data("GET", f"/api/timeline/posts/{post}/comments")["content"]
    post_name = world.data("GET", f"/api/timeline/posts/{post}")["authorName"]
    same = rows[0]["authorName"] == post_name == "Kimmy"
    return "`displayName`, as at posts" if same else rows[0]["authorName"]


@row("rows of the same time")
def _(world):
    author = world.server.sign_up("ordered")
    for number in range(5):
        world.data("POST", "/api/posts", {"content": str(number)}, token=author)
    at_once = world.data("GET", "/api/timeline/posts?size=5", token=author)["content"]
    one_by_one = [world.data("GET", f"/api/timeline/posts?size=1&page={page}", token=author)
                  ["content"][0] for page in range(5)]
    ids = [post["id"] for post in at_once]
    # Times are shown in seconds: most of these have the same.
    if ids == sorted(ids, reverse=True) and [post["id"] for post in one_by_one] == ids:
        return "the higher id first"
    return str(ids)


@row("comments of a post")
def _(world):
    post = world.publish()
    for number in range(3):
        world.data("POST", "/api/comments", {"content": str(number), "postId": post})
    page = world.data("GET", f"/api/timeline/posts/{post}/comments")
    order = [comment["content"] for comment in page["content"]]
    return f"{page['size']}, the oldest first" if order == ["0", "1", "2"] else str(order)


@row("the life of an access token")
def _(world):
    part = world.kim.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return f"{claims['exp'] - claims['iat']} seconds, `identity.access_token_lifetime`"


def hours_ahead(created_at):
    shown = datetime.datetime.fromisoformat(created_at)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return round((shown - now).total_seconds() / 3600)


@row("wall clock of `createdAt`")
def _(world):
    post = world.data("GET", f"/api/timeline/posts/{world.publish()}")
    return f"by default {hours_ahead(post['createdAt'])} hours ahead of UTC"


@row("a write sent twice")
def _(world):
    key = {"Idempotency-Key": "move-test"}
    first, second = (world.data("POST", "/api/posts", {"content": "once"}, headers=key)["id"]
                     for _ in range(2))
    return "done once with `Idempotency-Key`" if first == second else f"{first}, {second}"


@row("walking a list that grows")
def _(world):
    author = world.server.sign_up("walker")
    before = [world.data("POST", "/api/posts", {"content": "x"}, token=author)["id"]
              for _ in range(4)]
    seen, cursor = [], ""
    while cursor is not None:
        page = world.data("GET", f"/api/timeline/posts?size=2&cursor={cursor}" if cursor else
                          "/api/timeline/posts?size=2", token=author)
        seen += [post["id"] for post in page["content"]]
        cursor = page["nextCursor"]
        world.data("POST", "/api/posts", {"content": "meanwhile"}, token=author)
    return "`nextCursor` neither repeats nor skips" if seen == before[::-1] else f"{seen} {before}"


@row("what runs")
def _(world):
    folders = [name for name in ("log", "views", "secrets", "pictures")
               if os.path.isdir(os.path.join(world.server.data, name))]
    return "one directory with `" + "`, `".join(folders[:-1]) + f"` and `{folders[-1]}`"


@row("the zone")
def _(world):
    folder = os.path.join(world.folder, "utc")
    os.mkdir(folder)
    with Server(world.dailyfeed, folder, "time_zone = UTC\n") as server:
        token = server.sign_up("park")
        _, _, answer = server.ask("POST", "/api/posts", {"content": "x"}, token)
        shown = answer["data"]["createdAt"]
    refused = subprocess.run([world.dailyfeed, "serve", f"--data-dir={folder}/feed",
                              "--http=127.0.0.1:0", "--monitor=127.0.0.1:0"], check=False,
                             stderr=subprocess.PIPE, text=True)
    if hours_ahead(shown) != 0 or refused.returncode != 1 or "UTC" not in refused.stderr:
        return f"{shown} {refused.returncode} {refused.stderr}"
    return "`time_zone = UTC` shows the former wall clock; a directory keeps the zone"


@row("settings")
def _(world):
    lines = world.settings()
    asked = [name for name in ("time_zone = Asia/Seoul", "api.cors_origins =", "kafka.brokers")
             if name in lines]
    return "`dailyfeed serve --print-config` prints all of them" if len(asked) == 3 else lines


@row("health")
def _(world):
    for base, path in [(world.server.http, "/healthcheck/ready"),
                       (world.server.http, "/healthcheck/live"),
                       (world.server.http, "/healthcheck/startup"),
                       (world.server.monitor, "/readyz"), (world.server.monitor, "/livez")]:
        status, _, _ = world.server.ask("GET", path, base=base)
        if status != 200:
            return f"{path}: {status}"
    return "the same paths, and `/readyz` and `/livez` on the monitor port"


@row("metrics")
def _(world):
    status, _, text = world.server.ask("GET", "/metrics", base=world.server.monitor)
    return "`/metrics` on the monitor port" if status == 200 and "dailyfeed_" in text else text


@row("signing keys")
def _(world):
    rotation = re.search(r"(?m)^#? ?identity\.key_rotation = (\S+)", world.settings()).group(1)
    return f"replaced every `identity.key_rotation` = {rotation}"


def one_pixel_png():
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b""))


@row("pictures")
def _(world):
    body = (b"--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n"
            + one_pixel_png() + b"\r\n--x--\r\n")
    picture = world.data("POST", "/api/images/upload", body,
                         headers={"Content-Type": "multipart/form-data; boundary=x"})
    files = [name for _, _, names in os.walk(os.path.join(world.server.data, "pictures"))
             for name in names]
    return "`pictures/` of the data directory" if len(files) >= 2 else f"{picture} {files}"


@row("a backup")
def _(world):
    to = os.path.join(world.folder, "copy")
    done = subprocess.run([world.dailyfeed, "backup", f"--data-dir={world.server.data}", f"--to={to}"],
                          check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    ready, _, _ = world.server.ask("GET", "/healthcheck/ready")
    good = done.returncode == 0 and ready == 200 and os.listdir(to)
    return "`dailyfeed backup`, of one moment, while it serves" if good else done.stdout


@row("Kafka")
def _(world):
    help_text = subprocess.run([world.dailyfeed, "serve", "--help"], check=True, text=True,
                               stdout=subprocess.PIPE).stdout
    world.publish()  # by a server without any
    return "not needed; `serve --kafka=HOST:PORT` sends to it" if "--kafka" in help_text else help_text


def rows_of(document):
    """{first column: column "here"} of every table."""
    rows = {}
    here = None
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            here = None
        elif here is None:
            here = cells.index("here")
        elif not set(line) <= set("|- "):
            rows[cells[0]] = cells[here]
    return rows


def main():
    dailyfeed = os.path.realpath(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        rows = rows_of(file.read())
    failed = [f"no check for the row: {name}" for name in rows if name not in CHECKS]
    failed += [f"no row for the check: {name}" for name in CHECKS if name not in rows]
    with tempfile.TemporaryDirectory() as folder:
        world = World(dailyfeed, folder)
        with world.server:
            for name in (name for name in rows if name in CHECKS):
                seen = CHECKS[name](world)
                if str(seen) not in rows[name]:
                    failed.append(f"{name}: the document says \"{rows[name]}\", the server: {seen}")
    print("\n".join(failed) or f"{len(rows)} rows")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

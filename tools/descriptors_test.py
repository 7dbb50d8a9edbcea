#!/usr/bin/python3
"""Idle connections never stop writes: descriptors are kept for the stores.

  descriptors_test.py DAILYFEED

Serves an empty directory at a limit of 256 file descriptors, opens 400 connections that say
nothing, and writes meanwhile so much that the stores need new files.
"""

import http.client
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

DESCRIPTORS = 256
IDLE_CONNECTIONS = 400
POSTS = 150
PATIENCE_SECONDS = 100
# Memtables of 1 MiB: a flush, and new files, every few dozen posts of 60 KB.
SETTINGS = """\
log.event_memtable_bytes = 1MiB
log.wal_bytes_max = 1MiB
views.memtable_bytes = 1MiB
limits.post_content_max = 100000
http.threads = 2
"""


def start(dailyfeed, folder, descriptors, settings):
    with open(os.path.join(folder, "feed.conf"), "w", encoding="utf-8") as file:
        file.write(settings)
    return subprocess.Popen(
        [dailyfeed, "serve", "--data-dir=feed", "--config=feed.conf", "--http=127.0.0.1:0",
         "--monitor=127.0.0.1:0", "--development", "--seed-sample-data"],
        cwd=folder, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)))


def until_serving(server):
    """What was logged up to then, and the two addresses."""
    lines = []
    for line in server.stderr:
        if not line.startswith("{"):
            continue  # the progress of the sample data
        lines.append(json.loads(line))
        if lines[-1]["message"] == "serving":
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return lines, lines[-1]["http"], lines[-1]["monitor"]
    raise SystemExit(f"the server did not start: {lines}")


class Writer:
    """A client that does as it is told: a 503 or a closed connection is tried again."""

    def __init__(self, address):
        self.address = address
        self.connection = None
        self.deadline = time.monotonic() + PATIENCE_SECONDS

    def request(self, method, target, body=None, headers=()):
        while time.monotonic() < self.deadline:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.address, timeout=20)
                self.connection.request(method, target, body, dict(headers))
                reply = self.connection.getresponse()
                text = reply.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                continue
            if reply.status != 503:
                return reply, text
            if reply.getheader("Connection") == "close":
                self.connection = None
        raise SystemExit(f"{method} {target} was not answered in {PATIENCE_SECONDS} s")


def idle_connections(address, count):
    host, port = address.rsplit(":", 1)
    sockets = []
    for _ in range(count):
        sockets.append(socket.create_connection((host, int(port)), timeout=20))
    return sockets


def writes_go_on(dailyfeed, folder):
    server = start(dailyfeed, folder, DESCRIPTORS, SETTINGS)
    try:
        lines, address, monitor = until_serving(server)
        clamped = [line for line in lines if "connections_max" in line]
        assert len(clamped) == 1, lines
        assert clamped[0]["limit"] == DESCRIPTORS, clamped
        assert clamped[0]["connections_max"] < DESCRIPTORS - 128, clamped
        with open(os.path.join(folder, "feed", "sample-logins.json"), encoding="utf-8") as file:
            login = json.load(file)[0]
        idle = idle_connections(address, IDLE_CONNECTIONS)
        writer = Writer(address)
        reply, text = writer.request("POST", "/api/authentication/login", json.dumps(
            {"email": login["email"], "password": login["password"]}))
        assert reply.status == 200, (reply.status, text)
        token = reply.getheader("Authorization")
        for number in range(POSTS):
            body = json.dumps({"content": f"{number} " + os.urandom(30_000).hex()})
            reply, text = writer.request("POST", "/api/posts", body, [("Authorization", token)])
            assert reply.status == 200, (number, reply.status, text)
        used = len(os.listdir(f"/proc/{server.pid}/fd"))
        assert used < DESCRIPTORS, used
        reply, text = Writer(monitor).request("GET", "/readyz")
        assert reply.status == 200, text
        for connection in idle:
            connection.close()
    finally:
        server.terminate()
        server.wait()
    assert server.returncode == 0, server.returncode


def main():
    dailyfeed = os.path.realpath(sys.argv[1])
    # This process has the other ends of the connections.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        refused = start(dailyfeed, folder, 100, SETTINGS)
        _, said = refused.communicate()
        assert refused.returncode == 1, (refused.returncode, said)
        assert re.search("limit of 100 file descriptors is too low", said), said
        assert not os.path.exists(os.path.join(folder, "feed")), "a refused start made a directory"
        writes_go_on(dailyfeed, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

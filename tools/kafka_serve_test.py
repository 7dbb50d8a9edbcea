#!/usr/bin/python3
"""`dailyfeed serve --kafka=...` against a real broker: what people do is on the topics with the
proof, while the broker is killed and wiped and the server is killed.

  kafka_serve_test.py DAILYFEED TOOLS_KAFKA
"""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

DAILYFEED = os.path.abspath(sys.argv[1])
TOOLS = os.path.dirname(os.path.abspath(sys.argv[2]))
DIRECTORY = os.environ.get("TEST_TMPDIR", "/tmp")
DATA = os.path.join(DIRECTORY, "feed")
# Below the ports that the system gives out: four for the broker, two for the server.
PORT = 20000 + os.getpid() % 1500 * 8
BROKER = f"127.0.0.1:{PORT}"
HTTP, MONITOR = f"127.0.0.1:{PORT + 5}", f"127.0.0.1:{PORT + 6}"
PATIENCE_S = 120


def kafka(what):
    subprocess.run([os.path.join(TOOLS, "kafka"), what, f"--dir={DIRECTORY}/kafka",
                    f"--port={PORT}"], check=True, stdout=subprocess.DEVNULL)


def ask(method, path, body=None, token=None):
    request = urllib.request.Request(
        f"http://{HTTP}{path}", method=method,
        data=None if body is None else json.dumps(body).encode())
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read()), reply.headers
    except urllib.error.HTTPError as error:
        raise OSError(f"{method} {path}: {error.code} {error.read().decode()}") from error


def metrics():
    with urllib.request.urlopen(f"http://{MONITOR}/metrics", timeout=10) as reply:
        text = reply.read().decode()
    return {name: float(value) for name, value in
            re.findall(r"^(dailyfeed_relay_\w+)(?:\{[^}]*\})? ([-+.e\d]+)$", text, re.M)}


def start_server():
    server = subprocess.Popen(
        [DAILYFEED, "serve", f"--data-dir={DATA}", f"--http={HTTP}", f"--monitor={MONITOR}",
         f"--kafka={BROKER}", "--development"],
        stderr=open(os.path.join(DIRECTORY, "serve.log"), "ab"))
    until = time.time() + PATIENCE_S
    while time.time() < until:
        try:
            ask("GET", "/healthcheck/ready")
        except json.JSONDecodeError:
            return server  # "OK"
        except OSError:
            assert server.poll() is None, "the server ended"
            time.sleep(0.05)
    raise SystemExit("the server does not get ready")


def operator(*words):
    done = subprocess.run([DAILYFEED, *words, f"--data-dir={DATA}"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stdout}"
    return done.stdout


class Poster(threading.Thread):
    """Posts and likes until it is told to stop; a write that fails is an error."""

    def __init__(self, token):
        super().__init__()
        self.token, self.stop, self.writes, self.error = token, False, 0, None

    def run(self):
        try:
            while not self.stop:
                post, _ = ask("POST", "/api/posts", {"content": f"post {self.writes}"}, self.token)
                number = post["data"]["id"]
                ask("POST", f"/api/posts/{number}/like", None, self.token)
                ask("DELETE", f"/api/posts/{number}/like", None, self.token)
                ask("POST", f"/api/comments", {"content": "c", "postId": number}, self.token)
                self.writes += 4
        except OSError as error:
            self.error = error


def while_posting(token, work):
    poster = Poster(token)
    poster.start()
    work()
    poster.stop = True
    poster.join()
    assert poster.error is None, f"a write failed: {poster.error}"
    assert poster.writes > 20, f"only {poster.writes} writes"


def wait_until_sent():
    until = time.time() + PATIENCE_S
    while time.time() < until:
        now = metrics()
        if now["dailyfeed_relay_backlog_events"] == 0 and now["dailyfeed_relay_ranges"] == 0:
            return now
        time.sleep(0.1)
    raise SystemExit(f"not everything is sent: {now}")


def prove(order=True):
    done = subprocess.run([os.path.join(TOOLS, "topic-proof"), f"--broker={BROKER}", "-v"]
                          + (["--order"] if order else []), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, "the proof fails"
    return done.stdout


def main():
    kafka("start")
    server = start_server()
    person = {"email": "kim@example.com", "password": "Secret1!x", "memberName": "Kim",
              "handle": "kim_minji", "displayName": "Minji", "gender": "OTHER",
              "countryCode": "KR"}
    ask("POST", "/api/authentication/signup", person)
    _, headers = ask("POST", "/api/authentication/login",
                     {"email": person["email"], "password": person["password"]})
    token = headers["Authorization"].split()[1]

    while_posting(token, lambda: time.sleep(2))
    wait_until_sent()
    assert "complete up to position" in prove()
    listed = operator("topics", "list")
    assert listed.count("ready") == 6, listed
    assert operator("deadletter", "list") == ""

    print("-- the broker is killed and comes back while people write")
    def kill_broker():
        time.sleep(1)
        kafka("kill")
        time.sleep(7)
        with urllib.request.urlopen(f"http://{MONITOR}/readyz", timeout=10) as reply:
            assert "broker" in reply.read().decode(), "the readiness text says nothing of it"
        kafka("start")
        time.sleep(1)
    while_posting(token, kill_broker)
    now = wait_until_sent()
    assert now["dailyfeed_relay_lost_after_ack_total"] == 0, now
    prove()

    print("-- the server is killed while people write")
    poster = Poster(token)
    poster.start()
    time.sleep(1.5)
    server.kill()
    server.wait()
    poster.join()
    server = start_server()
    wait_until_sent()
    prove()

    print("-- the broker is wiped while people write")
    def wipe_broker():
        time.sleep(1)
        kafka("wipe")
        kafka("start")
        time.sleep(2)
    while_posting(token, wipe_broker)
    now = wait_until_sent()
    assert now["dailyfeed_relay_lost_after_ack_total"] > 0, now
    prove(order=False)
    assert operator("deadletter", "list") == ""

    print("-- nobody's handle is on a topic in the clear")
    for line in subprocess.run(["kcat", "-b", BROKER, "-L"], stdout=subprocess.PIPE, text=True,
                               check=True).stdout.splitlines():
        topic = re.search(r'topic "((?:member|dailyfeed)-[^"]+)"', line)
        if topic:
            content = subprocess.run(["kcat", "-b", BROKER, "-C", "-t", topic.group(1), "-e", "-q"],
                                     stdout=subprocess.PIPE, check=True).stdout
            assert b"kim_minji" not in content and b"kim@" not in content, topic.group(1)

    print("-- the end comes soon although the broker is away")
    kafka("kill")
    for i in range(20):
        ask("POST", "/api/posts", {"content": f"late {i}"}, token)
    begin = time.time()
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=30) == 0
    assert time.time() - begin < 5, f"the end took {time.time() - begin:.1f} s"
    # What an idle directory knows of letters needs no server.
    assert operator("deadletter", "list") == ""


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        with open(os.path.join(DIRECTORY, "serve.log"), encoding="utf-8") as log:
            print("".join(log.readlines()[-30:]))
        raise
    finally:
        kafka("wipe")

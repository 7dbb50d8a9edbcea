"""A real `dailyfeed serve` for tests in Python.

  with running_server.Server(dailyfeed, folder, "time_zone = UTC\\n") as server:
      token = server.sign_up("kim")
      status, headers, answer = server.ask("POST", "/api/posts", {"content": "hi"}, token)

The server keeps its data in FOLDER/feed and listens on free ports of 127.0.0.1. Passwords are hashed
cheaply. Whatever the test does, the server ends with the `with`.
"""

import json
import os
import pwd
import subprocess
import threading
import urllib.error
import urllib.request

PASSWORD = "Secret1!x"
PATIENCE_SECONDS = 120
CHEAP_PASSWORDS = "identity.argon2_operations = 1\nidentity.argon2_memory_bytes = 8KiB\n"


def cache_directory():
    """Where tools/setup puts what is no package; see cache_directory of tools/lib.sh."""
    home = pwd.getpwuid(os.getuid()).pw_dir
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"),
                        "dailyfeed")


def ask(base, method, path, body=None, token=None, headers=()):
    """Status, headers and the JSON of the answer; text that is no JSON as it is."""
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    request = urllib.request.Request(base + path, method=method, data=data, headers=dict(headers))
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        reply = urllib.request.urlopen(request, timeout=PATIENCE_SECONDS)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        text = reply.read().decode()
        try:
            return reply.status, reply.headers, json.loads(text)
        except ValueError:
            return reply.status, reply.headers, text


def sign_up(base, name, **more):
    status, _, answer = ask(base, "POST", "/api/authentication/signup", {
        "email": f"{name}@example.com", "password": PASSWORD, "memberName": f"Member {name}",
        "handle": name, "gender": "OTHER", "countryCode": "KR", **more})
    if status != 200:
        raise SystemExit(f"sign-up of {name}: {status} {answer}")


def log_in(base, email, password=PASSWORD):
    """The access token."""
    status, headers, answer = ask(base, "POST", "/api/authentication/login",
                                  {"email": email, "password": password})
    if status != 200:
        raise SystemExit(f"login of {email}: {status} {answer}")
    return headers["Authorization"].removeprefix("Bearer ")


class Server:
    def __init__(self, dailyfeed, folder, settings="", flags=("--development",)):
        self.folder = folder
        self.data = os.path.join(folder, "feed")
        with open(os.path.join(folder, "feed.conf"), "w", encoding="utf-8") as file:
            file.write(CHEAP_PASSWORDS + settings)
        self.process = subprocess.Popen(
            [dailyfeed, "serve", "--data-dir=feed", "--config=feed.conf", "--http=127.0.0.1:0",
             "--monitor=127.0.0.1:0", *flags], cwd=folder, stderr=subprocess.PIPE, text=True)
        self.lines = []
        for line in self.process.stderr:
            if not line.startswith("{"):
                continue  # the progress of the sample data
            said = json.loads(line)
            self.lines.append(said)
            if said["message"] == "serving":
                self.http = "http://" + said["http"]
                self.monitor = "http://" + said["monitor"]
                # Somebody has to go on reading, or the server waits.
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return
        raise SystemExit(f"the server did not start: {self.lines}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        return self.process.wait()

    def ask(self, method, path, body=None, token=None, headers=(), base=None):
        """See ask; of the API, or of the monitor where `base` says so."""
        return ask(base or self.http, method, path, body, token, headers)

    def sign_up(self, name, **more):
        """A new member; the answer is their access token."""
        sign_up(self.http, name, **more)
        return self.log_in(f"{name}@example.com")

    def log_in(self, email, password=PASSWORD):
        return log_in(self.http, email, password)

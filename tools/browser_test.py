#!/usr/bin/python3
"""The start page in a real browser, as a visitor uses it.

  browser_test.py DAILYFEED

Starts the server on an empty directory, opens its page in headless Chromium (by WebDriver,
https://www.w3.org/TR/webdriver2/), becomes a member, logs in, posts, reads, sends a picture, looks at
it, and watches the stream while something happens. Any message on the browser's console fails it.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib

PATIENCE_SECONDS = 60
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element in answers, set by the standard


def start_server(dailyfeed, folder):
    server = subprocess.Popen(
        [dailyfeed, "serve", "--data-dir=feed", "--http=127.0.0.1:0", "--monitor=127.0.0.1:0",
         "--development"], cwd=folder, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        said = json.loads(line)
        if said["message"] == "serving":
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return server, "http://" + said["http"]
    raise SystemExit("the server did not start")


class Browser:
    """One window of Chromium."""

    def __init__(self, folder):
        driver = shutil.which("chromedriver")
        if driver is None:
            raise SystemExit("chromedriver is missing: tools/setup installs it")
        self._driver = subprocess.Popen(
            [driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "HOME": folder, "TMPDIR": folder})
        for line in self._driver.stdout:
            port = re.search(r"successfully on port (\d+)", line)
            if port:
                break
        else:
            raise SystemExit("chromedriver did not start")
        threading.Thread(target=self._driver.stdout.read, daemon=True).start()
        self._base = f"http://127.0.0.1:{port.group(1)}/session"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            f"--user-data-dir={folder}/profile"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._send("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._base += "/" + made["sessionId"]

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from error

    def open(self, address):
        self._send("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self._send("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self._send("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        element = self.find(selector)
        if self.run("return arguments[0].type", {ELEMENT: element}) != "file":
            self._send("POST", f"/element/{element}/clear", {})
        self._send("POST", f"/element/{element}/value", {"text": text})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def wait(self, what, condition):
        """Until the script `condition` gives something true, and that."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            found = self.run(f"return {condition}")
            if found:
                return found
        raise AssertionError(f"waited in vain for {what}; the page says:\n{self.text('body')}")

    def console(self):
        return self._send("POST", "/se/log", {"type": "browser"})

    def close(self):
        self._send("DELETE", "")
        self._driver.terminate()
        self._driver.wait()


class Visitor:
    """Uses the form of the page."""

    def __init__(self, browser):
        self.browser = browser

    def choose(self, method, path):
        self.browser.run(
            "[...document.querySelectorAll('#operations button')].find((button) => button.title === "
            "arguments[1] && button.textContent.startsWith(arguments[0])).click()", method, path)
        assert self.browser.text("#path") == f"{method} {path}", self.browser.text("#path")

    def send(self, expected, fields=None):
        """Fills the form, sends it; the answer as text."""
        for selector, value in (fields or {}).items():
            self.browser.type(selector, value)
        self.browser.run("document.getElementById('status').textContent = ''")
        self.browser.click("#form button.primary")
        status = self.browser.wait(
            "an answer", "(/ ms$|rror/.test(document.getElementById('status').textContent) && "
            "document.getElementById('status').textContent)")
        assert status.startswith(str(expected)), f"{status}\n{self.browser.text('#answer')}"
        return self.browser.text("#answer")


def picture():
    """A PNG (RFC 2083) of 40 x 30 green pixels."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    rows = (b"\0" + b"\x20\xa0\x40" * 40) * 30
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def every_operation_shows_its_form(visitor, base):
    with urllib.request.urlopen(base + "/openapi.json", timeout=PATIENCE_SECONDS) as answer:
        document = json.load(answer)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            visitor.choose(method.upper(), path)
            fields = visitor.browser.run(
                "return [...document.querySelectorAll('#form input, #form textarea')].map((f) => f.id)")
            wanted = [f"parameter-{one['name']}" for one in operation["parameters"]]
            wanted += ["body"] if "requestBody" in operation else []
            assert fields == wanted, f"{method} {path} has the fields {fields}, not {wanted}"


def become_a_member(visitor):
    member = {"email": "kim@example.com", "password": "Secret1!x", "memberName": "Kim",
              "handle": "kim_page", "gender": "OTHER", "countryCode": "KR"}
    visitor.choose("POST", "/api/authentication/signup")
    visitor.send(200, {"#body": json.dumps(member)})
    visitor.choose("POST", "/api/authentication/login")
    visitor.send(200, {"#body": json.dumps({key: member[key] for key in ("email", "password")})})


def post_and_read(visitor):
    visitor.choose("POST", "/api/posts")
    visitor.send(200, {"#body": json.dumps({"title": "", "content": "from the page"})})
    visitor.choose("GET", "/api/timeline/posts")
    assert "from the page" in visitor.send(200, {"#parameter-size": "5"})


def send_a_picture(visitor, folder):
    path = os.path.join(folder, "green.png")
    with open(path, "wb") as file:
        file.write(picture())
    visitor.choose("POST", "/api/images/upload/profile")
    answer = json.loads(visitor.send(200, {"#body": path}))
    name = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", json.dumps(answer)).group()
    visitor.choose("GET", "/api/images/view/{imageId}")
    visitor.send(200, {"#parameter-imageId": name})
    visitor.browser.wait("the picture", "(document.querySelector('#answer img') || {}).naturalWidth === 40")


def watch_the_stream(visitor):
    visitor.choose("GET", "/api/timeline/stream")
    visitor.browser.click("#form button.primary")
    visitor.browser.wait("the stream", "document.getElementById('status').textContent.startsWith('200')")


def state_of_the_system(visitor):
    shown = visitor.browser.wait(
        "the state", "/members 1/.test(document.getElementById('state').textContent) && "
        "document.getElementById('state').textContent")
    for part in ("ready", "accepts writes", "posts 1"):
        assert part in shown, shown


def main():
    dailyfeed = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        server, base = start_server(dailyfeed, folder)
        browser = Browser(folder)
        try:
            browser.open(base + "/")
            browser.wait("the operations", "document.querySelectorAll('#operations button').length > 20")
            visitor = Visitor(browser)
            every_operation_shows_its_form(visitor, base)
            become_a_member(visitor)
            post_and_read(visitor)
            send_a_picture(visitor, folder)
            watch_the_stream(visitor)
            state_of_the_system(visitor)
            said = [entry for entry in browser.console() if entry["level"] != "DEBUG"]
            assert not said, f"on the console: {said}"
        finally:
            browser.close()
            server.terminate()
            server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

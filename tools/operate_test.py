#!/usr/bin/python3
"""docs/how-to/operate.md works as it stands there.

  operate_test.py DAILYFEED DOCUMENT METRICS_REFERENCE

- nginx, started with the file of the document, passes on what clients need: uploads, a stream as
  it happens, errors as JSON, the address of the client and not the one it claims;
- the unit is what systemd takes, and its command, started with its umask and its limit of
  descriptors, serves, keeps its files from others and ends at SIGTERM within TimeoutStopSec;
- every metric and every setting that the document names is there.
"""

import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_server import PASSWORD, Server, cache_directory  # noqa: E402

PATIENCE_SECONDS = 120
CLIENT = "127.0.0.2"  # not the address of the proxy
LIAR = "203.0.113.9"


def block(document, first_line):
    """The code block that begins with this comment."""
    found = re.search(r"(?s)```\n# " + re.escape(first_line) + r"[^\n]*\n(.*?)```", document)
    if not found:
        raise SystemExit(f"the document has no block # {first_line}")
    return found.group(1)


def replaced(text, pairs):
    for former, new in pairs:
        if former not in text:
            raise SystemExit(f"the document does not say {former}")
        text = text.replace(former, new)
    return text


def find_nginx():
    """Of the system, or the one that tools/setup unpacked."""
    found = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    found = found or os.path.join(cache_directory(), "nginx/usr/sbin/nginx")
    if not os.access(found, os.X_OK):
        raise SystemExit("there is no nginx: run tools/setup")
    return found


class Nginx:
    """The example of the document between CLIENT and a server, on a free port."""

    def __init__(self, document, folder, server):
        # Below the ports that the system gives out, so that nobody gets it meanwhile;
        # kafka_serve_test.py takes the seven before it.
        self.port = 20000 + os.getpid() % 1500 * 8 + 7
        key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", certificate], check=True,
                       stderr=subprocess.DEVNULL)
        site = replaced(block(document, "/etc/nginx/conf.d/dailyfeed.conf"), [
            ("127.0.0.1:8080", server.http.removeprefix("http://")),
            ("listen 443 ", f"listen 127.0.0.1:{self.port} "),
            ("/etc/ssl/dailyfeed.pem", certificate),
            ("/etc/ssl/dailyfeed.key", key)])
        paths = "".join(f"{kind}_temp_path {folder}/nginx-{kind};\n" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = os.path.join(folder, "nginx.conf")
        # Root's workers would be somebody who may not enter the folder.
        user = "user root;\n" if os.getuid() == 0 else ""
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n"
                       f"events {{}}\nhttp {{\naccess_log off;\n{paths}{site}}}\n")
        self.log = os.path.join(folder, "nginx.log")
        self.process = subprocess.Popen([find_nginx(), "-p", folder, "-c", configuration])

    def __enter__(self):
        while True:
            if self.process.poll() is not None:
                with open(self.log, encoding="utf-8") as file:
                    raise SystemExit("nginx did not start:\n" + file.read())
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                continue

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def connection(self):
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE_SECONDS, source_address=(CLIENT, 0),
            context=ssl._create_unverified_context())  # noqa: SLF001

    def ask(self, method, path, body=None, headers=()):
        connection = self.connection()
        connection.request(method, path, body, dict(headers))
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        return reply.status, reply.headers, text


def form(file):
    return (b"--x\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n" + file
            + b"\r\n--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"})


def through_nginx(document, folder, dailyfeed):
    trusted = re.search(r"`(api\.trusted_proxies = [^`]*)`", document).group(1)
    with Server(dailyfeed, folder, trusted + "\n") as server:
        server.sign_up("kim")
        server.sign_up("lee")
        with Nginx(document, folder, server) as proxy:
            credentials = json.dumps({"email": "kim@example.com", "password": PASSWORD})
            status, headers, _ = proxy.ask("POST", "/api/authentication/login", credentials,
                                           {"X-Forwarded-For": LIAR})
            assert status == 200, status
            token = headers["Authorization"].removeprefix("Bearer ")
            yield from addresses(proxy, token)
            yield from uploads(proxy, token)
            yield from stream(proxy, server, token)


def addresses(proxy, token):
    _, _, text = proxy.ask("GET", "/api/authentication/sessions",
                           headers={"Authorization": f"Bearer {token}"})
    seen = {session["address"] for session in json.loads(text)["data"] if session["current"]}
    if seen != {CLIENT}:
        yield f"the session was opened from {seen}, not from {CLIENT}"


def uploads(proxy, token):
    authorized = {"Authorization": f"Bearer {token}"}
    # As large as a file may be: it arrives, and is looked at.
    body, kind = form(b"\x89PNG\r\n\x1a\n" + bytes(10 * 1024 * 1024 - 8))
    status, _, text = proxy.ask("POST", "/api/images/upload", body, {**kind, **authorized})
    if status != 400 or json.loads(text)["errorCode"] != "CORRUPTED_IMAGE":
        yield f"a file of 10 MiB: {status} {text[:200]}"
    # Beyond what nginx takes: its own refusal has the form of ours.
    body, kind = form(bytes(12 * 1024 * 1024))
    try:
        status, _, text = proxy.ask("POST", "/api/images/upload", body, {**kind, **authorized})
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        status, text = 413, None  # nginx closed while we were sending
    if status != 413 or text and json.loads(text)["errorCode"] != "PAYLOAD_TOO_LARGE":
        yield f"a file of 12 MiB: {status} {text[:200]}"


def stream(proxy, server, token):
    connection = proxy.connection()
    connection.request("GET", "/api/timeline/stream", headers={"Authorization": f"Bearer {token}"})
    reply = connection.getresponse()
    if reply.status != 200 or reply.getheader("Content-Type") != "text/event-stream":
        yield f"the stream: {reply.status} {reply.headers}"
        return
    until = iter(reply.readline, b"")
    if not any(line.startswith(b"event: ready") for line in until):
        yield "the stream ended before it was ready"
        return
    lee = server.log_in("lee@example.com")
    kim = server.log_in("kim@example.com")
    server.ask("POST", "/api/members/follow/2", None, kim)
    server.ask("POST", "/api/posts", {"content": "through the proxy"}, lee)
    # Arrives while the stream goes on: nothing on the way waits for more.
    if not any(b"through the proxy" in line for line in until):
        yield "the post did not come through the stream"
    connection.close()


def as_the_unit_says(document, folder, dailyfeed):
    unit = block(document, "/etc/systemd/system/dailyfeed.service")
    data, settings = os.path.join(folder, "data"), os.path.join(folder, "unit.conf")
    with open(settings, "w", encoding="utf-8") as file:
        file.write("http.address = 127.0.0.1:0\nmonitor.address = 127.0.0.1:0\n")
    os.mkdir(data, int(re.search(r"StateDirectoryMode=(\d+)", unit).group(1), 8))
    here = replaced(unit, [("/usr/local/bin/dailyfeed", dailyfeed), ("/var/lib/dailyfeed", data),
                           ("/etc/dailyfeed.conf", settings)])
    yield from systemd_takes(here, folder)
    umask = int(re.search(r"UMask=(\d+)", unit).group(1), 8)
    descriptors = int(re.search(r"LimitNOFILE=(\d+)", unit).group(1))
    patience = int(re.search(r"TimeoutStopSec=(\d+)", unit).group(1))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    descriptors = min(descriptors, hard)

    def limits():
        os.umask(umask)
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    command = re.search(r"ExecStart=(.*)", here).group(1).split()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=limits)
    for line in process.stderr:
        if '"message":"serving"' in line:
            break
    else:
        yield f"the command of the unit ended with {process.wait()}"
        return
    for place, _, names in os.walk(data):
        for path in [place] + [os.path.join(place, name) for name in names]:
            if os.stat(path).st_mode & 0o077:
                yield f"others may look at {path}"
    process.send_signal(signal.SIGTERM)
    _, _ = process.communicate(timeout=max(patience, PATIENCE_SECONDS))
    if process.returncode != 0:
        yield f"after SIGTERM the exit code is {process.returncode}"


def systemd_takes(unit, folder):
    if not shutil.which("systemd-analyze"):
        return
    path = os.path.join(folder, "dailyfeed.service")
    with open(path, "w", encoding="utf-8") as file:
        file.write(unit)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    # It looks at the units of the machine as well: only what it says of ours counts.
    for line in done.stdout.splitlines():
        if "dailyfeed.service" in line:
            yield f"systemd-analyze: {line}"


def names_are_there(document, folder, dailyfeed):
    with Server(dailyfeed, folder) as server:
        _, _, metrics = server.ask("GET", "/metrics", base=server.monitor)
    with open(sys.argv[3], encoding="utf-8") as file:
        reference = file.read()
    for name in sorted(set(re.findall(r"\bdailyfeed_\w+", document))):
        # Of the relay there are metrics only with --kafka.
        if name not in metrics and f"`{name}`" not in reference:
            yield f"there is no metric {name}"
    settings = subprocess.run([dailyfeed, "serve", "--print-config"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
    groups = set(re.findall(r"(?m)^#? ?(\w+)\.\w+ =", settings))
    named = set(re.findall(r"`(\w+)\.(\w+)(?![\w*])[^`]*`", document)) - {("control", "sock")}
    for group, name in sorted(named):
        if group in groups and f"{group}.{name} =" not in settings:
            yield f"there is no setting {group}.{name}"


def main():
    dailyfeed = os.path.realpath(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        document = file.read()
    failed = []
    for check in (through_nginx, as_the_unit_says, names_are_there):
        with tempfile.TemporaryDirectory() as folder:
            failed += check(document, folder, dailyfeed)
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

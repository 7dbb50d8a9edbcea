#!/usr/bin/python3
"""A TCP proxy that does to a connection what networks do.

usage: kafka_proxy.py LISTEN_PORT TARGET_PORT

Listens on 127.0.0.1:LISTEN_PORT and leads every connection to
127.0.0.1:TARGET_PORT: in front of the PROXIED listener of a broker that
tools/kafka started, LISTEN_PORT is the broker's port + 3 and TARGET_PORT is its
port + 2. Reads commands from standard input, one a line, answers each with a
line "ok ..." once it holds, and ends with its input.

  pass              everything passes (how it begins)
  delay MS          everything passes, MS milliseconds later, both ways
  half-open         connections stay and new ones are accepted; nothing passes
  refuse            all connections are cut, new ones are refused
  swallow-answers   what the broker sends is dropped: it works, nobody hears it
  swallow-requests  what the client sends is dropped
  cut               cuts all connections; the mode stays

What was swallowed is gone: the connection can only be cut afterwards, as a real
one would time out. What waits in half-open passes when the mode is pass again.
"""
import collections
import sys
import socket
import selectors
import threading
import time

CHUNK = 64 << 10
# Of one direction of one connection; beyond, the sender is not read any more.
WAITING_BYTES_MAX = 4 << 20


class Direction:
    """Bytes on their way from one socket to another."""

    def __init__(self, source, target, is_answer):
        self.source, self.target, self.is_answer = source, target, is_answer
        self.waiting = collections.deque()  # (when it may pass, bytes)
        self.bytes = 0
        self.ended = False  # the source sends no more


class Proxy:
    def __init__(self, listen_port, target_port):
        self.listen_port, self.target_port = listen_port, target_port
        self.mode, self.delay_s = "pass", 0.0
        self.selector = selectors.DefaultSelector()
        self.connections = {}  # socket -> (its incoming direction, its outgoing direction)
        self.listener = None
        self.commands = collections.deque()
        self.wake_read, self.wake_write = socket.socketpair()
        self.wake_read.setblocking(False)
        self.selector.register(self.wake_read, selectors.EVENT_READ)
        self.listen()

    # -- commands, from the thread that reads standard input

    def command(self, line):
        self.commands.append(line)
        self.wake_write.send(b".")

    # -- the loop

    def run(self):
        while True:
            for key, events in self.selector.select(self.pause()):
                if key.fileobj is self.wake_read:
                    self.wake_read.recv(1024)
                elif key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj in self.connections and events & selectors.EVENT_READ:
                    self.read(key.fileobj)
            while self.commands:
                if not self.execute(self.commands.popleft()):
                    return
            for client in list(self.connections):
                if client in self.connections:
                    self.pass_on(self.connections[client][0])
            for end in list(self.connections):
                self.watch(end)

    def pause(self):
        """How long nothing can become due, in seconds."""
        if self.mode == "half-open":
            return 1.0
        due = [into.waiting[0][0] for into, _ in self.connections.values() if into.waiting]
        return max(0.001, min(due) - time.monotonic()) if due else 1.0

    def execute(self, line):
        words = line.split()
        if not words:
            return False
        name = words[0]
        if name == "cut":
            self.cut_all()
        elif name == "refuse":
            self.mode = name
            self.cut_all()
            self.close_listener()
        elif name in ("pass", "half-open", "swallow-answers", "swallow-requests"):
            self.mode, self.delay_s = name, 0.0
            self.listen()
        elif name == "delay" and len(words) == 2 and words[1].isdigit():
            self.mode, self.delay_s = "pass", int(words[1]) / 1000
            self.listen()
        else:
            print(f"error unknown command: {line.strip()}", flush=True)
            return True
        print(f"ok {line.strip()}", flush=True)
        return True

    # -- sockets

    def listen(self):
        if self.listener is not None:
            return
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.listen_port))
        self.listener.listen(128)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)

    def close_listener(self):
        if self.listener is not None:
            self.selector.unregister(self.listener)
            self.listener.close()
            self.listener = None

    def accept(self):
        try:
            client, _ = self.listener.accept()
        except OSError:
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port), timeout=1)
        except OSError:
            client.close()
            return
        requests = Direction(client, server, is_answer=False)
        answers = Direction(server, client, is_answer=True)
        for end in (client, server):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(end, selectors.EVENT_READ)
        self.connections[client] = (requests, answers)
        self.connections[server] = (answers, requests)

    def read(self, source):
        into = self.connections[source][0]
        try:
            data = source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self.cut(source)
            return
        if not data:
            into.ended = True
            if not into.waiting:
                self.cut(source)
            return
        swallowed = "swallow-answers" if into.is_answer else "swallow-requests"
        if self.mode != swallowed:
            into.waiting.append((time.monotonic() + self.delay_s, data))
            into.bytes += len(data)

    def pass_on(self, direction):
        now = time.monotonic()
        while direction.waiting and self.mode != "half-open" and direction.waiting[0][0] <= now:
            due, data = direction.waiting[0]
            try:
                sent = direction.target.send(data)
            except BlockingIOError:
                # The target is slow: try again in a moment.
                direction.waiting[0] = (now + 0.002, data)
                return
            except OSError:
                self.cut(direction.source)
                return
            direction.bytes -= sent
            if sent == len(data):
                direction.waiting.popleft()
            else:
                direction.waiting[0] = (due, data[sent:])
        if direction.ended and not direction.waiting and self.mode != "half-open":
            self.cut(direction.source)

    def watch(self, end):
        """Reads from `end` while there is room for what it sends."""
        into = self.connections[end][0]
        wanted = not into.ended and into.bytes < WAITING_BYTES_MAX
        watched = end in self.selector.get_map()
        if wanted and not watched:
            self.selector.register(end, selectors.EVENT_READ)
        elif watched and not wanted:
            self.selector.unregister(end)

    def cut(self, end):
        into, out_of = self.connections[end]
        for side in (into.source, out_of.source):
            if side in self.selector.get_map():
                self.selector.unregister(side)
            del self.connections[side]
            side.close()

    def cut_all(self):
        for end in list(self.connections):
            if end in self.connections:
                self.cut(end)


def main():
    if len(sys.argv) != 3 or not all(argument.isdigit() for argument in sys.argv[1:]):
        sys.exit("usage: kafka_proxy.py LISTEN_PORT TARGET_PORT")
    proxy = Proxy(int(sys.argv[1]), int(sys.argv[2]))
    print("ok ready", flush=True)

    def read_commands():
        for line in sys.stdin:
            if line.strip():
                proxy.command(line)
        proxy.command("")

    threading.Thread(target=read_commands, daemon=True).start()
    proxy.run()


if __name__ == "__main__":
    main()

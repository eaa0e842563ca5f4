"""A server on this machine that gives the real files and behaves badly where it is told to."""

import hashlib
import http.server
import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        world = self.server.world
        content = world.files.get(self.path.lstrip("/"))
        asked = self.headers.get("Range")
        world.requests.append((self.path, asked))
        if self.path in world.redirects:
            return self.give(302, b"", Location=world.redirects[self.path])
        if world.failures:
            return self.give(world.failures.pop(0), b"")
        if content is None:
            return self.give(404, b"")
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked and world.ranges else 0
        if begin >= len(content) and asked and world.ranges:
            return self.give(416, b"")
        extra = {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"} if asked and world.ranges else {}
        self.give(206 if extra else 200, content[begin:], cut=world.cuts.pop(0) if world.cuts else None, **extra)

    def give(self, status, body, cut=None, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(tls=None):
    """.files {name: bytes}, .cuts [bytes after which the line breaks], .ranges, .failures [status],
    .redirects, .requests, .url; with `tls`, a server's SSLContext, over TLS"""
    world = SimpleNamespace(files={}, cuts=[], ranges=True, failures=[], redirects={}, requests=[])
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        running.socket = tls.wrap_socket(running.socket, server_side=True)
    running.world = world
    world.url = f"{'https' if tls else 'http'}://127.0.0.1:{running.server_address[1]}"
    thread = threading.Thread(target=running.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield world
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def files_in(folder):
    return sorted(path.name for path in Path(folder).iterdir())

"""A real HTTP server on this machine that answers as a test says, and remembers what it was asked."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tidegate.screening.providers.calling import Clock
from tidegate.screening.providers.settings import Limits

NOW = 1_772_443_800_000  # 2026-03-02T09:30:00Z
UNPACED = Limits(requests_per_s=1000, at_once=1, timeout_s=120)


class Request:
    def __init__(self, handler):
        self.method, self.path, self.headers = handler.command, handler.path, handler.headers
        length = int(handler.headers.get("Content-Length") or 0)
        self.body = handler.rfile.read(length)


class LocalServer:
    """`answer` takes a request and gives (status, headers, body); a body that is no bytes is sent as JSON."""

    def __init__(self, answer):
        self.asked = []
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                request = Request(self)
                with lock:
                    server.asked.append(request)
                status, headers, body = answer(request)
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _answer  # noqa: N815  as the library calls them

            def log_message(self, *_):
                pass

        server = self
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    @property
    def paths(self):
        return [request.path for request in self.asked]


@contextmanager
def serving(answer):
    server = LocalServer(answer)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()


class Hand:
    """A clock that is moved by waiting."""

    def __init__(self):
        self.at_s = 0.0
        self.waits = []
        self.clock = Clock(lambda: self.at_s, lambda: NOW + int(self.at_s * 1000), self.sleep)

    def sleep(self, seconds):
        self.waits.append(round(seconds, 3))
        self.at_s += seconds

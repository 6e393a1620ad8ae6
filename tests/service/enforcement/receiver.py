"""A receiver of webhooks that answers as it is told to, and remembers what it got."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tidegate.service.enforcement.signing import is_signed


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # as real ones have it: with 5, a busy machine turns connections away, and they are tried minutes later


class Receiver:
    """`answers` are statuses for the requests to come, then 204; `say` may give (status, headers) by the request."""

    def __init__(self):
        self.got = []
        self.answers = []
        self.say = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((self.path, dict(self.headers.items()), body))
                status, headers = 204, {}
                if outer.say is not None:
                    status, headers = outer.say(json.loads(body))
                elif outer.answers:
                    status = outer.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def events(self):
        return [json.loads(body) for _, _, body in self.got]

    def told(self):
        return [(e.get("subject"), e["type"].rpartition(".")[2]) for e in self.events()]

    def genuine(self, secret, now_s):
        return [
            is_signed(
                secret, h["webhook-id"], int(h["webhook-timestamp"]), h["webhook-signature"], body, now_s
            )
            for _, h, body in self.got
        ]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

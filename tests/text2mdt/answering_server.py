"""A real HTTP server that answers as it is told: well, late, not at all, or with rubbish."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Request:
    """What came in, and the ways to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler, number: int) -> None:
        self.number = number
        self.path = handler.path
        self.headers = dict(handler.headers)
        self.at = time.monotonic()
        length = int(handler.headers.get("Content-Length", 0))
        self.body: dict[str, Any] = json.loads(handler.rfile.read(length) or b"{}")
        self._handler = handler

    def send(self, content: bytes, status: int = 200, **headers: str) -> None:
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.send_header("Content-Length", str(len(content)))
        self._handler.end_headers()
        self._handler.wfile.write(content)

    def text(self, text: str, finish: str = "stop", tokens: int = 3) -> None:
        choice = {"text": text, "finish_reason": finish}
        self.send(json.dumps({"choices": [choice], "usage": {"completion_tokens": tokens}}).encode())

    def problem(self, status: int, message: str = "no", **headers: str) -> None:
        self.send(json.dumps({"error": {"message": message}}).encode(), status, **headers)

    def drip(self, seconds: float) -> None:
        """Sends an answer byte by byte, never coming to its end."""
        self._handler.send_response(200)
        self._handler.send_header("Content-Length", "1000000")
        self._handler.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._handler.wfile.write(b" ")
            self._handler.wfile.flush()
            time.sleep(0.02)


@contextmanager
def server(answer: Callable[[Request], None], owner: str = "somebody") -> Iterator[tuple[str, list[Request]]]:
    """The address of a server up to "/v1", and the requests for completions that came in."""
    requests: list[Request] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            Request(self, -1).send(json.dumps({"data": [{"id": "m", "owned_by": owner}]}).encode())

        def do_POST(self) -> None:
            with lock:
                request = Request(self, len(requests))
                requests.append(request)
            try:
                answer(request)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has gone

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{served.server_address[1]}/v1", requests
    finally:
        served.shutdown()
        served.server_close()

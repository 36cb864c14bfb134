"""A gateway for text messages on the loopback that answers as it is told, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Gateway:
    """*answer* says what to answer to a message (its fields): a status, or ``silence``, ``hang up``, ``drip``. *words*, with the
    fields of the message in braces, are the body of every answer."""

    def __init__(self, answer: Callable[[dict[str, str]], int | str] = lambda fields: 202) -> None:
        self.answer, self.words = answer, "noted\x1b[1m"
        self.asked: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                kind = self.headers["Content-Type"]
                fields = json.loads(raw) if "json" in kind else {k: v[0] for k, v in parse_qs(raw).items()}
                gateway.asked.append(fields)
                gateway.headers.append(dict(self.headers))
                said = gateway.answer(fields)
                if said == "silence":
                    time.sleep(1.0)
                if isinstance(said, str) and said != "drip":
                    self.close_connection = True
                    return
                words = gateway.words.format(**fields).encode()
                self.send_response(200 if said == "drip" else int(said))
                self.send_header("Content-Length", "500" if said == "drip" else str(len(words)))
                self.end_headers()
                self.wfile.write(words)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/send"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(2)

"""A speech-to-text service on the loopback that answers as it is told, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEARD = {
    "task": "transcribe",
    "language": "vietnamese",
    "duration": 12.0,
    "text": "Kính thưa các đồng chí. Tôi xin báo cáo.",
    "segments": [
        {"id": 0, "start": 0.0, "end": 3.3, "text": " Kính thưa các đồng chí.", "speaker": "SPEAKER_00"},
        {"id": 1, "start": 9.0, "end": 12.0, "text": " Tôi xin báo cáo.", "speaker": "SPEAKER_01"},
    ],
}


class Listener:
    """*answer* says what to answer: (status, body), or ``silence``, ``hang up``, ``drip``, ``early`` (a refusal before the file
    was read)."""

    def __init__(self, answer: Callable[[], tuple[int, bytes] | str] | None = None) -> None:
        self.answer = answer or (lambda: (200, json.dumps(HEARD).encode()))
        self.asked: list[dict[str, str]] = []
        self.files: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.broken = threading.Event()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = listener.answer()
                if said == "early":
                    self._send(413, b'{"error": {"message": "at most 25 MB"}}')
                    self.close_connection = True
                    return
                raw = self._read(int(self.headers["Content-Length"]))
                listener.headers.append(dict(self.headers))
                listener._keep(self.headers["Content-Type"], raw)
                if said == "silence":
                    listener.broken.wait(10)
                if said in ("silence", "hang up"):
                    self.close_connection = True
                elif said == "drip":
                    self.send_response(200)
                    self.send_header("Content-Length", "5000")
                    self.end_headers()
                    self.wfile.write(b'{"text": "a')
                    self.close_connection = True
                else:
                    status, body = said
                    self._send(status, body)

            def _read(self, left: int) -> bytes:
                found = b""
                while left and (block := self.rfile.read(min(left, 65536))):
                    found, left = found + block, left - len(block)
                return found

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                pass  # whoever asked has gone

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def _keep(self, kind: str, raw: bytes) -> None:
        form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw)
        fields: dict[str, str] = {}
        for part in form.iter_parts():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            if part.get_filename():
                fields[str(name)] = str(part.get_filename())
                self.files.append(data)
            else:
                fields[str(name)] = data.decode()
        self.asked.append(fields)

    def stop(self) -> None:
        self.broken.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(2)


if __name__ == "__main__":  # for looking at the pages
    import sys

    made = Listener(
        lambda: (time.sleep(float(sys.argv[1]) if len(sys.argv) > 1 else 5), (200, json.dumps(HEARD).encode()))[1]
    )
    print(made.url, flush=True)
    time.sleep(86_400)

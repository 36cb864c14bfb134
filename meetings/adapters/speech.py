"""A service that writes down what is said, on a machine of one's own: ``POST {url}/v1/audio/transcriptions``.

The interface is OpenAI's, which faster-whisper, vLLM, LocalAI and whisper.cpp speak as well. A recording is larger than the
memory it may take and is heard for as long as an hour, so the file goes out in blocks and the connection is our own: it can be
cut in the middle, when somebody calls the recording off, and a refusal that comes before the last block is still read.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from urllib.parse import urlsplit

CONNECT: Final = 20.0
SEND: Final = 120.0  # a block that nobody takes for so long
ANSWER: Final = 32 * 1024 * 1024
_BLOCK: Final = 256 * 1024
_LOOK: Final = 0.5  # seconds between two looks whether the answer is still wanted
_KEY: Final = frozenset({401, 403, 407})
_BUSY: Final = frozenset({408, 425, 429, 503})


class Why(StrEnum):
    """Why nothing was heard; its words stand with whoever shows them."""

    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    BROKEN = "broken"
    BUSY = "busy"
    REFUSED = "refused"
    KEY_REFUSED = "key_refused"
    TOO_LARGE = "too_large"
    ODD_ANSWER = "odd_answer"
    NO_FILE = "no_file"
    CALLED_OFF = "called_off"


@dataclass(frozen=True)
class Sound:
    """A file to be heard; *kind* is its usual ending."""

    path: Path
    kind: str
    content_type: str


@dataclass(frozen=True)
class Heard:
    """What the service wrote down, as it came."""

    body: bytes


@dataclass(frozen=True)
class Unheard:
    """Nothing was heard: why, and in the service's own words."""

    why: Why
    said: str = ""


class Listener(Protocol):
    """What writes down what is said."""

    def hear(self, sound: Sound, still_wanted: Callable[[], bool]) -> Heard | Unheard:
        """Have *sound* written down; never raises for what the far side does. *still_wanted* is asked all the while, in the
        thread of the caller."""


class _Stopped(Exception):
    """The connection was cut by us."""


class Service:
    """The service at *url*, which waits at most *wait* seconds for its answer."""

    def __init__(
        self,
        url: str,
        model: str,
        key: str = "",
        *,
        form: str = "verbose_json",
        language: str = "vi",
        wait: float = 3600.0,
        connect: float = CONNECT,
    ) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._path = f"{parts.path.rstrip('/').removesuffix('/v1')}/v1/audio/transcriptions"
        self._fields = {"model": model, "language": language, "response_format": form}
        if form == "verbose_json":
            self._fields["timestamp_granularities[]"] = "segment"
        self._key, self._wait, self._connect = key, wait, connect

    def hear(self, sound: Sound, still_wanted: Callable[[], bool]) -> Heard | Unheard:
        call = _Call(self._connection())
        found: list[Heard | Unheard] = []
        thread = threading.Thread(target=lambda: found.append(self._ask(call, sound)), daemon=True, name="speech")
        thread.start()
        while thread.is_alive():
            thread.join(_LOOK)
            if thread.is_alive() and not still_wanted():
                call.cut()
                thread.join(_LOOK)
                return Unheard(Why.CALLED_OFF)
        return found[0] if found else Unheard(Why.ODD_ANSWER)

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._connect, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._connect)

    def _ask(self, call: _Call, sound: Sound) -> Heard | Unheard:
        try:
            return self._exchange(call, sound)
        except FileNotFoundError:
            return Unheard(Why.NO_FILE)
        except _Stopped:
            return Unheard(Why.CALLED_OFF)
        except TimeoutError as fault:
            return Unheard(Why.TOO_SLOW if call.connected else Why.UNREACHABLE, _plain(str(fault)))
        except (OSError, http.client.HTTPException, ValueError) as fault:
            return Unheard(Why.BROKEN if call.connected else Why.UNREACHABLE, _plain(str(fault)))
        except Exception as fault:  # nothing that a far side says may end the worker
            return Unheard(Why.ODD_ANSWER, _plain(str(fault)))
        finally:
            call.connection.close()

    def _exchange(self, call: _Call, sound: Sound) -> Heard | Unheard:
        boundary = secrets.token_hex(16)
        head, tail = self._around(boundary, sound)
        with sound.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            connection = call.connection
            connection.connect()
            call.connected = True
            connection.putrequest("POST", self._path, skip_accept_encoding=True)
            connection.putheader("Content-Type", f"multipart/form-data; boundary={boundary}")
            connection.putheader("Content-Length", str(len(head) + size + len(tail)))
            connection.putheader("Accept", "application/json, text/vtt, application/x-subrip, text/plain")
            connection.putheader("Connection", "close")
            if self._key:
                connection.putheader("Authorization", f"Bearer {self._key}")
            call.patience(SEND)
            try:
                connection.endheaders(head)
                for block in _blocks(file, size):
                    connection.send(block)
                connection.send(tail)
            except (BrokenPipeError, ConnectionResetError):
                call.check()  # it would not hear the rest: what it says of it may stand in the line already
        call.patience(self._wait)
        answer = connection.getresponse()
        body = _read(answer, time.monotonic() + self._wait)
        return _judged(answer.status, body)

    def _around(self, boundary: str, sound: Sound) -> tuple[bytes, bytes]:
        """What stands before and after the file in the form."""
        fields = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self._fields.items()
        )
        file = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="recording.{sound.kind}"\r\n'
            f"Content-Type: {sound.content_type}\r\n\r\n"
        )
        return (fields + file).encode(), f"\r\n--{boundary}--\r\n".encode()


class _Call:
    """A connection that another thread may cut."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.connection = connection
        self.connected = False
        self._stopped = False

    def patience(self, seconds: float) -> None:
        self.check()
        if self.connection.sock is not None:
            self.connection.sock.settimeout(seconds)

    def check(self) -> None:
        if self._stopped:
            raise _Stopped

    def cut(self) -> None:
        self._stopped = True
        sock = self.connection.sock
        if sock is not None:
            with suppress(OSError):  # it was closed from the other side
                sock.shutdown(socket.SHUT_RDWR)


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The file, exactly as long as it was said to be."""
    left = size
    while left:
        block = file.read(min(_BLOCK, left))
        if not block:
            raise FileNotFoundError
        left -= len(block)
        yield block


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes | None:
    """The whole answer; None where it is longer than any transcript."""
    found = bytearray()
    while block := answer.read1(_BLOCK):
        found += block
        if len(found) > ANSWER:
            return None
        if time.monotonic() > deadline:
            raise TimeoutError("the answer drips")
    if answer.length:
        raise http.client.IncompleteRead(bytes(found[:100]), answer.length)
    return bytes(found)


def _judged(status: int, body: bytes | None) -> Heard | Unheard:
    if 200 <= status < 300:
        return Heard(body) if body else Unheard(Why.ODD_ANSWER)
    said = _words(body or b"")
    said = f"{status} {said}".strip()
    if status in _KEY:
        return Unheard(Why.KEY_REFUSED, said)
    if status in _BUSY:
        return Unheard(Why.BUSY, said)
    if status == 413:
        return Unheard(Why.TOO_LARGE, said)
    if status == 504:
        return Unheard(Why.TOO_SLOW, said)
    return Unheard(Why.BROKEN if status >= 500 else Why.REFUSED, said)


def _words(body: bytes) -> str:
    """What the service says of itself: the message of its JSON, else the beginning of its text."""
    text = body[:20_000].decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _plain(text)
    for key in ("error", "detail", "message"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    return _plain(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))


def _plain(text: str) -> str:
    """On one printable line, at most 250 characters: it is shown to people."""
    return " ".join("".join(c if c.isprintable() and c != "\ufffd" else " " for c in text[:2_000]).split())[:250]

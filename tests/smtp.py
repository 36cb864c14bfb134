"""An SMTP server that does as it is told: it says what it should not, hangs up, falls silent, answers too late.

As a process (``python -m tests.smtp FILE``) it only takes letters, and writes down each before it says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import ssl
import sys
import threading
from typing import NamedTuple

NEVER = 30.0  # seconds; longer than anybody here waits


class Taken(NamedTuple):
    """A letter that was taken over."""

    sender: str
    recipient: str
    data: bytes

    @property
    def message_id(self) -> str:
        found = re.search(rb"(?im)^Message-ID: (<[^>]+>)", self.data)
        return found[1].decode() if found else ""


class Script:
    """A server that says what it is told to, and keeps what it accepted. *answers* may change while it runs."""

    def __init__(
        self,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        narrow: bool = False,
        begin: bool = True,
        **answers: str,
    ) -> None:
        """*answers* by verb (``greeting``, ``ehlo``, ``mail``, ``rcpt``, ``data``, ``dot``): a line to say, ``hang up`` or
        ``silence``; ``accept, hang up``, ``accept, silence`` and ``accept, late`` keep the message first; ``body`` as ``hang
        up``. *narrow*: takes in little at a time, so that a hang-up is felt inside the message. Without *begin* it stands
        there with its queue full, as a server that does not even answer the first packet."""
        self.answers = answers
        self.taken: list[Taken] = []
        self.connections = 0
        self.heard: list[str] = []
        self.done = threading.Event()
        self.tls = tls
        self.socket = socket.socket()
        if narrow:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.socket.listen(100 if begin else 0)
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self._queue: list[socket.socket] = []
        if begin:
            self.thread.start()
        else:
            self._fill_queue()

    @property
    def accepted(self) -> list[bytes]:
        return [letter.data for letter in self.taken]

    def _fill_queue(self) -> None:
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self.port))
            self._queue.append(waiting)

    def begin(self) -> None:
        """Take those in who wait."""
        for waiting in self._queue:
            waiting.close()
        self.socket.listen(100)
        self.thread.start()

    def stop(self) -> None:
        self.done.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept()
        self.socket.close()
        for waiting in self._queue:
            waiting.close()
        if self.thread.ident is not None:
            self.thread.join(2)

    def _serve(self) -> None:
        while not self.done.is_set():
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._receive, args=(peer,), daemon=True).start()

    def _receive(self, peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError, _HangUp):
            peer.settimeout(NEVER)
            self._talk(peer)

    def _say(self, peer: socket.socket, verb: str, usual: str) -> None:
        answer = self.answers.get(verb, usual)
        if answer.endswith("hang up"):
            raise _HangUp
        if answer.endswith("silence"):
            peer.recv(1)  # until the other side has had enough
            raise _HangUp
        if answer.endswith("late"):
            peer.recv(1, socket.MSG_PEEK)  # until the other side has gone, or has begun to speak again
            answer = usual
        peer.sendall(answer.encode() + b"\r\n")

    def _talk(self, peer: socket.socket) -> None:
        self._say(peer, "greeting", "220 ready")
        lines, sender, recipient = peer.makefile("rb"), "", ""
        while raw := lines.readline():
            verb = raw.split(b" ")[0].strip().split(b":")[0].decode("ascii", "replace").lower()
            self.heard.append(verb)
            if verb in ("mail", "rcpt"):
                address = raw.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace")
                sender, recipient = (address, "") if verb == "mail" else (sender, address)
            if verb == "ehlo":
                self._say(peer, verb, f"250-here{self.answers.get('offers', '')}\r\n250 SIZE 50000000")
            elif verb == "starttls" and self.tls is not None and verb not in self.answers:
                peer.sendall(b"220 go\r\n")
                peer = self.tls.wrap_socket(peer, server_side=True)
                lines = peer.makefile("rb")
            elif verb == "auth":
                self._say(peer, verb, "235 welcome")
            elif verb == "data":
                known = self.answers.get("mail", "250")[:1] == self.answers.get("rcpt", "250")[:1] == "2"
                usual = "354 go on" if known else "503 to whom?"
                self._say(peer, verb, usual)
                if not self.answers.get(verb, usual).startswith("354"):
                    continue
                if "body" in self.answers:
                    raise _HangUp
                body = bytearray()
                while (line := lines.readline()) != b".\r\n":
                    if not line:
                        return
                    body += line[1:] if line.startswith(b"..") else line
                if known and self.answers.get("dot", "250 taken").startswith(("250", "accept")):
                    self.keep(Taken(sender, recipient, bytes(body)))
                self._say(peer, "dot", "250 taken")
            elif verb == "quit":
                peer.sendall(b"221 bye\r\n")
                return
            else:
                self._say(peer, verb, "250 fine")

    def keep(self, letter: Taken) -> None:
        self.taken.append(letter)


class _HangUp(Exception):
    pass


class Ledger(Script):
    """Writes down each letter that it takes, in a file that outlives whoever is killed."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        super().__init__(offers="\r\n250-PIPELINING")

    def keep(self, letter: Taken) -> None:
        digest = hashlib.sha256(letter.data).hexdigest()
        os.write(self._file, f"{letter.message_id} {letter.recipient} {digest}\n".encode())


if __name__ == "__main__":
    ledger = Ledger(sys.argv[1])
    print(ledger.port, flush=True)
    sys.stdin.read()  # ends with whoever started it
    ledger.stop()

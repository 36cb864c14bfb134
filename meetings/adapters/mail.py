"""Two mailers: a folder of ``.eml`` files, and an SMTP server spoken to phase by phase.

``smtplib.sendmail()`` is not used: it raises the same exception when the line dies before the message was taken over
and when it dies after, and those two want opposite answers. Here every phase answers for itself, and what cannot be
known is called unknown (RFC 1047).
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import smtplib
import socket
import ssl
import tempfile
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol


class Phase(StrEnum):
    """Where in the conversation an answer came."""

    FOLDER = "folder"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"


class Fate(StrEnum):
    """What became of one letter in one conversation."""

    ACCEPTED = "accepted"  # the server took it over, and said so
    DEFERRED = "deferred"  # not taken, try again later
    REJECTED = "rejected"  # not taken, and trying again would not help
    UNKNOWN = "unknown"  # the final dot went out and no answer came back


@dataclass(frozen=True, slots=True)
class Parcel:
    """One letter as it is carried: *name* is its key, *data* the whole message with CRLF line ends, ASCII only."""

    name: str
    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of a parcel, the *phase* that decided it, and the server's words (*code* is None if it said none)."""

    fate: Fate
    phase: Phase
    code: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The mailer takes no letters at all just now, through no fault of any letter."""

    phase: Phase
    code: int | None
    answer: str


class Mailer(Protocol):
    """What carries parcels. *repeatable*: carrying the same parcel twice leaves one copy."""

    repeatable: bool

    def open(self) -> Closed | None:
        """Make ready to carry; None when ready. Called before a letter is touched."""

    def carry(self, parcel: Parcel) -> Outcome | Closed:
        """Carry one parcel; never raises for what the far side does."""

    def close(self) -> None:
        """Let go of whatever is held."""


class Folder:
    """Letters become ``.eml`` files in *path*, each whole or not there at all."""

    repeatable = True  # the file is named after the letter: a second copy replaces the first, byte for byte

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> Closed | None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return Closed(Phase.FOLDER, None, str(error))
        if not os.access(self.path, os.W_OK | os.X_OK):
            return Closed(Phase.FOLDER, None, f"{self.path}: not writable")
        return None

    def carry(self, parcel: Parcel) -> Outcome | Closed:
        target = self.path / f"{file_name(parcel.name)}.eml"
        unfinished = None
        try:
            descriptor, unfinished = tempfile.mkstemp(dir=self.path, prefix=".", suffix=".part")
            with os.fdopen(descriptor, "wb") as file:
                file.write(parcel.data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, target)
            _fsync_folder(self.path)
        except OSError as error:  # a full disk, a folder taken away: no letter's fault
            if unfinished is not None:
                with contextlib.suppress(OSError):
                    os.unlink(unfinished)
            return Closed(Phase.FOLDER, None, str(error))
        return Outcome(Fate.ACCEPTED, Phase.FOLDER, None, target.name)

    def close(self) -> None:
        """Nothing is held."""


def file_name(key: str) -> str:
    """A letter's key as a file name: ASCII, no separators, never hidden."""
    return re.sub(r"[^A-Za-z0-9._@+-]+", "_", key).lstrip(".")[:150] or "letter"


def _fsync_folder(path: Path) -> None:
    """The new name itself must survive a power cut, not only the bytes behind it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait. After the dot the server may be filing the message: RFC 5321 §4.5.3.2.6 asks for ten minutes."""

    connect: float = 15.0
    phase: float = 60.0
    dot: float = 600.0
    idle: float = 10.0  # a connection unused for longer is asked whether it still stands


# 530 authentication needed, 534 and 535 refused, 538 encryption needed: ours to mend, not the letter's fault
_OURS: Final = frozenset({530, 534, 535, 538})


class Smtp:
    """Letters are handed to an SMTP server, one at a time over one connection that is kept while it holds."""

    repeatable = False

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str | None = None,
        password: str | None = None,
        tls: bool = False,
        name: str = "localhost",
        context: ssl.SSLContext | None = None,
        patience: Patience | None = None,
    ) -> None:
        """*name* is how we call ourselves in EHLO; *context* decides which certificates are believed (default: the
        system's, with the host name checked)."""
        self.host, self.port = host, port
        self._user, self._password, self._tls = user, password, tls
        self._name = name if name.isascii() else "localhost"
        self._context = context
        self._patience = patience or Patience()
        self._line: smtplib.SMTP | None = None
        self._used = 0.0

    def open(self) -> Closed | None:
        """Connect, greet, encrypt and sign in, unless a connection that still answers is at hand."""
        if self._line is not None:
            if time.monotonic() - self._used < self._patience.idle or self._still_stands():
                return None
            self.close()
        # without a host the constructor does not connect: the phases below stay apart
        line = smtplib.SMTP(timeout=self._patience.connect, local_hostname=self._name)
        closed = self._make_ready(line)
        if closed is None:
            self._line, self._used = line, time.monotonic()
            self._wait(self._patience.phase)
        else:
            line.close()
        return closed

    def carry(self, parcel: Parcel) -> Outcome | Closed:
        if self._line is None:
            closed = self.open()
            if closed is not None:
                return closed
        line = self._line
        assert line is not None
        outcome = self._converse(line, parcel)
        self._used = time.monotonic()
        if outcome.fate in (Fate.ACCEPTED, Fate.UNKNOWN):
            return outcome
        if outcome.code in _OURS:
            self.close()
            return Closed(outcome.phase, outcome.code, outcome.answer)
        if self._line is None:
            return outcome
        self._reset(line, outcome.code)
        return outcome

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if line.sock is not None:
                    line.sock.settimeout(2.0)
                line.quit()
            line.close()

    def _make_ready(self, line: smtplib.SMTP) -> Closed | None:
        phase = Phase.CONNECT
        try:
            # smtplib's connect() dials and reads the greeting in one call; only the greeting can end in a disconnection
            code, said = line.connect(self.host, self.port)
            phase = Phase.GREETING
            if code != 220:
                return Closed(phase, code, _text(said))
            assert line.sock is not None
            # the dot is a packet of its own: held back until the message before it is acknowledged, as TCP does by itself with
            # small packets, it cost forty milliseconds a letter
            line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            phase = Phase.EHLO
            code, said = line.ehlo()
            if not 200 <= code < 300 and not self._tls and self._user is None:
                code, said = line.helo()  # RFC 5321 §3.2: who refuses EHLO may still take HELO
            if not 200 <= code < 300:
                return Closed(phase, code, _text(said))
            if self._tls:
                phase = Phase.STARTTLS
                closed = self._encrypt(line)
                if closed is not None:
                    return closed
            if self._user is not None:
                phase = Phase.AUTH
                line.login(self._user, self._password or "")
        except smtplib.SMTPResponseException as error:
            return Closed(phase, error.smtp_code, _text(error.smtp_error))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if phase is Phase.CONNECT and isinstance(error, smtplib.SMTPServerDisconnected):
                phase = Phase.GREETING
            return Closed(phase, None, _said(error))
        return None

    def _encrypt(self, line: smtplib.SMTP) -> Closed | None:
        if not line.has_extn("starttls"):
            return Closed(Phase.STARTTLS, None, "the server does not offer STARTTLS")
        # smtplib checks the certificate against the name it was given at construction, which was none
        line._host = self.host  # type: ignore[attr-defined]
        code, said = line.starttls(context=self._context or ssl.create_default_context())
        if code != 220:
            return Closed(Phase.STARTTLS, code, _text(said))
        code, said = line.ehlo()
        return None if 200 <= code < 300 else Closed(Phase.EHLO, code, _text(said))

    def _converse(self, line: smtplib.SMTP, parcel: Parcel) -> Outcome:
        """MAIL, RCPT, DATA, the message, the dot; what stops the conversation decides."""
        phase = Phase.MAIL
        stopped: Outcome | None = None
        try:
            steps, together = _opening(line, parcel), line.has_extn("pipelining")
            if together:
                line.send("".join(f"{command}\r\n" for _phase, command, _good in steps))
            for phase, command, good in steps:
                if not together:
                    line.putcmd(command)
                code, said = line.getreply()
                if code not in good and stopped is None:
                    stopped = _answered(phase, code, said)
                if stopped is not None and not together:
                    return stopped
            if stopped is not None:
                if code == 354:  # refused, and yet it waits for the message: what it gets is the end of the line
                    self._drop()
                return stopped
            phase = Phase.BODY
            sock = line.sock
            assert sock is not None
            sock.sendall(stuffed(parcel.data))
            _notice_a_dead_line(sock)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return stopped or Outcome(Fate.DEFERRED, phase, None, _said(error))
        # From the first byte of the dot on, the server may have taken the letter whatever happens to us.
        try:
            self._wait(self._patience.dot)
            sock.sendall(b".\r\n")
            code, said = line.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome(Fate.UNKNOWN, Phase.DOT, None, _said(error))
        self._wait(self._patience.phase)
        if code == 250:
            return Outcome(Fate.ACCEPTED, Phase.DOT, code, _text(said))
        return _answered(Phase.DOT, code, said)

    def _still_stands(self) -> bool:
        assert self._line is not None
        try:
            return self._line.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _reset(self, line: smtplib.SMTP, code: int | None) -> None:
        """Leave the connection ready for the next letter, or leave it."""
        if code == 421:  # the server is closing: RFC 5321 §3.8
            self.close()
            return
        try:
            if line.rset()[0] != 250:
                self.close()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _wait(self, seconds: float) -> None:
        if self._line is not None and self._line.sock is not None:
            self._line.sock.settimeout(seconds)


def _opening(line: smtplib.SMTP, parcel: Parcel) -> tuple[tuple[Phase, str, tuple[int, ...]], ...]:
    """What is said before the message, and the answers that let it go on. A server that takes commands in a group (RFC 2920)
    gets these three at once: two round trips a letter instead of four, and still an answer to each."""
    size = f" size={len(parcel.data)}" if line.has_extn("size") else ""
    steps: tuple[tuple[Phase, str, tuple[int, ...]], ...] = (
        (Phase.MAIL, f"MAIL FROM:<{parcel.sender}>{size}", (250,)),
        (Phase.RCPT, f"RCPT TO:<{parcel.recipient}>", (250, 251)),
        (Phase.DATA, "DATA", (354,)),
    )
    assert all(command.isprintable() for _phase, command, _good in steps), "one command a line"
    return steps


def stuffed(data: bytes) -> bytes:
    """*data* (CRLF line ends) as it stands between DATA and the dot: leading dots doubled, ended by CRLF."""
    if data.startswith(b"."):
        data = b"." + data
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n..")
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _answered(phase: Phase, code: int, said: bytes) -> Outcome:
    """A refusal: 5xx is final, everything else (4xx, and what no standard knows) may pass."""
    fate = Fate.REJECTED if 500 <= code < 600 else Fate.DEFERRED
    return Outcome(fate, phase, code, _text(said))


def _notice_a_dead_line(sock: socket.socket) -> None:
    """Raise when the server hung up during the message: the dot was not sent, so the letter may safely go again."""
    readable, _, _ = select.select([sock], [], [], 0)
    if readable and not isinstance(sock, ssl.SSLSocket) and sock.recv(1, socket.MSG_PEEK) == b"":
        raise ConnectionResetError("the server hung up during the message")


def _text(said: bytes | str) -> str:
    """A server's words, one line, printable, at most 500 characters: they are shown to people."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:500]


def _said(error: Exception) -> str:
    return _text(str(error) or type(error).__name__)

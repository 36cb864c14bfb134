"""Two mailboxes to read: a folder of ``.eml`` files, and a folder of an IMAP server.

A visit brings what has come since the last one, a bounded number of messages and bytes. Nothing is ever deleted. On an IMAP
server nothing is changed at all: the folder is opened for reading only, because people read the same mailbox with their mail
programs and set its flags; what is new is known by the number (UID) that the server gave. In a folder of files, where nobody
numbers them, a file that has been kept is put into ``read/``.
"""

from __future__ import annotations

import ast
import imaplib
import os
import re
import ssl
import stat
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted

LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a message that is read whole. An answer has some thousand; of a larger message only the head is fetched."""
HEAD: Final = 64 * 1024
BATCH: Final = 200
BULK: Final = 48 * 1024 * 1024
"""Bytes that one visit brings at most, the message that passes it included."""
_AT_ONCE: Final = 100
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Why(StrEnum):
    """Why a mailbox could not be read; its words stand with whoever shows them."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"  # its certificate is not believed, or it does not encrypt
    LOGIN = "login"
    FOLDER = "folder"  # there is no such folder, or it may not be read
    TOO_SLOW = "too_slow"
    BROKEN = "broken"  # it answers, and what it says makes no sense


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it lies there. *whole*: False where it was too large and *data* holds its head only.

    *uid*: its number on the server; 0 in a folder of files, where *source* is its name.
    """

    uid: int
    data: bytes
    size: int
    source: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """What was found. *last_uid*: up to which number everything has been looked at; *more*: whether something is left."""

    uid_validity: int
    messages: tuple[Message, ...]
    last_uid: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Shut:
    """The mailbox could not be read. *said*: the server's own words, without anything that was typed."""

    why: Why
    said: str = ""


class Mailbox(Protocol):
    """What is read. *name* tells one mailbox from another for as long as it is configured the same."""

    name: str

    def visit(self, uid_validity: int, above: int, since: date | None = None) -> Visit | Shut:
        """What came after the message *above* of the numbering *uid_validity*; everything where the numbering is another
        now, but nothing from before *since*. Never raises for what the far side does."""

    def kept(self, messages: Sequence[Message]) -> None:
        """These are kept for good and need not be shown again."""


# ------------------------------------------------------------------ a folder of files


class Folder:
    """``*.eml`` files in *path*. What was kept goes to ``read/`` beside them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = f"folder:{path}"[:200]

    def visit(self, uid_validity: int, above: int, since: date | None = None) -> Visit | Shut:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
                return Shut(Why.FOLDER, f"{self.path}: not writable")
            names = sorted(name for name in os.listdir(self.path) if name.endswith(".eml") and not name.startswith("."))
            found: list[Message] = []
            left = False
            for name in names:
                if len(found) == BATCH or sum(len(one.data) for one in found) >= BULK:
                    left = True
                    break
                message = self._read(name)
                if message is not None:
                    found.append(message)
        except OSError as fault:
            return Shut(Why.FOLDER, _plain(fault))
        return Visit(0, tuple(found), more=left)

    def _read(self, name: str) -> Message | None:
        """None for what is no file, and for one that may still be being written."""
        path = self.path / name
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or 0 <= time.time() - found.st_mtime < 1:
            return None
        whole = found.st_size <= LIMIT
        with path.open("rb") as file:
            data = file.read(LIMIT if whole else HEAD)
        return Message(0, data, found.st_size, name, whole)

    def kept(self, messages: Sequence[Message]) -> None:
        read = self.path / "read"
        read.mkdir(exist_ok=True)
        for message in messages:
            target = read / message.source
            for number in range(2, 1000):
                if not target.exists():
                    break
                target = read / f"{Path(message.source).stem}.{number}.eml"
            try:
                os.replace(self.path / message.source, target)
            except OSError:
                continue  # somebody was quicker, or it cannot be moved: it is kept all the same, and known when it comes again


# ------------------------------------------------------------------ an IMAP server


class Imap:
    """*folder* of an IMAP server; *tls*: "" none, ``imaps`` from the first byte, ``starttls``.

    *context* decides which certificates are believed (default: the system's, with the host name checked); *patience*:
    seconds to wait for each answer.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str,
        password: str,
        folder: str = "INBOX",
        tls: str = "imaps",
        context: ssl.SSLContext | None = None,
        patience: float = 30.0,
        most: int = BATCH,
    ) -> None:
        self.host, self.port = host, port
        self._user, self._password, self._folder, self._tls = user, password, folder, tls
        self._context, self._patience, self._most = context, patience, most
        self.name = f"{user}@{host}:{port}/{folder}"[:200]

    def visit(self, uid_validity: int, above: int, since: date | None = None) -> Visit | Shut:
        stage = Why.UNREACHABLE
        box: BaseMailBox | None = None
        try:
            box = self._connected()
            stage = Why.LOGIN
            self._sign_in(box)
            stage = Why.FOLDER
            box.folder.set(self._folder, readonly=True)
            stage = Why.BROKEN
            return self._found(box, uid_validity, above, since)
        except ssl.SSLError as fault:
            return Shut(Why.UNTRUSTED if stage is Why.UNREACHABLE else stage, _plain(fault))
        except TimeoutError as fault:
            return Shut(Why.TOO_SLOW, _plain(fault))
        except OSError as fault:
            return Shut(Why.UNREACHABLE, _plain(fault))
        except MailboxLoginError as fault:
            return Shut(Why.LOGIN, _words(fault))
        except (ImapToolsError, imaplib.IMAP4.error, ValueError, LookupError, TypeError, AttributeError) as fault:
            # imaplib raises whatever its own confusion leads to when a server talks nonsense
            if stage is Why.UNREACHABLE:
                stage = Why.UNTRUSTED if self._tls == "starttls" else Why.BROKEN
            return Shut(stage, _words(fault))
        finally:
            if box is not None:
                _leave(box)

    def kept(self, messages: Sequence[Message]) -> None:
        """Nothing is changed on the server: the numbers say what has been read."""

    def _connected(self) -> BaseMailBox:
        if self._tls == "imaps":
            return MailBox(self.host, self.port, timeout=self._patience, ssl_context=self._trust())
        if self._tls == "starttls":
            return MailBoxStartTls(self.host, self.port, timeout=self._patience, ssl_context=self._trust())
        return MailBoxUnencrypted(self.host, self.port, timeout=self._patience)

    def _trust(self) -> ssl.SSLContext:
        return self._context or ssl.create_default_context()

    def _sign_in(self, box: BaseMailBox) -> None:
        if self._user.isascii() and self._password.isascii():
            box.login(self._user, self._password, initial_folder=None)
        else:
            box.login_utf8(self._user, self._password, initial_folder=None)

    def _found(self, box: BaseMailBox, uid_validity: int, above: int, since: date | None) -> Visit:
        standing = _number(box.client.response("UIDVALIDITY")[1])
        if standing != uid_validity:
            above = 0  # the server numbers anew: everything is looked at again, and known by its bytes
        wanted = [uid for uid in self._uids(box, above, since) if uid > above]
        found: list[Message] = []
        last, weight = above, 0
        for start in range(0, len(wanted), _AT_ONCE):
            sizes = _sizes(box, wanted[start : start + _AT_ONCE])
            for uid in wanted[start : start + _AT_ONCE]:
                if len(found) == self._most or weight >= BULK:
                    return Visit(standing, tuple(found), last, more=True)
                try:
                    message = self._message(box, uid, sizes.get(uid))
                except (OSError, imaplib.IMAP4.abort):
                    if not found:
                        raise
                    return Visit(standing, tuple(found), last)  # the line died: what came over it so far is not lost
                if message is not None:
                    found.append(message)
                    weight += len(message.data)
                last = uid
        return Visit(standing, tuple(found), last)

    def _uids(self, box: BaseMailBox, above: int, since: date | None) -> list[int]:
        # "5:*" names the last message even where its number is smaller: the caller looks again
        criteria = f"UID {above + 1}:*"
        if since is not None:
            criteria += f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        return sorted({int(uid) for uid in box.uids(criteria, charset=None)})

    def _message(self, box: BaseMailBox, uid: int, size: int | None) -> Message | None:
        """None for one that was taken away in the meantime; one that the server will not hand out is told, not passed over."""
        if size is None:
            return None
        whole = size <= LIMIT
        # bounded even where the server was wrong about the size; PEEK: reading it leaves it unread for people
        asked = f"(BODY.PEEK[]<0.{LIMIT}>)" if whole else f"(BODY.PEEK[HEADER]<0.{HEAD}>)"
        kind, answer = box.client.uid("FETCH", str(uid), asked)
        if kind == "OK" and (not answer or answer[0] is None):
            return None
        data = next((part[1] for part in answer if isinstance(part, tuple)), None) if kind == "OK" else None
        return (
            Message(uid, data, size, whole=whole) if isinstance(data, bytes) else Message(uid, b"", size, whole=False)
        )


def _sizes(box: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    kind, answer = box.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
    found = {}
    for part in answer if kind == "OK" else []:
        line = part[0] if isinstance(part, tuple) else part
        if isinstance(line, bytes):
            uid, size = re.search(rb"\bUID (\d+)", line), re.search(rb"\bRFC822\.SIZE (\d+)", line)
            if uid and size:
                found[int(uid[1])] = int(size[1])
    return found


def _number(answer: Iterable[Any]) -> int:
    """The number in an untagged answer; a server that numbers nothing could not be read by numbers."""
    for part in answer:
        if isinstance(part, bytes) and part.isdigit():
            return int(part)
    raise ValueError("the server gave no UIDVALIDITY")


def _leave(box: BaseMailBox) -> None:
    try:
        box.logout()
    except Exception:  # whatever is wrong with the line by now, what was read was read
        box.client.shutdown()


def _words(fault: Exception) -> str:
    """What the server said, out of the sentence that a library has made around it."""
    said = re.search(r"Data: \[(b'.*'|b\".*\")\]", str(fault))
    return _plain(ast.literal_eval(said[1]).decode("utf-8", "replace") if said else fault)


def _plain(said: object) -> str:
    text = str(said) or type(said).__name__
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]

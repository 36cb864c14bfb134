"""Tokens of the links that need no account.

A token is derived, never stored: ``purpose · id · issue`` and a keyed digest over them. Whoever reads the database
holds no link, and naming a new officer (issue + 1) kills the old one without touching it.

When the server key is changed, links that were made under the old one open until the end of its grace; new links are
made under the new key from the first minute.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from meetings.clock import now

PURPOSES: Final = ("m", "j", "v", "t", "c")
_DIGEST: Final = 16  # 128 bits: beyond guessing, and the whole token stays under 40 characters


class Claim(NamedTuple):
    """What a genuine token says: which link, and the how-manieth issue of it."""

    purpose: str
    id: int
    issue: int


class Keyring:
    """Makes tokens under one server key, and reads those of *older* keys until the instant that stands beside each."""

    def __init__(self, secret: str, older: Sequence[tuple[str, datetime]] = ()) -> None:
        self._key = _key(secret)
        self._older = [(_key(key), until) for key, until in older]

    def token(self, purpose: str, id: int, issue: int) -> str:
        """The token of issue *issue* of link *id*; the same each time it is asked for."""
        if purpose not in PURPOSES:
            raise ValueError(f"no links of the purpose {purpose!r}")
        return _written(self._key, f"{purpose}.{id:x}.{issue:x}".encode())

    def read(self, token: str) -> Claim | None:
        """The claim of a genuine token, None for anything else, however long or odd."""
        if not 20 < len(token) < 80 or not token.isascii():
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        digest, body = raw[:_DIGEST], raw[_DIGEST:]
        key = next((key for key in self._keys() if hmac.compare_digest(digest, _digest(key, body))), None)
        # base64 has several spellings of the same bytes; only the one we write is ours
        if key is None or not hmac.compare_digest(_written(key, body), token):
            return None
        purpose, id, issue = body.decode().split(".")
        return Claim(purpose, int(id, 16), int(issue, 16))

    def mark(self, subject: str, digits: int) -> str:
        """The first *digits*, in hexadecimal, of a keyed digest over *subject*: signs what is no link."""
        return _mark(self._key, subject, digits)

    def marked(self, subject: str, mark: str) -> bool:
        """Whether *mark* is one of *subject*, under this key or an older one."""
        genuine = (_mark(key, subject, len(mark)) for key in self._keys())
        return len(mark) >= 8 and any(hmac.compare_digest(one, mark) for one in genuine)

    def _keys(self) -> list[bytes]:
        at = now()
        return [self._key, *(key for key, until in self._older if at < until)]


def _key(secret: str) -> bytes:
    return hashlib.sha256(b"links\0" + secret.encode()).digest()


def _mark(key: bytes, subject: str, digits: int) -> str:
    return hmac.new(key, b"mark\0" + subject.encode(), hashlib.sha256).hexdigest()[:digits]


def _digest(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_DIGEST]


def _written(key: bytes, body: bytes) -> str:
    return base64.urlsafe_b64encode(_digest(key, body) + body).decode().rstrip("=")


_keyring: Keyring | None = None


def use(secret: str, older: Sequence[tuple[str, datetime]] = ()) -> None:
    """Take *secret* as the server key of this process; called once by ``create_app``. *older*: see :class:`Keyring`."""
    global _keyring
    _keyring = Keyring(secret, older)


def _ring() -> Keyring:
    if _keyring is None:
        raise RuntimeError("links.use() was not called: the application was not created")
    return _keyring


def token(purpose: str, id: int, issue: int) -> str:
    """:meth:`Keyring.token` under the server key."""
    return _ring().token(purpose, id, issue)


def read(token: str) -> Claim | None:
    """:meth:`Keyring.read` under the server key."""
    return _ring().read(token)


def mark(subject: str, digits: int) -> str:
    """:meth:`Keyring.mark` under the server key."""
    return _ring().mark(subject, digits)


def marked(subject: str, mark: str) -> bool:
    """:meth:`Keyring.marked` under the server key."""
    return _ring().marked(subject, mark)

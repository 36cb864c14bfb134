"""Tokens of the links that need no account.

A token is derived, never stored: ``purpose · id · issue`` and a keyed digest over them. Whoever reads the database
holds no link, and naming a new officer (issue + 1) kills the old one without touching it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final, NamedTuple

PURPOSES: Final = ("m", "j", "v", "t", "c")
_DIGEST: Final = 16  # 128 bits: beyond guessing, and the whole token stays under 40 characters


class Claim(NamedTuple):
    """What a genuine token says: which link, and the how-manieth issue of it."""

    purpose: str
    id: int
    issue: int


class Keyring:
    """Makes and reads tokens under one server key."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"links\0" + secret.encode()).digest()

    def token(self, purpose: str, id: int, issue: int) -> str:
        """The token of issue *issue* of link *id*; the same each time it is asked for."""
        if purpose not in PURPOSES:
            raise ValueError(f"no links of the purpose {purpose!r}")
        body = f"{purpose}.{id:x}.{issue:x}".encode()
        return base64.urlsafe_b64encode(self._digest(body) + body).decode().rstrip("=")

    def read(self, token: str) -> Claim | None:
        """The claim of a genuine token, None for anything else, however long or odd."""
        if not 20 < len(token) < 80 or not token.isascii():
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        digest, body = raw[:_DIGEST], raw[_DIGEST:]
        if not hmac.compare_digest(digest, self._digest(body)):
            return None
        purpose, id, issue = body.decode().split(".")
        # base64 has several spellings of the same bytes; only the one we write is ours
        claim = Claim(purpose, int(id, 16), int(issue, 16))
        return claim if hmac.compare_digest(self.token(*claim), token) else None

    def _digest(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:_DIGEST]


_keyring: Keyring | None = None


def use(secret: str) -> None:
    """Take *secret* as the server key of this process; called once by ``create_app``."""
    global _keyring
    _keyring = Keyring(secret)


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

"""Bytes that the database keeps without being able to read them: sealed under the server key.

Mail that comes in quotes letters of ours with the private links in them. Kept as it came, every copy of the database would
hold links that open; sealed, it holds none, and the message can still be shown byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_ring: MultiFernet | None = None


def use(secret: str, older: Sequence[str] = ()) -> None:
    """Take *secret* as the server key of this process; called once by ``create_app``. What was sealed under *older* keys
    opens as long as they are named."""
    global _ring
    _ring = MultiFernet([Fernet(_key(one)) for one in (secret, *older)])


def seal(data: bytes) -> bytes:
    """*data*, readable under the server key only."""
    return _keys().encrypt(data)


def opened(sealed: bytes) -> bytes | None:
    """What :func:`seal` was given; None where its key is no longer known."""
    try:
        return _keys().decrypt(sealed)
    except InvalidToken:
        return None


def _keys() -> MultiFernet:
    if _ring is None:
        raise RuntimeError("sealed.use() was not called: the application was not created")
    return _ring


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"sealed\0" + secret.encode()).digest())

"""How an entry is bound to its details, and a batch of entries to the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

GENESIS: Final = "0" * 64
_RETRIES: Final = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))


def canonical(details: dict[str, Any]) -> bytes:
    """The one spelling of *details* that is hashed: sorted keys, UTF-8, no spaces."""
    return json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(details: dict[str, Any]) -> str:
    """SHA-256 of the canonical spelling."""
    return hashlib.sha256(canonical(details)).hexdigest()


def chained(previous: str, lines: Iterable[tuple[int, datetime, str, str, str, str, str]]) -> str:
    """SHA-256 over the previous seal and ``(id, at, fact, actor, subject, root, digest)`` of each entry, in order."""
    sha = hashlib.sha256(previous.encode())
    for id, at, *words in lines:
        sha.update(
            "\x1f".join((str(id), at.astimezone(UTC).isoformat(timespec="microseconds"), *words)).encode() + b"\x1e"
        )
    return sha.hexdigest()


def retry_after(attempts: int) -> timedelta:
    """How long a follow-up that failed *attempts* times waits; it is never given up, only tried more seldom."""
    return _RETRIES[min(attempts, len(_RETRIES)) - 1]

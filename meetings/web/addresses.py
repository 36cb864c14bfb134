"""Addresses that a reader is sent to: pages of ours, and nothing that a browser takes elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def ours(address: str) -> str:
    """*address* if it is a path of this product, else "".

    A browser leaves for another host on ``//host`` and on ``/\\host``, although both begin like a path of ours.
    """
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if own and not urlsplit(address).netloc else ""


def came_from() -> str:
    """The path and query of the page of ours that the reader came from; "" for any other."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host:
        return ""
    return ours(f"{came.path}?{came.query}" if came.query else came.path)

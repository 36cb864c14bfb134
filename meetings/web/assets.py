"""Addresses of our own style sheets and scripts; the face is made from an installed package."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from flask import url_for

STATIC: Final = Path(__file__).parent / "static"


@cache
def _version(filename: str) -> str:
    path = STATIC / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def asset_url(filename: str) -> str:
    """The address of a static file, with its content's digest: it may be cached for ever."""
    return url_for("static", filename=filename, v=_version(filename))

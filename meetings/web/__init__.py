"""What every page shares: forms, paging, notices, the door at which a request commits, and the headers."""

from __future__ import annotations

from typing import Any

from flask import flash


def notice(text: Any, kind: str = "done") -> None:
    """A sentence for the next page: *kind* is ``done``, ``warn`` or ``error``."""
    flash(str(text), kind)

"""A row of the work list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ToDo:
    """A row of the work list: how pressing (0 now, 1 overdue, 2 today, 3 waits), one sentence, one button."""

    weight: int
    sentence: str
    code: str
    label: str
    url: str
